//! Conversations on the web and by messages: contacts that are no calls.

use caruso_contact::{Answer, EndCause, QueueId, ScriptId};

use super::*;
use crate::{
    Conversation, LONGEST_CONVERSATION, LONGEST_WRITTEN_WAIT, MAX_CONVERSATIONS, NotTaken, Stand,
};

pub(crate) fn reported(number: u128, stand: Stand) -> Input {
    let script = ScriptId::new("menu").expect("a name");
    let conversation = Conversation { channel: Channel::Web, calling: None, script };
    Input::Reported { contact: contact(number), conversation, stand }
}

pub(crate) fn to_queue(queue: &str) -> Stand {
    let answer = Answer { question: "What is it about?".into(), answer: "Gas".into() };
    Stand::HandedOff {
        queue: QueueId::new(queue).expect("a name"),
        attributes: BTreeMap::new().into(),
        answers: vec![answer].into(),
    }
}

impl Desk {
    fn report(&mut self, number: u128, stand: Stand) -> Vec<String> {
        self.take(reported(number, stand))
    }

    /// Kinds of events of a contact, in order.
    fn story(&self, number: u128) -> Vec<&'static str> {
        let events = self.log.iter().filter(|(_, it)| it.contact() == Some(contact(number)));
        events.map(|(_, event)| event.type_name()).collect()
    }

    fn ends(&self, number: u128) -> Vec<EndCause> {
        let causes = self.log.iter().filter_map(|(_, event)| match event {
            Event::Contact { contact: of, event: ContactEvent::Ended { cause, .. } }
                if *of == contact(number) =>
            {
                Some(*cause)
            }
            _ => None,
        });
        causes.collect()
    }

    fn accept(&mut self, name: &str, number: u128) -> Result<Decision, Refusal> {
        self.try_take(Input::Accept { agent: agent(name), contact: contact(number) })
    }
}

#[test]
fn a_report_that_comes_again_changes_nothing_and_the_last_one_suffices() {
    let mut desk = Desk::new();
    desk.report(1, Stand::GoesOn);
    desk.report(1, Stand::GoesOn);
    assert_eq!(desk.story(1), ["contact.arrived", "contact.ivr-started"]);
    assert_eq!(desk.report(1, Stand::Finished), ["file 1"]);
    assert_eq!(desk.ends(1), [EndCause::Finished]);

    desk.report(2, to_queue("calm"));
    desk.report(2, Stand::GoesOn);
    desk.report(2, Stand::Left);
    desk.report(2, to_queue("urgent"));
    let story =
        ["contact.arrived", "contact.ivr-started", "contact.ivr-ended", "contact.queue-entered"];
    assert_eq!(desk.story(2), story, "what waits is not told twice, nor taken away");

    desk.report(3, Stand::GoesOn);
    desk.report(3, Stand::Left);
    desk.report(4, Stand::Failed);
    assert_eq!(
        (desk.ends(3), desk.ends(4)),
        (vec![EndCause::BrokenOff], vec![EndCause::BrokenOff])
    );
}

#[test]
fn an_agent_accepts_a_conversation_at_the_desk_and_closes_it() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.report(1, to_queue("calm"));
    assert_eq!(desk.state("anna"), "offered 1");
    let nobody = desk.accept("bram", 1);
    assert_eq!(nobody, Err(Refusal::NotOffered));
    desk.accept("anna", 1).expect("it is offered");
    assert_eq!(desk.state("anna"), "talking 1");
    let again = desk.accept("anna", 1).expect("the same request");
    assert!(again.events.is_empty());
    desk.take(Input::HangUp { agent: agent("anna"), contact: contact(1) });
    assert_eq!((desk.state("anna"), desk.ends(1)), ("wrap-up 1".into(), vec![EndCause::Closed]));
    desk.dispose("anna", 1).expect("in wrap-up");
    assert_eq!(desk.state("anna"), "ready");
}

#[test]
fn a_call_is_not_accepted_at_the_desk_and_is_no_conversation() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.call(1, "calm");
    assert_eq!(desk.accept("anna", 1), Err(Refusal::IsCall));
    assert_eq!(desk.try_take(reported(1, Stand::Left)), Err(Refusal::IsCall));
    assert_eq!(desk.state("anna"), "offered 1");
}

#[test]
fn who_does_not_accept_is_not_ready_and_the_conversation_keeps_its_place() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.report(1, to_queue("calm"));
    desk.pass(1);
    desk.report(2, to_queue("calm"));
    desk.pass(20);
    assert_eq!(desk.state("anna"), "not-ready no-answer");
    desk.take(Input::SetReady { agent: agent("anna") });
    assert_eq!(desk.state("anna"), "offered 1", "it was there first");
    desk.take(Input::Decline { agent: agent("anna"), contact: contact(1) });
    assert_eq!(desk.state("anna"), "not-ready rejected");
    desk.ready("bram", "all");
    assert_eq!(desk.state("bram"), "offered 1");
    let offer = desk.offer("bram");
    desk.take(Input::NotTaken { offer, because: NotTaken::Unreachable });
    assert_eq!(desk.state("bram"), "not-ready phone-unreachable");
}

#[test]
fn calls_and_conversations_wait_in_one_line_and_each_has_room_of_its_own() {
    let mut desk = Desk::new();
    for number in 1..=4 {
        desk.report(number, to_queue("urgent"));
        desk.pass(1);
    }
    assert_eq!(desk.ends(4), [EndCause::QueueFull], "there is room for three");
    desk.call(5, "urgent");
    let urgent = QueueId::new("urgent").expect("a name");
    assert_eq!((desk.router.length(&urgent, false), desk.router.length(&urgent, true)), (3, 1));
    for (name, expected) in
        [("anna", "offered 1"), ("bram", "offered 2"), ("cees", "offered 3"), ("dirk", "offered 5")]
    {
        desk.ready(name, "all");
        assert_eq!(desk.state(name), expected);
    }
}

#[test]
fn a_restart_ends_calls_and_keeps_conversations_where_they_are() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.ready("bram", "all");
    desk.report(1, to_queue("calm"));
    desk.accept("anna", 1).expect("it is offered");
    desk.report(2, to_queue("calm"));
    desk.pass(1);
    desk.report(3, to_queue("calm"));
    desk.report(4, Stand::GoesOn);
    desk.call(5, "calm");
    assert_eq!(desk.state("bram"), "offered 2");
    let mut replayed = Router::new(configuration(), Domain::default());
    for (at, event) in &desk.log {
        replayed.apply(*at, event);
    }
    assert_eq!(replayed.domain(), desk.router.domain());
    desk.router = replayed;
    desk.recover(&[]);
    assert_eq!(desk.ends(5), [EndCause::Restarted]);
    assert_eq!(desk.state("anna"), "talking 1");
    assert_eq!(desk.state("bram"), "offered 2", "it was taken back and is first in line");
    desk.report(4, to_queue("calm"));
    desk.ready("cees", "all");
    desk.ready("dirk", "all");
    assert_eq!((desk.state("cees"), desk.state("dirk")), ("offered 3".into(), "offered 4".into()));
}

#[test]
fn what_nobody_reports_on_any_more_ends_and_so_does_the_longest_wait() {
    let mut desk = Desk::new();
    desk.report(1, Stand::GoesOn);
    desk.report(2, to_queue("calm"));
    desk.call(3, "calm");
    desk.pass(LONGEST_CONVERSATION.as_secs() - 2);
    assert_eq!((desk.ends(1), desk.ends(3)), (vec![], vec![EndCause::WaitedTooLong]));
    desk.pass(2);
    assert_eq!((desk.ends(1), desk.ends(2)), (vec![EndCause::Lost], vec![]));
    desk.pass(LONGEST_WRITTEN_WAIT.as_secs() - LONGEST_CONVERSATION.as_secs());
    assert_eq!(desk.ends(2), [EndCause::WaitedTooLong]);
    assert!(desk.router.domain().contacts().next().is_none());
}

#[test]
fn strangers_who_begin_conversations_leave_room_for_calls_and_for_those_who_end_theirs() {
    let mut desk = Desk::new();
    for number in 0..MAX_CONVERSATIONS as u128 {
        desk.report(100 + number, Stand::GoesOn);
    }
    assert_eq!(desk.try_take(reported(1, Stand::GoesOn)), Err(Refusal::Full));
    desk.report(1, to_queue("calm"));
    desk.call(2, "calm");
    desk.ready("anna", "all");
    desk.ready("bram", "all");
    assert_eq!((desk.state("anna"), desk.state("bram")), ("offered 1".into(), "offered 2".into()));
}

#[test]
fn a_queue_that_is_gone_loses_neither_customer_nor_what_they_said() {
    let mut desk = Desk::new();
    desk.report(1, to_queue("gone"));
    let entered = desk.log.iter().find_map(|(_, event)| match event {
        Event::Contact { event: ContactEvent::QueueEntered { queue, answers, .. }, .. } => {
            Some((queue.to_string(), answers.as_ref()?.known()?.len()))
        }
        _ => None,
    });
    assert_eq!(entered, Some(("calm".to_owned(), 1)));
}
