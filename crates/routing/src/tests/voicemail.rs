//! Customers who leave a message instead of waiting on.

use caruso_contact::{EndCause, Party};

use super::overflow::with;
use super::*;

const VOICEMAIL: &str = "<voicemail say=\"music\" longest=\"1m\" keep=\"2h\"/>";
const AFTER: &str = "<overflow on=\"wait\" after=\"30s\" take=\"message\"/>";
const UNSERVED: &str = "<overflow on=\"unserved\" take=\"message\"/>";

fn desk(overflow: &str) -> Desk {
    Desk::with(with(ROUTING, &[("calm", VOICEMAIL), ("calm", overflow)]))
}

impl Desk {
    fn recorded(&mut self, number: u128, length: Option<u64>) -> Vec<String> {
        self.take(Input::Recorded { contact: contact(number), length })
    }

    fn take_up(&mut self, name: &str, number: u128) {
        self.take(Input::Accept { agent: agent(name), contact: contact(number) });
        assert_eq!(self.state(name), format!("talking {number}"));
    }

    fn end_of(&self, number: u128) -> Option<(Party, EndCause)> {
        self.log.iter().find_map(|(_, event)| match event {
            Event::Contact { contact: id, event: ContactEvent::Ended { by, cause } } => {
                (*id == contact(number)).then_some((*by, *cause))
            }
            _ => None,
        })
    }
}

#[test]
fn who_has_waited_long_enough_leaves_a_message_that_waits_in_the_queue() {
    let mut desk = desk(AFTER);
    desk.call(1, "calm");
    assert_eq!(desk.pass(29), ["record 1 in calm"]);
    desk.ready("anna", "calm");
    assert_eq!(desk.state("anna"), "ready", "who speaks waits nowhere");
    assert!(desk.take(Input::CallerGone { contact: contact(1) }).is_empty());
    assert_eq!(desk.recorded(1, Some(12_000)), ["play music 1", "ring anna for 1"]);
    assert_eq!(desk.router.length(&"calm".parse_queue(), true), 0, "it is no call");
    desk.take_up("anna", 1);
    assert!(desk.take(Input::CallerGone { contact: contact(1) }).is_empty(), "they have gone");
    desk.take(Input::HangUp { agent: agent("anna"), contact: contact(1) });
    assert_eq!(desk.end_of(1), Some((Party::Agent, EndCause::Closed)));
    assert_eq!(desk.state("anna"), "wrap-up 1");
}

#[test]
fn who_says_nothing_is_gone_and_nobody_is_kept_for_ever() {
    let mut desk = desk(UNSERVED);
    assert_eq!(desk.call(1, "calm"), ["record 1 in calm"]);
    assert_eq!(desk.recorded(1, None), ["file 1"]);
    assert_eq!(desk.end_of(1), Some((Party::Customer, EndCause::NoMessage)));
    desk.call(2, "calm");
    assert_eq!(desk.pass(180), ["file 2", "drop caller 2 lost"], "nobody told what became of it");
    desk.call(3, "calm");
    desk.recorded(3, Some(1_000));
    desk.pass(7_199);
    assert_eq!(desk.end_of(3), Some((Party::System, EndCause::WaitedTooLong)), "as long as kept");
}

#[test]
fn a_message_survives_a_restart_also_while_it_is_spoken() {
    let mut desk = desk(UNSERVED);
    desk.call(1, "calm");
    desk.recorded(1, Some(9_000));
    desk.call(2, "calm");
    assert!(!desk.recover(&[]).iter().any(|it| it.starts_with("drop")));
    assert_eq!(desk.end_of(2), None, "what was said until then is looked for");
    desk.recorded(2, Some(2_000));
    desk.ready("anna", "calm");
    assert_eq!(desk.state("anna"), "offered 1");
    desk.take_up("anna", 1);
    desk.ready("bram", "calm");
    assert_eq!(desk.state("bram"), "offered 2");
}

#[test]
fn as_many_messages_wait_as_may_and_none_is_lost_for_want_of_room() {
    let text = ROUTING.replace("<queue id=\"calm\"", "<queue id=\"calm\" maximum-length=\"1\"");
    let mut desk = Desk::with(with(&text, &[("calm", VOICEMAIL), ("calm", UNSERVED)]));
    desk.call(1, "calm");
    desk.call(2, "calm");
    desk.recorded(1, Some(9_000));
    desk.recorded(2, Some(9_000));
    assert_eq!(desk.router.length(&"calm".parse_queue(), false), 2);
    let effects = desk.call(3, "calm");
    assert_eq!(effects, ["file 3", "drop caller 3 unserved"]);
}

#[test]
fn the_agent_calls_who_left_the_message_and_is_done_with_it() {
    let mut desk = desk(UNSERVED);
    desk.call(1, "calm");
    desk.recorded(1, Some(9_000));
    desk.ready("anna", "calm");
    desk.take_up("anna", 1);
    let wish = |called: &str, number, of| {
        let mut wish = dial("anna", number, called);
        if let Input::Dial { message, .. } = &mut wish {
            *message = Some(contact(of));
        }
        wish
    };
    assert_eq!(desk.try_take(wish("0612345678", 70, 2)), Err(Refusal::NoMessage));
    assert_eq!(desk.try_take(dial("anna", 71, "0612345678")), Err(Refusal::InContact));
    desk.take(wish("09001234567", 72, 1));
    assert_eq!(desk.state("anna"), "talking 1", "a rule forbids the call: the message stays");
    let effects = desk.take(wish("0612345678", 73, 1));
    assert_eq!(effects, ["file 1", "ring anna to dial 73"]);
    assert_eq!(desk.state("anna"), "dialling 73");
    assert_eq!(desk.end_of(1), Some((Party::Agent, EndCause::CalledBack)));
    desk.take(Input::HangUp { agent: agent("anna"), contact: contact(73) });
    assert_eq!(desk.state("anna"), "ready");
}
