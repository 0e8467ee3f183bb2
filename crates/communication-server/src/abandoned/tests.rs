use caruso_contact::{Channel, DialEvidence, OfferId, PurposeId};
use uuid::Uuid;

use super::*;

const EVA: &str = "+31612345678";

#[derive(Default)]
struct Told(Abandoned);

fn contact(number: u128) -> ContactId {
    ContactId(Uuid::from_u128(number))
}

fn at(seconds: u64) -> Time {
    Time::from_millis(seconds * 1_000)
}

fn agent(name: &str) -> AgentId {
    AgentId::new(name).expect("a name")
}

fn queue(name: &str) -> QueueId {
    QueueId::new(name).expect("a name")
}

impl Told {
    fn tell(&mut self, seconds: u64, number: u128, event: ContactEvent) {
        let event = Event::Contact { contact: contact(number), event };
        self.0.apply(at(seconds), &event, None);
    }

    fn waits(&mut self, seconds: u64, number: u128, calling: &str) {
        let calling = Some(Personal::Known(calling.to_owned()));
        let (called, channel) = ("100".to_owned(), Channel::Voice);
        self.tell(
            seconds,
            number,
            ContactEvent::Arrived { calling, signalled: None, called, channel },
        );
        self.enters(seconds, number, "moving");
    }

    fn enters(&mut self, seconds: u64, number: u128, name: &str) {
        let entered = ContactEvent::QueueEntered {
            queue: queue(name),
            priority: 0,
            counts_from: None,
            attributes: Personal::Known(Default::default()),
            answers: None,
            since: None,
            declared: Default::default(),
        };
        self.tell(seconds, number, entered);
    }

    fn hangs_up(&mut self, seconds: u64, number: u128) {
        let (by, cause) = (Party::Customer, EndCause::HungUp);
        self.tell(seconds, number, ContactEvent::Ended { by, cause });
    }

    fn dials(&mut self, seconds: u64, number: u128, name: &str, called: &str) {
        let evidence = DialEvidence {
            purpose: PurposeId::new("move").expect("a name"),
            decided_at: at(seconds),
            denied: None,
            is_emergency: false,
            zones: Vec::new(),
            attempts: None,
        };
        let dialled = ContactEvent::Dialled {
            agent: agent(name),
            offer: OfferId(Uuid::nil()),
            number: called.to_owned().into(),
            called: Some(called.to_owned().into()),
            queue: queue("moving"),
            deadline: at(seconds + 20),
            evidence,
            at_phone: false,
            is_aside: false,
        };
        self.tell(seconds, number, dialled);
        let called = ContactEvent::CustomerCalled {
            agent: agent(name),
            deadline: at(seconds + 30),
            evidence: None,
        };
        self.tell(seconds, number, called);
    }

    fn connects(&mut self, seconds: u64, number: u128) {
        let offer = OfferId(Uuid::nil());
        self.tell(seconds, number, ContactEvent::Connected { offer, agent: agent("anna") });
    }

    fn list(&self, seconds: u64) -> Vec<(u128, String, u64, u32, u32)> {
        let told = |it: &Entry| {
            let waited = it.waited.as_secs();
            (it.contact.0.as_u128(), it.queue.to_string(), waited, it.times, it.attempts)
        };
        self.0.entries(at(seconds)).map(told).collect()
    }
}

#[test]
fn who_hangs_up_waiting_is_listed_once_however_often_with_the_whole_wait() {
    let mut told = Told::default();
    told.waits(10, 1, EVA);
    told.hangs_up(40, 1);
    told.waits(50, 2, "+31687654321");
    told.enters(70, 2, "faults");
    told.hangs_up(80, 2);
    told.waits(90, 3, EVA);
    told.hangs_up(95, 3);
    let expected = [(3, "moving".to_owned(), 5, 2, 0), (2, "faults".to_owned(), 30, 1, 0)];
    assert_eq!(told.list(100), expected);
    assert!(told.0.entry(contact(1)).is_none(), "the later one names it");
}

#[test]
fn who_talks_is_off_whoever_called_whom_and_who_did_not_give_up_is_never_on() {
    let mut told = Told::default();
    told.waits(10, 1, EVA);
    told.hangs_up(40, 1);
    told.waits(50, 2, EVA);
    told.connects(60, 2);
    told.hangs_up(70, 2);
    assert!(told.list(80).is_empty(), "called again, and was answered");
    told.waits(90, 3, EVA);
    told.hangs_up(95, 3);
    told.dials(100, 4, "anna", EVA);
    told.connects(110, 4);
    told.hangs_up(120, 4);
    assert!(told.list(130).is_empty(), "called back, and answered");
    told.waits(140, 5, EVA);
    let (by, cause) = (Party::System, EndCause::WaitedTooLong);
    told.tell(150, 5, ContactEvent::Ended { by, cause });
    told.waits(160, 6, EVA);
    let (deadline, keep_until) = (at(300), at(900));
    told.tell(170, 6, ContactEvent::VoicemailStarted { deadline, keep_until });
    told.hangs_up(180, 6);
    assert!(told.list(190).is_empty(), "we ended it; a message was left");
}

#[test]
fn who_asked_to_be_called_back_is_off_once_they_are_reached() {
    let mut told = Told::default();
    told.waits(10, 1, EVA);
    told.hangs_up(40, 1);
    told.waits(50, 2, "+31687654321");
    let asked = ContactEvent::CallbackAsked {
        number: EVA.to_owned().into(),
        not_before: at(60),
        expires_at: at(900),
    };
    told.tell(55, 2, asked);
    let deadline = at(130);
    let called = ContactEvent::CustomerCalled { agent: agent("anna"), deadline, evidence: None };
    told.tell(100, 2, called);
    assert_eq!(told.list(110), [(1, "moving".to_owned(), 30, 1, 1)], "tried once");
    let calling = |told: &Told| told.0.entry(contact(1)).and_then(|it| it.calling.clone());
    assert_eq!(calling(&told), Some((agent("anna"), contact(2))));
    let postponed = ContactEvent::CallbackPostponed {
        agent: agent("anna"),
        cause: EndCause::Busy,
        is_attempt: true,
        not_before: at(115),
        evidence: None,
    };
    told.tell(112, 2, postponed);
    assert_eq!(calling(&told), None);
    told.connects(120, 2);
    told.hangs_up(130, 2);
    assert!(told.list(140).is_empty());
}

#[test]
fn who_calls_them_has_the_entry_until_the_call_is_over_and_it_counts() {
    let mut told = Told::default();
    told.waits(10, 1, EVA);
    told.hangs_up(40, 1);
    told.dials(100, 2, "anna", EVA);
    let entry = told.0.entry(contact(1)).expect("listed");
    assert_eq!(entry.calling, Some((agent("anna"), contact(2))));
    assert_eq!((entry.attempts, entry.tried_at), (1, Some(at(100))));
    let (by, cause) = (Party::System, EndCause::NoAnswer);
    told.tell(130, 2, ContactEvent::Ended { by, cause });
    assert_eq!(told.0.entry(contact(1)).and_then(|it| it.calling.clone()), None);
    told.waits(200, 3, EVA);
    told.hangs_up(230, 3);
    assert_eq!(told.list(240), [(3, "moving".to_owned(), 30, 2, 1)], "what was tried is kept");
}

#[test]
fn the_list_has_a_limit_and_forgets_what_is_old() {
    let mut told = Told::default();
    for number in 0..=MOST as u128 {
        let seconds = number as u64;
        told.waits(seconds, number, &format!("+3161{number:07}"));
        told.hangs_up(seconds, number);
    }
    let now = MOST as u64;
    assert_eq!(told.list(now).len(), MOST);
    assert!(told.0.entry(contact(0)).is_none());
    let later = now + LONGEST.as_secs();
    assert!(told.list(later).is_empty());
    told.waits(later, 9_999, EVA);
    told.hangs_up(later, 9_999);
    assert_eq!((told.0.entries.len(), told.0.by_contact.len()), (1, 1));
}
