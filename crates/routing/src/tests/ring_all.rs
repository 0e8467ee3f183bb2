//! All phones ring at once, and one answers.

use super::*;

/// In `urgent` the phones of all ring.
pub(crate) fn ringing_all() -> String {
    ROUTING.replace("<queue id=\"urgent\"", "<queue id=\"urgent\" strategy=\"ring-all\"")
}

/// Three agents are ready, Anna longest.
fn three() -> Desk {
    let mut desk = Desk::with(compiled(&ringing_all()));
    for name in ["anna", "bram", "cees"] {
        desk.ready(name, "all");
    }
    desk
}

fn offered_and_ended(desk: &Desk) -> Vec<String> {
    let events = desk.log.iter().filter_map(|(_, event)| match event {
        Event::Contact { event: ContactEvent::Offered { agent, .. }, .. } => {
            Some(format!("offered {agent}"))
        }
        Event::Contact { event: ContactEvent::OfferEnded { agent, reason, .. }, .. } => {
            Some(format!("{} {agent}", reason.name()))
        }
        Event::Contact { event: ContactEvent::Connected { agent, .. }, .. } => {
            Some(format!("connected {agent}"))
        }
        _ => None,
    });
    events.collect()
}

#[test]
fn who_answers_first_has_the_customer_and_the_others_are_ready_again() {
    let mut desk = three();
    desk.call(1, "urgent");
    assert_eq!(
        ["anna", "bram", "cees"].map(|it| desk.state(it)),
        ["offered 1", "offered 1", "offered 1"]
    );
    let (bram, cees) = (desk.offer("bram"), desk.offer("cees"));
    let effects = desk.take(Input::Answered { offer: bram });
    assert_eq!(effects, ["bridge 1", "drop agent", "drop agent"]);
    assert_eq!(["anna", "bram", "cees"].map(|it| desk.state(it)), ["ready", "talking 1", "ready"]);
    // the answer of a colleague was on its way
    assert_eq!(desk.take(Input::Answered { offer: cees }), ["drop agent"]);
    assert_eq!(desk.state("bram"), "talking 1");
    assert_eq!(
        offered_and_ended(&desk),
        [
            "offered anna",
            "offered bram",
            "offered cees",
            "answered-elsewhere anna",
            "answered-elsewhere cees",
            "connected bram"
        ]
    );
}

#[test]
fn whoever_waits_has_a_phone_that_rings_before_a_second_one_rings_for_anybody() {
    let mut desk = Desk::with(compiled(&ringing_all()));
    desk.call(1, "urgent");
    desk.call(2, "urgent");
    desk.ready("anna", "all");
    desk.ready("bram", "all");
    assert_eq!(["anna", "bram"].map(|it| desk.state(it)), ["offered 1", "offered 2"]);
    // who becomes ready joins the first
    desk.ready("cees", "all");
    assert_eq!(desk.state("cees"), "offered 1");
    // when that one is served, who is free again joins the next
    desk.answer("cees");
    assert_eq!(desk.state("anna"), "offered 2");
    desk.take(Input::CallerGone { contact: contact(2) });
    assert_eq!(["anna", "bram"].map(|it| desk.state(it)), ["ready", "ready"]);
}

#[test]
fn one_who_does_not_take_it_stops_no_other_phone() {
    let mut desk = three();
    desk.call(1, "urgent");
    desk.take(Input::Decline { agent: agent("anna"), contact: contact(1) });
    let offer = desk.offer("bram");
    desk.take(Input::NotTaken { offer, because: NotTaken::Busy });
    assert_eq!(
        ["anna", "bram", "cees"].map(|it| desk.state(it)),
        ["not-ready rejected", "not-ready phone-busy", "offered 1"]
    );
    // who becomes ready again rings along, and longer than who rang before
    desk.pass(5);
    desk.take(Input::SetReady { agent: agent("anna") });
    assert_eq!(desk.state("anna"), "offered 1");
    let timeout = crate::DEFAULT_OFFER_TIMEOUT.as_secs();
    desk.pass(timeout - 6);
    assert_eq!(desk.state("cees"), "not-ready no-answer");
    assert_eq!(desk.state("anna"), "offered 1");
    desk.pass(6);
    assert_eq!(desk.state("anna"), "not-ready no-answer");
    let known = desk.router.domain().contact(contact(1)).expect("it goes on");
    assert_eq!(known.stage, Stage::Waiting, "the customer has kept the place");
}

#[test]
fn a_phone_that_is_lost_while_it_rings_leaves_the_others() {
    let mut desk = three();
    desk.call(1, "urgent");
    assert_eq!(desk.take(Input::PhoneUnregistered { agent: agent("anna") }), ["drop agent"]);
    assert_eq!(desk.state("anna"), "not-ready phone-lost");
    assert_eq!(desk.answer("bram"), ["bridge 1", "drop agent"]);
}

#[test]
fn after_a_restart_nothing_rings_and_it_is_offered_anew() {
    let mut desk = three();
    desk.call(1, "urgent");
    let effects = desk.recover(&[1]);
    assert_eq!(effects[1..], ["ring anna for 1", "ring bram for 1", "ring cees for 1"]);
    let cancelled = offered_and_ended(&desk).into_iter().filter(|it| it.starts_with("cancelled"));
    assert_eq!(cancelled.count(), 3);
}

#[test]
fn a_customer_who_is_to_be_called_back_makes_one_phone_ring() {
    let text = ROUTING.replace("<queue id=\"calm\"", "<queue id=\"calm\" strategy=\"ring-all\"");
    let mut desk = Desk::with(compiled(&text));
    desk.take(arrival(1));
    desk.take(asks_back(1, "calm", "06 1234 5678"));
    desk.take(Input::CallerGone { contact: contact(1) });
    desk.ready("anna", "all");
    desk.ready("bram", "all");
    desk.pass(60);
    assert_eq!(["anna", "bram"].map(|it| desk.state(it)), ["offered 1", "ready"]);
}
