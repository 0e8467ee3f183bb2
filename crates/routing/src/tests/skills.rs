//! Whom contacts need, and what follows when nobody has it.

use caruso_contact::{Clause, Proficiency, QueueId, SkillId, Skills, Why};

use super::*;

/// Levels by name; 0 is no skill.
pub(crate) fn skills(levels: &[(&str, u8)]) -> Skills {
    let skill = |(name, level): &(&str, u8)| {
        let proficiency = Proficiency::try_from(*level).ok()?;
        Some((SkillId::new(name).expect("a name"), proficiency))
    };
    levels.iter().filter_map(skill).collect()
}

impl Desk {
    fn skilled(&mut self, name: &str, levels: &[(&str, u8)]) -> Vec<String> {
        self.take(Input::SkillsKnown { agent: agent(name), skills: skills(levels) })
    }

    /// A call for an expert, of whom the script knows this.
    fn expert(&mut self, number: u128, attributes: &[(&str, &str)]) -> Vec<String> {
        self.take(arrival(number));
        let named = attributes.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        let attributes: BTreeMap<String, String> = named.collect();
        let queue = QueueId::new("expert").expect("a name");
        self.take(Input::HandedOff {
            contact: contact(number),
            queue,
            attributes: attributes.into(),
        })
    }

    fn last_why(&self) -> &Why {
        let mut offers = self.log.iter().rev().filter_map(|(_, event)| match event {
            Event::Contact { event: ContactEvent::Offered { why, .. }, .. } => Some(why),
            _ => None,
        });
        offers.next().expect("something was offered")
    }
}

#[test]
fn a_contact_waits_for_whom_it_needs_and_keeps_nobody_waiting_who_needs_less() {
    let mut desk = Desk::new();
    desk.skilled("anna", &[("gas", 2), ("dutch", 5)]);
    desk.ready("anna", "all");
    assert_eq!(desk.expert(1, &[]), ["play music 1"], "gas 3 is needed");
    assert_eq!(desk.call(2, "calm"), ["play music 2", "ring anna for 2"]);
    desk.skilled("bram", &[("gas", 3), ("dutch", 1)]);
    desk.ready("bram", "all");
    assert_eq!(desk.state("bram"), "offered 1");
    let why = desk.last_why();
    assert_eq!(why.excluded[0].clause, Clause::Offered);
    let asked = why.asked.as_ref().expect("something is asked for");
    assert_eq!((asked.step, asked.until), (0, Some(Time::from_millis(1_011_000))));
}

#[test]
fn the_attributes_of_the_contact_count_and_what_does_not_fit_is_the_default() {
    let mut desk = Desk::new();
    desk.skilled("anna", &[("gas", 4), ("dutch", 1)]);
    desk.ready("anna", "all");
    assert_eq!(desk.expert(1, &[("grade", "2")]), ["play music 1"], "more Dutch is needed");
    assert_eq!(desk.expert(2, &[("grade", "two")]), ["play music 2", "ring anna for 2"]);
    desk.take(Input::CallerGone { contact: contact(2) });
    let english = [("grade", "5"), ("language", "en")];
    assert_eq!(desk.expert(3, &english), ["play music 3", "ring anna for 3"]);
}

#[test]
fn a_requirement_is_relaxed_at_its_time_and_the_contact_keeps_its_place() {
    let mut desk = Desk::new();
    desk.skilled("anna", &[("gas", 2)]);
    desk.ready("anna", "all");
    desk.expert(1, &[]);
    assert_eq!(desk.router.next_deadline(), Some(desk.now.after_seconds(10)));
    assert!(desk.pass(9).is_empty());
    assert_eq!(desk.pass(1), ["ring anna for 1"]);
    let why = desk.last_why().clone();
    let asked = why.asked.expect("something is asked for");
    assert_eq!((asked.step, asked.when.as_str()), (1, "skill.gas ge 2"));
    assert_eq!(why.waiting_since.after_seconds(30), asked.until.expect("one more step"));

    desk.expert(2, &[]);
    desk.pass(20);
    assert_eq!(desk.state("anna"), "not-ready no-answer");
    desk.skilled("anna", &[]);
    desk.skilled("bram", &[("gas", 1)]);
    desk.ready("bram", "all");
    assert_eq!(desk.state("bram"), "offered 1", "the last step holds for it since 30 s");
}

#[test]
fn who_is_excluded_is_told_with_the_part_that_they_do_not_meet() {
    let mut desk = Desk::new();
    desk.skilled("anna", &[("gas", 5)]);
    desk.skilled("bram", &[("gas", 1), ("dutch", 5)]);
    desk.skilled("cees", &[("gas", 5), ("dutch", 5)]);
    ["anna", "bram", "cees"].into_iter().for_each(|name| desk.ready(name, "all"));
    assert_eq!(desk.expert(1, &[]), ["play music 1", "ring cees for 1"]);
    let excluded = desk.last_why().excluded.iter();
    let told: Vec<_> = excluded.map(|it| (it.agent.as_str(), it.unmet.as_deref())).collect();
    let language = "contact.language eq 'en' or skill.dutch ge contact.grade";
    assert_eq!(told, [("anna", Some(language)), ("bram", Some("skill.gas ge 3"))]);
    assert!(desk.last_why().excluded.iter().all(|it| it.clause == Clause::Requirement));
}

#[test]
fn why_a_contact_waits_is_told_without_an_offer() {
    let mut desk = Desk::new();
    desk.expert(1, &[("grade", "2")]);
    let now = desk.now;
    let alone = desk.router.waiting(contact(1), now).expect("it waits");
    assert!(alone.excluded.is_empty());
    desk.skilled("anna", &[("gas", 3), ("dutch", 1)]);
    desk.ready("anna", "all");
    desk.take(Input::PhoneRegistered { agent: agent("bram") });
    desk.take(Input::SignIn { agent: agent("bram"), teams: vec!["all".into()] });
    desk.expert(2, &[]);
    desk.answer("anna");
    desk.expert(3, &[]);
    let before = desk.router.domain().clone();
    let now = desk.now;
    let waiting = desk.router.waiting(contact(3), now).expect("it waits");
    assert_eq!((waiting.ahead, waiting.since, waiting.at), (1, now, now));
    let asked = waiting.asked.expect("something is asked for");
    let first = "skill.gas ge 3 and (contact.language eq 'en' or skill.dutch ge contact.grade)";
    assert_eq!((asked.step, asked.when.as_str()), (0, first));
    assert_eq!(
        (asked.until, waiting.next.as_deref()),
        (Some(now.after_seconds(10)), Some("skill.gas ge 2"))
    );
    let excluded = waiting.excluded.iter().map(|it| (it.agent.as_str(), it.clause));
    let expected = [("anna", Clause::Talking), ("bram", Clause::NotReady)];
    assert_eq!(excluded.collect::<Vec<_>>(), expected);
    let names: Vec<&str> = waiting.attributes.keys().map(String::as_str).collect();
    assert_eq!(names, ["grade", "language"]);
    assert_eq!(desk.router.waiting(contact(2), now), None, "it talks");
    assert_eq!(desk.router.waiting(contact(9), now), None);
    assert_eq!(desk.router.domain(), &before, "asking changes nothing");
}

#[test]
fn who_is_ready_and_does_not_do_is_told_with_what_they_lack() {
    let mut desk = Desk::new();
    desk.skilled("anna", &[("gas", 3), ("dutch", 1)]);
    desk.ready("anna", "all");
    desk.expert(1, &[("grade", "2")]);
    let now = desk.now;
    let waiting = desk.router.waiting(contact(1), now).expect("it waits");
    let lacks = "contact.language eq 'en' or skill.dutch ge contact.grade";
    assert_eq!(waiting.excluded[0].unmet.as_deref(), Some(lacks));
}

#[test]
fn a_skill_that_becomes_known_counts_at_once_and_outlives_a_sign_out() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.expert(1, &[]);
    assert_eq!(desk.skilled("anna", &[("gas", 3), ("dutch", 1)]), ["ring anna for 1"]);
    assert_eq!(desk.log.len(), {
        desk.skilled("anna", &[("gas", 3), ("dutch", 1)]);
        desk.log.len()
    });
    desk.take(Input::CallerGone { contact: contact(1) });
    desk.take(Input::SignOut { agent: agent("anna") });
    desk.ready("anna", "all");
    assert_eq!(desk.expert(2, &[]), ["play music 2", "ring anna for 2"]);
}

#[test]
fn after_a_restart_requirements_hold_as_before() {
    let mut desk = Desk::new();
    desk.expert(1, &[("grade", "3")]);
    desk.pass(12);
    desk.router = {
        let mut router = Router::new(configuration(), Domain::default());
        desk.log.iter().for_each(|(at, event)| router.apply(*at, event));
        router
    };
    assert_eq!(desk.recover(&[1]), ["play music 1"]);
    desk.skilled("anna", &[("gas", 2)]);
    desk.ready("anna", "all");
    assert_eq!(desk.state("anna"), "offered 1");
    assert_eq!(desk.last_why().asked.as_ref().map(|asked| asked.step), Some(1));
}

#[test]
fn waiting_makes_up_for_priority_where_the_file_says_so() {
    let mut desk = Desk::with(aged());
    desk.call(1, "calm");
    desk.pass(8);
    desk.call(2, "urgent");
    desk.ready("anna", "all");
    assert_eq!(desk.state("anna"), "offered 2", "9 s are worth less than a priority");
    assert_eq!(desk.last_why().counts_from, Some(Time::from_millis(999_000)));

    let mut desk = Desk::with(aged());
    desk.call(1, "calm");
    desk.pass(10);
    desk.call(2, "urgent");
    desk.ready("anna", "all");
    assert_eq!(desk.state("anna"), "offered 1");
}

#[test]
fn the_priority_may_be_what_the_script_handed_over() {
    let mut desk = Desk::with(aged());
    for (number, grade, expected) in [(1, "7", 7), (2, "-3", 0), (3, "99", 9), (4, "x", 1)] {
        desk.expert(number, &[("grade", grade)]);
        let contact = desk.router.domain().contact(contact(number)).expect("it waits");
        assert_eq!(contact.place.as_ref().map(|(_, place)| place.priority), Some(expected));
    }
}

#[test]
fn each_queue_ranks_by_its_own_strategy() {
    let mut desk = Desk::with(aged());
    for (name, gas) in [("cees", 4), ("anna", 3), ("bram", 4)] {
        desk.skilled(name, &[("gas", gas), ("dutch", 5)]);
        desk.ready(name, "all");
    }
    let mut ringing = |queue: &str, number: u128| {
        let effects = match queue {
            "expert" => desk.expert(number, &[]),
            queue => desk.call(number, queue),
        };
        let ring = effects.iter().find_map(|it| it.strip_prefix("ring ")).expect("it rings");
        let name = ring.split(' ').next().expect("a name").to_owned();
        desk.answer(&name);
        desk.take(Input::CallerGone { contact: contact(number) });
        desk.dispose(&name, number).expect("in wrap-up");
        name
    };
    let mut three = |queue: &str, from: u128| [0, 1, 2].map(|it| ringing(queue, from + it));
    assert_eq!(three("expert", 1), ["bram", "bram", "bram"], "most gas, then by name");
    assert_eq!(three("urgent", 4), ["cees", "anna", "bram"], "by turns");
    assert_eq!(three("calm", 7), ["cees", "anna", "cees"], "the fewest contacts");
    let why = desk.last_why();
    assert_eq!((why.candidates[0].taken, why.candidates[1].taken), (Some(2), Some(2)));
}

impl Desk {
    /// Anna, who can do all, answers the contact and passes it on to a queue.
    fn pass_on(&mut self, number: u128, to: &str) {
        self.answer("anna");
        let to = crate::Destination::Queue(QueueId::new(to).expect("a name"));
        let note = String::new().into();
        let (agent, contact) = (agent("anna"), contact(number));
        self.take(Input::Transfer { agent, contact, to, note });
    }

    fn place_of(&self, number: u128) -> (u8, Option<String>) {
        let contact = self.router.domain().contact(contact(number)).expect("it waits");
        let required = contact.required.as_ref();
        let grade = required.and_then(|it| it.attributes.get("grade"));
        let (_, place) = contact.place.as_ref().expect("it is in a queue");
        (place.priority, grade.map(|it| format!("{it:?}")))
    }
}

#[test]
fn what_is_known_of_a_contact_goes_along_to_every_queue() {
    let mut desk = Desk::with(aged());
    desk.ready("anna", "all");
    desk.take(arrival(1));
    let given = [("grade", "4"), ("language", "xx"), ("name", "Jansen")];
    let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let queue = QueueId::new("calm").expect("a name");
    let attributes = BTreeMap::from(given).into();
    desk.take(Input::HandedOff { contact: contact(1), queue, attributes });
    let declared = desk.log.iter().find_map(|(_, event)| match event {
        Event::Contact { event: ContactEvent::QueueEntered { declared, .. }, .. } => Some(declared),
        _ => None,
    });
    let names: Vec<&str> = declared.expect("told").keys().map(String::as_str).collect();
    assert_eq!(names, ["grade"], "neither what does not fit nor what nobody declared");
    desk.pass_on(1, "expert");
    assert_eq!(desk.place_of(1), (4, Some("Int(4)".to_owned())));
}

/// A day that was written before a hand-off told what routing knows: the queue's requirement did.
#[test]
fn what_an_older_log_says_of_a_contact_goes_along_too() {
    let mut desk = Desk::with(aged());
    desk.skilled("anna", &[("gas", 5), ("dutch", 5)]);
    desk.ready("anna", "all");
    desk.expert(1, &[("grade", "3")]);
    let older = |(at, event): &(Time, Event)| {
        let mut json = serde_json::to_value(event).expect("it has a JSON form");
        json["event"].as_object_mut().map(|event| event.remove("declared"));
        (*at, serde_json::from_value(json).expect("it is still read"))
    };
    let log: Vec<(Time, Event)> = desk.log.iter().map(older).collect();
    assert_ne!(log, desk.log);
    desk.router = Router::new(aged(), Domain::default());
    log.iter().for_each(|(at, event)| desk.router.apply(*at, event));
    desk.pass_on(1, "calm");
    desk.dispose("anna", 1).expect("in wrap-up");
    desk.pass_on(1, "expert");
    assert_eq!(desk.place_of(1), (3, Some("Int(3)".to_owned())));
}

trait AfterSeconds {
    fn after_seconds(self, seconds: u64) -> Time;
}

impl AfterSeconds for Time {
    fn after_seconds(self, seconds: u64) -> Time {
        self.after(std::time::Duration::from_secs(seconds))
    }
}
