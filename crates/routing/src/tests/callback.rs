//! Customers who hang up and keep their place.

use caruso_contact::{EndCause, Party};

use super::*;
use crate::{KnownOfNumber, Listed, NotReached};

const NUMBER: &str = "06 1234 5678";

/// The script hands over at which number the customer wants to be called back.
pub(crate) fn asks_back(number: u128, queue: &str, text: &str) -> Input {
    let queue = caruso_contact::QueueId::new(queue).expect("a name");
    let attributes = BTreeMap::from([("back".to_owned(), text.to_owned())]).into();
    Input::HandedOff { contact: contact(number), queue, attributes }
}

fn known(attempts: Vec<Time>) -> KnownOfNumber {
    KnownOfNumber { listed: Listed::No, attempts }
}

impl Desk {
    fn ask_back(&mut self, number: u128) -> Vec<String> {
        self.take(arrival(number));
        self.take(asks_back(number, "calm", NUMBER))
    }

    /// The agent's phone answers, and the owner knows the number.
    fn pick_up(&mut self, name: &str, attempts: Vec<Time>) -> Vec<String> {
        let offer = self.offer(name);
        let (number, known) = ("+31612345678".to_owned(), known(attempts));
        self.take(Input::CallBack { offer, number, known })
    }

    fn not_reached(&mut self, number: u128, because: NotReached) -> Vec<String> {
        self.take(Input::CustomerNotReached { contact: contact(number), because })
    }

    fn how_ended(&self, number: u128) -> Option<(Party, EndCause)> {
        self.log.iter().find_map(|(_, event)| match event {
            Event::Contact { contact: id, event: ContactEvent::Ended { by, cause } } => {
                (*id == contact(number)).then_some((*by, *cause))
            }
            _ => None,
        })
    }
}

#[test]
fn who_hangs_up_keeps_the_place_and_is_called_in_turn() {
    let mut desk = Desk::new();
    assert_eq!(desk.ask_back(1), ["drop caller 1 hung-up after music"]);
    assert!(desk.take(Input::CallerGone { contact: contact(1) }).is_empty(), "as they said");
    desk.call(2, "calm");
    desk.call(3, "calm");
    desk.ready("anna", "all");
    assert_eq!(desk.state("anna"), "offered 2", "who has just hung up is left in peace");
    desk.answer("anna");
    desk.pass(5);
    desk.ready("bram", "all");
    assert_eq!(desk.state("bram"), "offered 3");
    desk.answer("bram");
    desk.pass(20);
    desk.call(4, "calm");
    desk.ready("cees", "all");
    assert_eq!(desk.state("cees"), "offered 1", "before who came later");
    assert_eq!(desk.pick_up("cees", Vec::new()), ["call back 1"]);
    assert_eq!(desk.state("cees"), "dialling 1");
    assert_eq!(desk.take(Input::CustomerAnswered { contact: contact(1) }), ["bridge 1"]);
    assert_eq!(desk.state("cees"), "talking 1");
    desk.take(Input::CallerGone { contact: contact(1) });
    assert_eq!(desk.state("cees"), "wrap-up 1");
    assert_eq!(desk.how_ended(1), Some((Party::Customer, EndCause::HungUp)));
}

#[test]
fn who_is_not_reached_stands_in_line_again_in_the_old_place_and_at_last_is_given_up() {
    let mut desk = Desk::new();
    desk.ask_back(1);
    desk.pass(31);
    desk.call(2, "calm");
    desk.ready("anna", "all");
    desk.pick_up("anna", Vec::new());
    let effects = desk.not_reached(1, NotReached::Busy);
    assert_eq!(effects, ["drop caller 1 busy", "drop agent", "ring anna for 2"]);
    assert_eq!(
        desk.take(Input::CustomerAnswered { contact: contact(1) }),
        ["drop caller 1 hung-up"]
    );
    desk.answer("anna");
    desk.pass(60);
    desk.call(3, "calm");
    desk.ready("bram", "all");
    assert_eq!(desk.state("bram"), "offered 1", "the old place");
    desk.pick_up("bram", Vec::new());
    desk.not_reached(1, NotReached::NoAnswer);
    assert_eq!(desk.state("bram"), "wrap-up 1", "there may be something to note");
    assert_eq!(desk.how_ended(1), Some((Party::System, EndCause::NoAnswer)));
}

#[test]
fn an_agent_who_gives_up_or_a_full_network_cost_no_attempt() {
    let mut desk = Desk::new();
    desk.ask_back(1);
    desk.pass(31);
    desk.ready("anna", "all");
    for _ in 0..4 {
        assert_eq!(desk.state("anna"), "offered 1");
        desk.pick_up("anna", Vec::new());
        let offer = desk.offer("anna");
        desk.take(Input::AgentGone { offer });
        assert_eq!(desk.state("anna"), "ready");
        desk.pass(60);
        desk.pick_up("anna", Vec::new());
        desk.not_reached(1, NotReached::Congestion);
        desk.pass(60);
    }
}

#[test]
fn the_gate_forbids_for_now_or_for_good() {
    let mut desk = Desk::new();
    desk.ask_back(1);
    desk.pass(31);
    desk.ready("anna", "all");
    let often = vec![desk.now, desk.now];
    assert_eq!(desk.pick_up("anna", often), ["drop agent"]);
    assert_eq!((desk.state("anna"), desk.how_ended(1)), ("ready".to_owned(), None));
    desk.pass(60);
    assert_eq!(desk.state("anna"), "offered 1");
    let (offer, number) = (desk.offer("anna"), "+319001234".to_owned());
    let known = known(Vec::new());
    desk.take(Input::CallBack { offer, number, known });
    assert_eq!(desk.state("anna"), "ready");
    assert_eq!(desk.how_ended(1), Some((Party::System, EndCause::Denied)));
}

#[test]
fn a_number_that_may_not_be_called_is_none_and_the_customer_waits() {
    for text in ["0900 1234567", "112", "tomorrow", ""] {
        let mut desk = Desk::new();
        desk.take(arrival(1));
        assert_eq!(desk.take(asks_back(1, "calm", text)), ["play music 1"], "{text}");
    }
    let mut desk = Desk::new();
    desk.take(arrival(1));
    assert_eq!(desk.take(asks_back(1, "urgent", NUMBER)), ["play music 1"], "no such queue");
}

#[test]
fn who_waits_is_offered_it_and_keeps_the_place_from_before() {
    let offered = ROUTING.replace("by=\"back\"", "by=\"back\" offer=\"music\" script=\"menu\"");
    let mut desk = Desk::with(compiled(&offered));
    assert_eq!(desk.call(1, "calm"), ["play music 1, then music"]);
    desk.call(2, "calm");
    desk.call(3, "calm");
    assert_eq!(desk.take(Input::IvrFailed { contact: contact(1) }), ["play music 1, then music"]);
    assert_eq!(desk.take(Input::IvrFinished { contact: contact(1) }).len(), 1);
    assert_eq!(desk.take(handed_off(1, "urgent")).len(), 1, "nothing else counts");
    assert_eq!(desk.take(asks_back(1, "urgent", NUMBER)), ["drop caller 1 hung-up after music"]);
    let queues = desk.log.iter().filter(|(_, it)| it.type_name() == "contact.queue-entered");
    assert_eq!(queues.count(), 3, "once each");
    desk.pass(20);
    desk.ready("anna", "all");
    assert_eq!(desk.state("anna"), "offered 1");
    desk.ready("bram", "all");
    assert_eq!(desk.take(asks_back(2, "calm", NUMBER)), [""; 0], "an agent's phone rings for them");
}

#[test]
fn a_restart_loses_no_callback_and_no_place() {
    let mut desk = Desk::new();
    desk.ask_back(1);
    desk.pass(31);
    desk.ask_back(2);
    desk.ready("anna", "all");
    desk.pick_up("anna", Vec::new());
    assert_eq!(desk.recover(&[]), ["drop caller 1 restarted", "drop agent"]);
    assert_eq!(desk.state("anna"), "ready");
    desk.pass(61);
    assert_eq!(desk.state("anna"), "offered 1", "the first is the first again");
    assert!(desk.recover(&[]).contains(&"ring anna for 1".to_owned()));
    assert_eq!(desk.router.domain().contacts().count(), 2);
}

#[test]
fn who_waits_too_long_or_has_talked_with_us_meanwhile_is_not_called() {
    let mut desk = Desk::new();
    desk.ask_back(1);
    desk.ask_back(2);
    desk.pass(31);
    desk.ready("anna", "all");
    assert_eq!(desk.state("anna"), "offered 1");
    let settled = Input::CallbackSettled { contact: contact(1) };
    assert_eq!(desk.take(settled), ["file 1", "drop agent", "ring anna for 2"]);
    assert_eq!(desk.how_ended(1), Some((Party::System, EndCause::CalledAgain)));
    desk.pass(21);
    desk.pass(3_600);
    assert_eq!(desk.how_ended(2), Some((Party::System, EndCause::WaitedTooLong)));
    assert_eq!(desk.router.domain().contacts().count(), 0);
}
