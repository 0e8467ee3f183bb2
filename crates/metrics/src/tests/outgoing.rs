//! Calls that we make, counted by hand.

use caruso_contact::{
    Channel, ContactEvent, ContactId, DialEvidence, DialRule, EndCause, Event, OfferId, Party,
    Personal, PurposeId, WrapUpEnd,
};
use uuid::Uuid;

use super::day::{agent, queue};
use super::incoming::OutgoingCalls;
use super::period::Period;
use super::{at, seconds};
use crate::Figures;

fn dialled(denied: Option<DialRule>) -> ContactEvent {
    ContactEvent::Dialled {
        agent: agent("anna"),
        offer: OfferId(Uuid::nil()),
        number: "0612345678".to_owned().into(),
        called: Some("+31612345678".to_owned().into()),
        queue: queue("faults"),
        deadline: at(0),
        evidence: DialEvidence {
            purpose: PurposeId::new("service").expect("a name"),
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

/// Dialled at a phone whose agent has not signed in.
fn dialled_aside() -> ContactEvent {
    let mut event = dialled(None);
    if let ContactEvent::Dialled { at_phone, is_aside, .. } = &mut event {
        (*at_phone, *is_aside) = (true, true);
    }
    event
}

fn called() -> ContactEvent {
    ContactEvent::CustomerCalled { agent: agent("anna"), deadline: at(0), evidence: None }
}

fn connected() -> ContactEvent {
    ContactEvent::Connected { offer: OfferId(Uuid::nil()), agent: agent("anna") }
}

fn ended(cause: EndCause) -> ContactEvent {
    ContactEvent::Ended { by: Party::Customer, cause }
}

fn wraps_up() -> ContactEvent {
    ContactEvent::WrapUpStarted { agent: agent("anna"), deadline: at(0) }
}

fn is_done() -> ContactEvent {
    ContactEvent::WrapUpEnded { agent: agent("anna"), cause: WrapUpEnd::Finished }
}

fn figures(calls: &[&[(u64, ContactEvent)]]) -> Figures {
    let mut all: Vec<(u64, ContactId, ContactEvent)> = Vec::new();
    for (number, events) in (1..).zip(calls) {
        let contact = ContactId(Uuid::from_u128(number));
        all.extend(events.iter().map(|(second, event)| (*second, contact, event.clone())));
    }
    all.sort_by_key(|(second, ..)| *second);
    let mut figures = Figures::default();
    for (second, contact, event) in all {
        figures.apply(at(second), &Event::Contact { contact, event });
    }
    figures
}

fn hour(figures: &Figures) -> Vec<OutgoingCalls> {
    figures.outgoing_calls(Period::new(at(0), at(3600), None))
}

/// Talked: 10 to 70, wrap-up to 100: 90 s. Busy: 20 to 25, wrap-up to 35: 15 s.
#[test]
fn calls_count_by_what_came_of_them_and_so_does_the_work_with_them() {
    let talked = [
        (0, dialled(None)),
        (10, called()),
        (20, connected()),
        (70, ended(EndCause::HungUp)),
        (70, wraps_up()),
        (100, is_done()),
    ];
    let busy = [
        (10, dialled(None)),
        (20, called()),
        (25, ended(EndCause::Busy)),
        (25, wraps_up()),
        (35, is_done()),
    ];
    let not_made = [(30, dialled(None)), (50, ended(EndCause::NotDialled))];
    let denied = [(40, dialled(Some(DialRule::DoNotCall))), (40, ended(EndCause::Denied))];
    let rings = [(45, dialled(None)), (50, called())];
    let mut figures = figures(&[&talked, &busy, &not_made, &denied, &rings]);
    let rows = hour(&figures);
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    let counts = (row.wanted, row.answered, row.not_reached, row.not_made, row.denied);
    assert_eq!(counts, (5, 1, 1, 1, 1));
    assert_eq!(row.average_handle_time.map(|it| it.as_millis()), Some(52_500));
    let period = Period::new(at(0), at(3600), None);
    assert!(figures.incoming_calls(period, super::T, at(3600)).is_empty(), "no queue saw them");
    assert_eq!(figures.contacts().count(), 1, "one still rings");
    figures.forget_before(at(3600));
    assert_eq!(hour(&figures)[0].wanted, 1, "what goes on is kept");
}

/// The agent who made the call handles it until she passes it on; the stay in the queue is one of
/// its own.
#[test]
fn a_customer_whom_we_called_and_passed_on_waits_like_everybody_else() {
    let entered = ContactEvent::QueueEntered {
        queue: queue("moving"),
        priority: 0,
        counts_from: None,
        attributes: Personal::Known(Default::default()),
        answers: None,
        since: None,
        declared: Default::default(),
    };
    let note = String::new().into();
    let figures = figures(&[&[
        (0, dialled(None)),
        (10, called()),
        (20, connected()),
        (60, ContactEvent::Transferred { agent: agent("anna"), note }),
        (60, wraps_up()),
        (60, entered),
        (70, is_done()),
        (90, ended(EndCause::HungUp)),
    ]]);
    assert_eq!(seconds(hour(&figures)[0].average_handle_time), Some(60));
    let period = Period::new(at(0), at(3600), None);
    let rows = figures.incoming_calls(period, super::T, at(3600));
    assert_eq!((rows.len(), rows[0].counts.abandoned, rows[0].queue.as_str()), (1, 1, "moving"));
}

/// Talked: 0 to 60. Nobody answered: 10 to 30.
#[test]
fn a_call_that_nobody_wraps_up_is_handled_when_it_ends() {
    let talked =
        [(0, dialled_aside()), (0, called()), (20, connected()), (60, ended(EndCause::HungUp))];
    let rang = [(10, dialled_aside()), (10, called()), (30, ended(EndCause::NoAnswer))];
    let mut figures = figures(&[&talked, &rang]);
    let row = &hour(&figures)[0];
    assert_eq!((row.wanted, row.answered, row.not_reached), (2, 1, 1));
    assert_eq!(seconds(row.average_handle_time), Some(40));
    figures.forget_before(at(3600));
    assert!(hour(&figures).is_empty(), "nothing of them goes on");
}

#[test]
fn a_call_that_came_in_is_no_call_that_went_out() {
    let called = "0305550100".to_owned();
    let arrived =
        ContactEvent::Arrived { calling: None, signalled: None, called, channel: Channel::Voice };
    let figures = figures(&[&[(0, arrived), (10, connected()), (20, ended(EndCause::HungUp))]]);
    assert!(hour(&figures).is_empty());
}
