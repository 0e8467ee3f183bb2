//! Who waits for one agent alone at first.

use caruso_contact::{Personal, Preference};

use super::*;

const PREFERRED: &str = "<preferred-agent for=\"20s\" by=\"manager\" within=\"7d\"/>";

fn desk() -> Desk {
    Desk::with(super::overflow::with(ROUTING, &[("expert", PREFERRED), ("calm", PREFERRED)]))
}

fn acquainted(number: u128, name: &str, at: Time) -> Input {
    Input::Acquainted { contact: contact(number), agent: agent(name), at }
}

impl Desk {
    /// A call that names its agent or not, or knows one; a second passes.
    fn call_for(&mut self, number: u128, queue: &str, named: Option<&str>, knows: Option<&str>) {
        self.take(arrival(number));
        if let Some(knows) = knows {
            self.take(acquainted(number, knows, self.now));
        }
        let manager = named.map(|name| ("manager".to_owned(), name.to_owned()));
        let attributes = Personal::Known(manager.into_iter().collect());
        let queue = caruso_contact::QueueId::new(queue).expect("a name");
        self.take(Input::HandedOff { contact: contact(number), queue, attributes });
        self.pass(1);
    }

    fn preferred_agent(&self, number: u128) -> Option<(String, Preference)> {
        let preferred = self.router.domain().contact(contact(number))?.preferred_agent.clone()?;
        Some((preferred.agent.to_string(), preferred.cause))
    }

    fn talks(&mut self, name: &str, number: u128) {
        self.ready(name, "all");
        self.call(number, "calm");
        assert_eq!(self.state(name), format!("offered {number}"));
        self.answer(name);
    }

    fn is_free(&mut self, name: &str, number: u128) {
        let offer = self.offer(name);
        self.take(Input::AgentGone { offer });
        self.dispose(name, number).expect("in wrap-up");
    }
}

#[test]
fn a_customer_waits_for_their_agent_while_others_are_ready() {
    let mut desk = desk();
    desk.talks("anna", 1);
    desk.ready("bram", "all");
    desk.call_for(2, "calm", None, Some("anna"));
    assert_eq!(desk.preferred_agent(2), Some(("anna".to_owned(), Preference::Acquainted)));
    assert_eq!(desk.state("bram"), "ready");
    // whoever comes later goes past, as one for whom another agent will do
    desk.call(3, "calm");
    assert_eq!(desk.state("bram"), "offered 3");
    desk.is_free("anna", 1);
    assert_eq!(desk.state("anna"), "offered 2");
    let why = desk.router.domain().contact(contact(2)).expect("it goes on");
    assert!(matches!(&why.stage, Stage::Offered { .. }));
    desk.answer("anna");
    assert_eq!(desk.preferred_agent(2), None, "that is over");
}

#[test]
fn when_the_time_is_over_everybody_will_do_and_the_place_is_kept() {
    let mut desk = desk();
    desk.talks("anna", 1);
    desk.call_for(2, "calm", None, Some("anna"));
    desk.call(3, "calm");
    let until = Time::from_millis(desk.now.as_millis() + 18_000);
    assert_eq!(desk.router.next_deadline(), Some(until));
    desk.pass(17);
    assert!(desk.preferred_agent(2).is_some());
    desk.pass(1);
    assert_eq!(desk.preferred_agent(2), None);
    desk.ready("bram", "all");
    assert_eq!(desk.state("bram"), "offered 2", "before who came later");
}

#[test]
fn the_agent_whom_the_script_names_goes_before_one_who_is_known() {
    let mut desk = desk();
    desk.ready("anna", "all");
    desk.ready("bram", "all");
    desk.call_for(1, "calm", Some("bram"), Some("anna"));
    assert_eq!(desk.state("bram"), "offered 1", "though anna is ready longer");
    desk.call_for(2, "calm", Some("nobody"), Some("anna"));
    assert_eq!(desk.state("anna"), "offered 2");
}

#[test]
fn nobody_waits_for_who_is_away_or_goes_away() {
    let away = [
        Input::SetNotReady {
            agent: agent("anna"),
            reason: ReasonId::new("break").expect("a name"),
        },
        Input::SignOut { agent: agent("anna") },
    ];
    for away in away {
        let mut desk = desk();
        desk.ready("anna", "all");
        desk.ready("bram", "calm");
        desk.take(away);
        desk.call_for(1, "calm", None, Some("anna"));
        assert_eq!(desk.preferred_agent(1), None);
        assert_eq!(desk.state("bram"), "offered 1");
    }
    // who says that a break comes next is not waited for, either
    let mut desk = desk();
    desk.talks("anna", 1);
    desk.ready("bram", "calm");
    desk.call_for(2, "calm", None, Some("anna"));
    assert!(desk.preferred_agent(2).is_some());
    let reason = ReasonId::new("break").expect("a name");
    desk.take(Input::SetNotReady { agent: agent("anna"), reason });
    assert_eq!(desk.state("bram"), "offered 2");
}

#[test]
fn an_offer_that_is_not_taken_ends_it() {
    let mut desk = desk();
    desk.ready("anna", "all");
    desk.ready("bram", "calm");
    desk.call_for(1, "calm", Some("anna"), None);
    let offer = desk.offer("anna");
    desk.take(Input::NotTaken { offer, because: NotTaken::Busy });
    assert_eq!(desk.preferred_agent(1), None);
    assert_eq!(desk.state("bram"), "offered 1");
}

#[test]
fn it_holds_for_who_serves_the_queue_whatever_else_is_needed_and_not_too_long_ago() {
    let mut desk = desk();
    desk.ready("anna", "all");
    desk.call_for(1, "expert", Some("anna"), None);
    assert_eq!(desk.state("anna"), "offered 1", "without the skill");
    let mut desk = self::desk();
    desk.ready("anna", "calm");
    desk.call_for(1, "expert", Some("anna"), None);
    assert_eq!(desk.preferred_agent(1), None, "her team does not serve it");
    let mut desk = self::desk();
    desk.now = Time::from_millis(700_000_000);
    desk.ready("anna", "all");
    desk.ready("bram", "all");
    desk.take(arrival(1));
    let week = 7 * 86_400_000;
    desk.take(acquainted(1, "bram", Time::from_millis(desk.now.as_millis() - week - 1)));
    desk.take(handed_off(1, "calm"));
    assert_eq!(desk.state("anna"), "offered 1", "it is too long ago");
}

#[test]
fn why_it_waits_names_the_agent() {
    let mut desk = desk();
    desk.talks("anna", 1);
    desk.call_for(2, "calm", Some("anna"), None);
    let now = desk.now;
    let waiting = desk.router.waiting(contact(2), now).expect("it waits");
    let until = Time::from_millis(now.as_millis() + 19_000);
    assert_eq!(waiting.preferred_agent, Some((agent("anna"), Preference::Named, until)));
    desk.is_free("anna", 1);
    let offered = desk.log.iter().rev().find_map(|(_, event)| match event {
        Event::Contact { event: ContactEvent::Offered { why, .. }, .. } => Some(why.clone()),
        _ => None,
    });
    let why = offered.expect("it is offered");
    assert_eq!((why.preferred_agent, why.candidates.len()), (Some(Preference::Named), 1));
}
