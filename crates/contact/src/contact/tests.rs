use uuid::Uuid;

use super::*;
use crate::{ConsultationEnd, IvrEnd, Overflow, ScriptId, WrapUpEnd};

const ID: ContactId = ContactId(Uuid::from_u128(1));

fn agent() -> AgentId {
    AgentId::new("anna").expect("a name")
}

fn at(seconds: u64) -> Time {
    Time::from_millis(seconds * 1000)
}

fn told(events: &[(u64, ContactEvent)]) -> Contact {
    let (first, arrived) = &events[0];
    let mut contact = Contact::begin(ID, at(*first), arrived).expect("it begins with an arrival");
    for (seconds, event) in events {
        contact.apply(at(*seconds), event);
    }
    contact
}

fn arrived() -> ContactEvent {
    ContactEvent::Arrived {
        calling: Some("0612345678".to_owned().into()),
        signalled: None,
        called: "0305550100".into(),
        channel: Channel::Voice,
    }
}

fn queued() -> ContactEvent {
    ContactEvent::QueueEntered {
        queue: QueueId::new("faults").expect("a name"),
        priority: 0,
        counts_from: None,
        attributes: Personal::Known([("topic".to_owned(), "outage".to_owned())].into()),
        answers: None,
        since: None,
        declared: Default::default(),
    }
}

fn offered(offer: u128) -> ContactEvent {
    ContactEvent::Offered {
        offer: OfferId(Uuid::from_u128(offer)),
        queue: QueueId::new("faults").expect("a name"),
        agent: agent(),
        deadline: at(60),
        why: Why {
            decided_at: at(20),
            priority: 0,
            waiting_since: at(10),
            counts_from: None,
            waiting_behind: 0,
            asked: None,
            strategy: Default::default(),
            preferred: None,
            candidates: Vec::new(),
            more_candidates: 0,
            excluded: Vec::new(),
            more_excluded: 0,
            overflowed_from: None,
            preferred_agent: None,
            prioritized_by: None,
            transferred_by: None,
        },
    }
}

fn offer_ended(offer: u128, reason: OfferEnd) -> ContactEvent {
    ContactEvent::OfferEnded { offer: OfferId(Uuid::from_u128(offer)), agent: agent(), reason }
}

type Told = (&'static str, u64, Option<(u64, &'static str)>);

fn segments(contact: &Contact) -> Vec<Told> {
    let seconds = |time: Time| time.as_millis() / 1000;
    let segment = |it: &Segment| {
        (it.kind.name(), seconds(it.started_at), it.ended.map(|(at, why)| (seconds(at), why)))
    };
    contact.segments.iter().map(segment).collect()
}

#[test]
fn a_whole_contact_has_segments_without_gaps() {
    let contact = told(&[
        (0, arrived()),
        (0, ContactEvent::IvrStarted { script: ScriptId::new("menu").expect("a name") }),
        (10, ContactEvent::IvrEnded { outcome: IvrEnd::HandedOff }),
        (10, queued()),
        (20, offered(1)),
        (40, offer_ended(1, OfferEnd::NoAnswer)),
        (50, offered(2)),
        (55, ContactEvent::Connected { offer: OfferId(Uuid::from_u128(2)), agent: agent() }),
        (99, ContactEvent::Ended { by: Party::Customer, cause: EndCause::HungUp }),
        (99, ContactEvent::WrapUpStarted { agent: agent(), deadline: at(200) }),
        (120, ContactEvent::WrapUpEnded { agent: agent(), cause: WrapUpEnd::Finished }),
    ]);
    assert_eq!(
        segments(&contact),
        [
            ("ivr", 0, Some((10, "handed-off"))),
            ("waiting", 10, Some((20, "offered"))),
            ("offered", 20, Some((40, "no-answer"))),
            ("waiting", 40, Some((50, "offered"))),
            ("offered", 50, Some((55, "accepted"))),
            ("with-agent", 55, Some((99, "hung-up"))),
            ("wrap-up", 99, Some((120, "finished"))),
        ]
    );
    let outcomes: Vec<_> = contact.offers.iter().map(|offer| offer.outcome).collect();
    assert_eq!(outcomes, [Some("no-answer"), Some("accepted")]);
    assert!(contact.is_over());
}

#[test]
fn time_on_hold_is_a_segment_of_its_own_wherever_the_call_is_held() {
    let held = |place| ContactEvent::Held { agent: agent(), place };
    let mut contact = told(&[
        (0, arrived()),
        (0, queued()),
        (5, offered(1)),
        (8, ContactEvent::Connected { offer: OfferId(Uuid::from_u128(1)), agent: agent() }),
        (20, held(HoldPlace::Desk)),
        (25, held(HoldPlace::Telephone)),
    ]);
    assert_eq!(contact.held, Some((at(20), HoldPlace::Telephone)));
    contact.apply(at(30), &ContactEvent::Retrieved { agent: agent() });
    assert_eq!(contact.held, None);
    contact.apply(at(40), &held(HoldPlace::Desk));
    contact.apply(at(44), &ContactEvent::Ended { by: Party::Customer, cause: EndCause::HungUp });
    assert_eq!(contact.held, None);
    assert_eq!(
        segments(&contact)[2..],
        [
            ("with-agent", 8, Some((20, "held"))),
            ("on-hold", 20, Some((30, "retrieved"))),
            ("with-agent", 30, Some((40, "held"))),
            ("on-hold", 40, Some((44, "hung-up"))),
        ]
    );
}

#[test]
fn while_several_phones_ring_the_customer_waits_through_one_segment_of_no_agent_alone() {
    let contact = told(&[
        (0, arrived()),
        (0, queued()),
        (5, offered(1)),
        (5, offered(2)),
        (7, offer_ended(1, OfferEnd::Rejected)),
        (9, offered(3)),
        (12, offer_ended(2, OfferEnd::AnsweredElsewhere)),
        (12, ContactEvent::Connected { offer: OfferId(Uuid::from_u128(3)), agent: agent() }),
    ]);
    assert_eq!(
        segments(&contact),
        [
            ("waiting", 0, Some((5, "offered"))),
            ("offered", 5, Some((12, "accepted"))),
            ("with-agent", 12, None)
        ]
    );
    assert_eq!(contact.segments[1].agent, None);
    let outcomes: Vec<_> = contact.offers.iter().map(|it| it.outcome).collect();
    assert_eq!(outcomes, ["rejected", "answered-elsewhere", "accepted"].map(Some));
}

#[test]
fn a_caller_who_leaves_while_a_phone_rings_leaves_no_open_segment() {
    let contact = told(&[
        (0, arrived()),
        (0, queued()),
        (5, offered(1)),
        (8, offer_ended(1, OfferEnd::CallerGone)),
        (8, ContactEvent::Ended { by: Party::Customer, cause: EndCause::HungUp }),
    ]);
    assert_eq!(
        segments(&contact),
        [("waiting", 0, Some((5, "offered"))), ("offered", 5, Some((8, "caller-gone")))]
    );
    assert!(contact.is_over());
}

#[test]
fn what_was_answered_before_the_queue_is_read_as_it_was_written_and_logs_of_before_have_none() {
    let answer = crate::Answer { question: "Which meter?".into(), answer: "Gas".into() };
    let ContactEvent::QueueEntered { queue, priority, attributes, since, .. } = queued() else {
        panic!("it is one")
    };
    let answers = Some(vec![answer].into());
    let counts_from = None;
    let event = ContactEvent::QueueEntered {
        queue,
        priority,
        counts_from,
        attributes,
        answers,
        since,
        declared: Default::default(),
    };
    let event = crate::Event::Contact { contact: ID, event };
    let json = serde_json::to_value(&event).expect("JSON");
    for pointer in event.personal_pointers() {
        assert!(json.pointer(pointer).is_some(), "{pointer}");
    }
    assert_eq!(event.personal_pointers(), ["/event/attributes", "/event/answers"]);
    assert_eq!(serde_json::from_value::<crate::Event>(json).expect("its own form"), event);
    let before = crate::Event::Contact { contact: ID, event: queued() };
    let json = serde_json::to_value(&before).expect("JSON");
    assert!(json.pointer("/event/answers").is_none(), "as before there were any");
    assert_eq!(before.personal_pointers(), ["/event/attributes"]);
}

#[test]
fn the_wrap_up_of_who_passed_it_on_stands_beside_what_follows() {
    let bram = AgentId::new("bram").expect("a name");
    let more = ContactEvent::QueueEntered {
        queue: QueueId::new("moving").expect("a name"),
        priority: 0,
        counts_from: None,
        attributes: Personal::Known([("street".to_owned(), "Oudegracht".to_owned())].into()),
        answers: None,
        since: None,
        declared: Default::default(),
    };
    let note = Personal::Known("moves on Monday".to_owned());
    let mut contact = told(&[
        (0, arrived()),
        (0, queued()),
        (5, offered(1)),
        (8, ContactEvent::Connected { offer: OfferId(Uuid::from_u128(1)), agent: agent() }),
        (20, ContactEvent::Transferred { agent: agent(), note: note.clone() }),
        (20, ContactEvent::WrapUpStarted { agent: agent(), deadline: at(80) }),
        (20, more),
    ]);
    assert_eq!((contact.connected_at, contact.transfers.len()), (None, 1));
    assert_eq!(contact.transfers[0].note, note);
    let known = contact.attributes.as_ref().and_then(Personal::known).expect("handed over");
    assert_eq!(known.keys().collect::<Vec<_>>(), ["street", "topic"]);
    assert_eq!(contact.current_segment().map(|it| it.kind), Some(SegmentKind::Waiting));
    let last = [
        (30, ContactEvent::Ended { by: Party::Customer, cause: EndCause::HungUp }),
        (50, ContactEvent::WrapUpEnded { agent: bram, cause: WrapUpEnd::Finished }),
        (60, ContactEvent::WrapUpEnded { agent: agent(), cause: WrapUpEnd::Finished }),
    ];
    for (seconds, event) in last {
        assert!(!contact.is_over());
        contact.apply(at(seconds), &event);
    }
    assert!(contact.is_over());
    assert_eq!(
        segments(&contact)[2..],
        [
            ("with-agent", 8, Some((20, "transferred"))),
            ("wrap-up", 20, Some((60, "finished"))),
            ("waiting", 20, Some((30, "hung-up"))),
        ]
    );
}

#[test]
fn a_colleague_who_is_asked_stands_beside_the_customer_on_hold_and_gets_the_note() {
    let offer = OfferId(Uuid::from_u128(2));
    let bram = || AgentId::new("bram").expect("a name");
    let note = Personal::Known("which meter?".to_owned());
    let asked = ContactEvent::ConsultationAsked {
        agent: agent(),
        offer,
        asked: bram().into(),
        called: None,
        deadline: at(60),
        note: note.clone(),
        script_session: Some("s1".to_owned()),
        line: None,
    };
    let event = crate::Event::Contact { contact: ID, event: asked.clone() };
    let json = serde_json::to_value(&event).expect("JSON");
    assert!(json.pointer(event.personal_pointers()[0]).is_some());
    assert_eq!(serde_json::from_value::<crate::Event>(json).expect("its own form"), event);
    let ended = |reason| ContactEvent::ConsultationEnded { offer, asked: bram().into(), reason };
    let mut contact = told(&[
        (0, arrived()),
        (0, queued()),
        (5, offered(1)),
        (8, ContactEvent::Connected { offer: OfferId(Uuid::from_u128(1)), agent: agent() }),
        (10, ContactEvent::Held { agent: agent(), place: HoldPlace::Desk }),
        (10, asked.clone()),
        (15, ended(ConsultationEnd::NoAnswer)),
        (16, asked),
        (20, ContactEvent::ConsultationAnswered { offer, asked: bram().into() }),
    ]);
    assert_eq!(contact.current_segment().map(|it| it.kind), Some(SegmentKind::OnHold));
    assert_eq!(contact.consultation().map(|it| it.answered_at), Some(Some(at(20))));
    contact.apply(at(30), &ended(ConsultationEnd::Completed));
    let handed = ContactEvent::Transferred { agent: agent(), note: String::new().into() };
    contact.apply(at(30), &handed);
    contact.apply(at(30), &ContactEvent::Connected { offer, agent: bram() });
    assert_eq!((contact.consultation(), contact.transfers[0].note.clone()), (None, note));
    assert_eq!(
        segments(&contact)[2..],
        [
            ("with-agent", 8, Some((10, "held"))),
            ("on-hold", 10, Some((30, "transferred"))),
            ("consultation", 20, Some((30, "completed"))),
            ("with-agent", 30, None),
        ]
    );
    contact.apply(at(40), &ContactEvent::Transferred { agent: bram(), note: String::new().into() });
    assert_eq!(contact.transfers[1].note, Personal::Known(String::new()), "not the old one");
}

#[test]
fn a_conference_stands_beside_the_conversation_until_the_customer_is_on_hold() {
    let offer = OfferId(Uuid::from_u128(2));
    let bram = || AgentId::new("bram").expect("a name");
    let held = || ContactEvent::Held { agent: agent(), place: HoldPlace::Desk };
    let reason = ConsultationEnd::Finished;
    let contact = told(&[
        (0, arrived()),
        (0, queued()),
        (5, offered(1)),
        (8, ContactEvent::Connected { offer: OfferId(Uuid::from_u128(1)), agent: agent() }),
        (10, held()),
        (
            10,
            ContactEvent::ConsultationAsked {
                agent: agent(),
                offer,
                asked: bram().into(),
                called: None,
                deadline: at(60),
                note: String::new().into(),
                script_session: None,
                line: None,
            },
        ),
        (20, ContactEvent::ConsultationAnswered { offer, asked: bram().into() }),
        (30, ContactEvent::Retrieved { agent: agent() }),
        (30, ContactEvent::ConferenceStarted { agent: agent() }),
        (40, held()),
        (50, ContactEvent::ConsultationEnded { offer, asked: bram().into(), reason }),
    ]);
    assert_eq!(
        segments(&contact)[2..],
        [
            ("with-agent", 8, Some((10, "held"))),
            ("on-hold", 10, Some((30, "retrieved"))),
            ("consultation", 20, Some((30, "conference"))),
            ("with-agent", 30, Some((40, "held"))),
            ("conference", 30, Some((40, "held"))),
            ("on-hold", 40, None),
            ("consultation", 40, Some((50, "finished"))),
        ]
    );
}

fn dialled(denied: Option<crate::DialRule>) -> ContactEvent {
    ContactEvent::Dialled {
        agent: agent(),
        offer: OfferId(Uuid::from_u128(1)),
        number: "06 1234 5678".to_owned().into(),
        called: Some("+31612345678".to_owned().into()),
        queue: QueueId::new("faults").expect("a name"),
        deadline: at(20),
        evidence: crate::DialEvidence {
            purpose: crate::PurposeId::new("service").expect("a name"),
            decided_at: at(0),
            denied,
            is_emergency: false,
            zones: Vec::new(),
            attempts: None,
        },
        at_phone: false,
        is_aside: false,
    }
}

#[test]
fn a_call_that_we_make_is_dialling_until_the_customer_answers() {
    let offer = OfferId(Uuid::from_u128(1));
    let mut contact = told(&[
        (0, dialled(None)),
        (4, ContactEvent::CustomerCalled { agent: agent(), deadline: at(49), evidence: None }),
        (15, ContactEvent::Connected { offer, agent: agent() }),
    ]);
    let number = contact.customer_number().and_then(Personal::known).cloned();
    assert_eq!(number.as_deref(), Some("+31612345678"));
    assert_eq!(contact.queued_at, None, "it waits in no queue");
    let (by, cause) = (Party::Customer, EndCause::HungUp);
    contact.apply(at(60), &ContactEvent::Ended { by, cause });
    assert_eq!(
        segments(&contact),
        [("dialling", 0, Some((15, "accepted"))), ("with-agent", 15, Some((60, "hung-up")))]
    );
}

#[test]
fn wrap_up_follows_a_call_that_reached_nobody_and_none_one_that_was_not_made() {
    let ended = |cause| ContactEvent::Ended { by: Party::System, cause };
    let is_over_with = |events: &[(u64, ContactEvent)]| {
        let last = &events.last().expect("some").1;
        told(events).is_over_with(last)
    };
    let called = ContactEvent::CustomerCalled { agent: agent(), deadline: at(49), evidence: None };
    assert!(!is_over_with(&[(0, dialled(None)), (4, called.clone()), (9, ended(EndCause::Busy))]));
    assert!(is_over_with(&[(0, dialled(None)), (4, ended(EndCause::NotDialled))]));
    let mut aside = dialled(None);
    if let ContactEvent::Dialled { is_aside, .. } = &mut aside {
        *is_aside = true;
    }
    let connected = ContactEvent::Connected { offer: OfferId(Uuid::from_u128(2)), agent: agent() };
    let talked = [(0, aside), (0, called.clone()), (4, connected), (9, ended(EndCause::HungUp))];
    assert!(is_over_with(&talked) && is_over_with(&[&talked[..2], &talked[3..]].concat()));
    let denied = dialled(Some(crate::DialRule::DoNotCall));
    let told = told(&[(0, denied.clone()), (0, ended(EndCause::Denied))]);
    assert!(told.segments.is_empty() && told.is_over_with(&ended(EndCause::Denied)));
    assert!(!is_over_with(&[(0, denied)]), "its end follows at once");
}

#[test]
fn a_customer_who_is_called_back_waits_until_they_talk() {
    let ContactEvent::Dialled { evidence, .. } = dialled(None) else { panic!("a call") };
    let offer = OfferId(Uuid::from_u128(2));
    let called = || ContactEvent::CustomerCalled {
        agent: agent(),
        deadline: at(90),
        evidence: Some(evidence.clone()),
    };
    let number: Personal<String> = "+31687654321".to_owned().into();
    let (not_before, expires_at) = (at(30), at(900));
    let cause = EndCause::Busy;
    let postponed = ContactEvent::CallbackPostponed {
        agent: agent(),
        cause,
        is_attempt: true,
        not_before: at(150),
        evidence: None,
    };
    let ended = ContactEvent::Ended { by: Party::System, cause };
    let asked = ContactEvent::CallbackAsked { number: number.clone(), not_before, expires_at };
    let mut events = vec![
        (0, arrived()),
        (10, queued()),
        (10, asked),
        (30, ContactEvent::CallbackDue),
        (40, offered(2)),
        (45, called()),
        (50, postponed),
        (150, ContactEvent::CallbackDue),
        (160, offered(2)),
        (165, called()),
    ];
    let given_up = told(&[&events[..], &[(170, ended.clone())]].concat());
    assert!(!given_up.is_over_with(&ended), "wrap-up follows");
    events.push((170, ContactEvent::Connected { offer, agent: agent() }));
    let contact = told(&events);
    assert_eq!(contact.customer_number(), Some(&number), "not the one from which they called");
    assert_eq!(contact.callback.as_ref().map(|it| it.attempts), Some(1));
    assert_eq!(
        segments(&contact),
        [
            ("waiting", 10, Some((40, "offered"))),
            ("offered", 40, Some((45, "accepted"))),
            ("dialling", 45, Some((50, "busy"))),
            ("waiting", 50, Some((160, "offered"))),
            ("offered", 160, Some((165, "accepted"))),
            ("dialling", 165, Some((170, "accepted"))),
            ("with-agent", 170, None),
        ]
    );
}

#[test]
fn who_leaves_a_message_waits_as_one_and_is_no_call_any_more() {
    let cause = Overflow::Waited;
    let mut events = vec![
        (0, arrived()),
        (10, queued()),
        (70, ContactEvent::Overflowed { cause }),
        (70, ContactEvent::VoicemailStarted { deadline: at(300), keep_until: at(9_000) }),
    ];
    let speaks = told(&events);
    assert!(speaks.channel.is_call() && speaks.voicemail.is_some_and(|it| it.left.is_none()));
    let none = ContactEvent::Ended { by: Party::Customer, cause: EndCause::NoMessage };
    let silent = told(&[&events[..], &[(80, none.clone())]].concat());
    assert!(silent.is_over_with(&none));
    events.extend([(95, ContactEvent::VoicemailLeft { length: 12_400 }), (95, queued())]);
    let waits = told(&events);
    assert_eq!(waits.channel, Channel::Voicemail);
    let left = waits.voicemail.and_then(|it| it.left);
    assert_eq!(left, Some((std::time::Duration::from_millis(12_400), at(95))));
    assert_eq!(
        segments(&waits),
        [
            ("waiting", 10, Some((70, "waited"))),
            ("voicemail", 70, Some((95, "left"))),
            ("waiting", 95, None),
        ]
    );
}

#[test]
fn who_is_passed_on_outside_talks_there_without_an_agent() {
    let offer = OfferId(Uuid::from_u128(9));
    let called = ContactEvent::OutsideCalled {
        agent: agent(),
        offer,
        destination: crate::DestinationId::new("partner").expect("a name"),
        called: "+31201234567".to_owned().into(),
        deadline: at(99),
    };
    let event = crate::Event::Contact { contact: ID, event: called.clone() };
    assert!(!event.stripped().to_string().contains("+312"), "exported without the number");
    let read: crate::Event = serde_json::from_value(event.stripped()).expect("it reads back");
    assert_eq!(read.stripped(), event.stripped());
    let before = [
        (0, arrived()),
        (0, queued()),
        (1, offered(1)),
        (2, ContactEvent::Connected { offer: OfferId(Uuid::from_u128(1)), agent: agent() }),
        (5, ContactEvent::Transferred { agent: agent(), note: String::new().into() }),
        (5, called),
    ];
    let talks = [
        (8, ContactEvent::OutsideConnected { offer }),
        (20, ContactEvent::Ended { by: Party::Outside, cause: EndCause::HungUp }),
    ];
    let contact = told(&[&before[..], &talks].concat());
    assert_eq!(
        segments(&contact)[2..],
        [
            ("with-agent", 2, Some((5, "transferred"))),
            ("calling-outside", 5, Some((8, "answered"))),
            ("outside", 8, Some((20, "hung-up"))),
        ]
    );
    assert!(contact.is_over() && contact.connected_at.is_none());
    assert_eq!(contact.outside[0].connected_at, Some(at(8)));
    let back =
        [(8, ContactEvent::OutsideNotReached { offer, cause: EndCause::Busy }), (8, queued())];
    let contact = told(&[&before[..], &back].concat());
    let rest = [("calling-outside", 5, Some((8, "busy"))), ("waiting", 8, None)];
    assert_eq!(segments(&contact)[3..], rest);
    assert_eq!(contact.outside[0].not_reached, Some(EndCause::Busy));
}
