//! Another release comes into force while people work.

use super::*;

impl Desk {
    /// The file with this instead of that is in force, and the agents' teams are known anew.
    fn adopt(&mut self, this: &str, that: &str, agents: &[(&str, &str)]) -> Vec<String> {
        let text = ROUTING.replacen(this, that, 1);
        assert_ne!(text, ROUTING);
        self.router.adopt(compiled(&text));
        let mut effects = Vec::new();
        for (name, team) in agents {
            let teams = vec![(*team).to_owned()];
            effects.extend(self.take(Input::TeamsKnown { agent: agent(name), teams }));
        }
        effects.extend(self.take(Input::Tick));
        effects
    }
}

#[test]
fn who_works_serves_what_the_team_serves_now() {
    let mut desk = Desk::new();
    desk.ready("anna", "calm");
    desk.call(1, "urgent");
    assert_eq!(desk.state("anna"), "ready", "her team does not serve it");
    let more = "<team id=\"calm\" serves=\"calm urgent\"/>";
    let effects = desk.adopt(
        "<team id=\"calm\" serves=\"calm\"/>",
        more,
        &[("anna", "calm"), ("bram", "all")],
    );
    assert_eq!(effects, ["ring anna for 1"]);
    let told = desk.log.iter().filter(|(_, event)| event.type_name() == "agent.queues-set");
    assert_eq!(told.count(), 1, "of who does not work nothing is told");
    let again = desk.take(Input::TeamsKnown { agent: agent("anna"), teams: vec!["calm".into()] });
    assert_eq!(again, Vec::<String>::new(), "nothing has changed");
}

#[test]
fn what_is_under_way_goes_on_and_new_rules_hold_for_it() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.call(1, "urgent");
    desk.answer("anna");
    desk.call(2, "calm");
    let none = "id=\"calm\" serves=\"calm\"";
    let fewer = "id=\"calm\" serves=\"expert\"";
    assert_eq!(desk.adopt(none, fewer, &[("anna", "calm")]), Vec::<String>::new());
    assert_eq!(desk.state("anna"), "talking 1", "of a queue that she serves no more");
    desk.take(Input::CallerGone { contact: contact(1) });
    desk.dispose("anna", 1).expect("in wrap-up");
    assert_eq!(desk.state("anna"), "ready", "who waits in calm is for others");
    desk.ready("bram", "all");
    assert_eq!(desk.state("bram"), "offered 2", "nobody was lost");
}
