//! Customers who are told of their wait.

use super::*;
use crate::Wait;

/// Place and, where it is known, between how many and how many seconds it takes.
pub(super) fn in_words(wait: &Wait) -> String {
    let seconds = |until: Time| until.since(wait.at).as_secs();
    let between =
        wait.estimate.map(|it| format!(", {} to {} s", seconds(it.from), seconds(it.until)));
    format!(": place {}{}", wait.position, between.unwrap_or_default())
}

/// Who waits in `calm` is told of it after 15 s and then every 25 s, or may press 2.
fn telling() -> Desk {
    let offer = "offer=\"music\" key=\"2\" script=\"script\"";
    let text = ROUTING.replace(
        "say=\"music\" attempts=\"2\" again=\"1m\" expires=\"1h\"/>",
        &format!(
            "say=\"music\" {offer} attempts=\"2\" again=\"1m\" expires=\"1h\"/>\
             <announcement script=\"menu\" after=\"15s\" every=\"25s\"/>"
        ),
    );
    Desk::with(compiled(&text))
}

impl Desk {
    /// The script that talks aside is at its end.
    fn finish(&mut self, number: u128) -> Vec<String> {
        self.take(Input::IvrFinished { contact: contact(number) })
    }

    /// A conversation of some seconds with whoever is next.
    fn serve(&mut self, name: &str, number: u128, seconds: u64) {
        self.answer(name);
        self.pass(seconds);
        self.take(Input::CallerGone { contact: contact(number) });
        self.dispose(name, number).expect("it is wrapped up");
    }

    fn is_next_due_in(&self) -> u64 {
        self.router.next_deadline().expect("somebody waits").since(self.now).as_secs()
    }
}

#[test]
fn who_waits_is_told_the_place_and_waits_on() {
    let mut desk = telling();
    desk.call(1, "calm");
    desk.call(2, "calm");
    assert_eq!(desk.is_next_due_in(), 13);
    assert_eq!(desk.pass(13), ["menu aside 1: place 1"]);
    assert_eq!(desk.pass(1), ["menu aside 2: place 2"]);
    assert_eq!(desk.finish(2), ["play music 2, then music"]);
    assert_eq!(desk.pass(24), Vec::<String>::new(), "the first still listens, the other was told");
    assert_eq!(desk.pass(1), ["menu aside 2: place 2"]);
    assert_eq!(desk.finish(1), ["play music 1, then music"]);
    assert_eq!(desk.pass(24), Vec::<String>::new());
    assert_eq!(desk.pass(1), ["menu aside 1: place 1"], "as long after it was at its end");
}

#[test]
fn nobody_is_told_while_a_telephone_rings_for_them_or_a_script_asks_them() {
    let mut desk = telling();
    desk.ready("anna", "all");
    desk.call(1, "calm");
    desk.call(2, "calm");
    let key = |key| Input::KeyPressed { contact: contact(2), key };
    assert_eq!(desk.take(key('5')), Vec::<String>::new());
    assert_eq!(desk.take(key('2')), ["script aside 2"]);
    assert_eq!(desk.take(key('2')), Vec::<String>::new(), "it is asked already");
    assert_eq!(desk.pass(17), Vec::<String>::new());
    assert_eq!(desk.pass(1), ["drop agent", "menu aside 1: place 1"], "nobody answered");
}

#[test]
fn the_estimate_is_the_pace_of_the_queue_and_is_never_later_than_it_was() {
    let mut desk = telling();
    desk.ready("anna", "all");
    for number in 1..=9 {
        desk.call(number, "calm");
    }
    let mut heard = Vec::new();
    for number in 1..=3 {
        desk.serve("anna", number, 60);
        heard.extend(desk.router.domain().contact(contact(9)).and_then(|it| it.announced.clone()));
        desk.finish(9);
    }
    assert!(heard.iter().all(|told| told.first.is_none()), "too few turns to tell");
    desk.serve("anna", 4, 60);
    desk.answer("anna");
    let told = |desk: &Desk| {
        let contact = desk.router.domain().contact(contact(9)).expect("it waits");
        contact.announced.as_ref().and_then(|told| told.latest)
    };
    desk.pass(25);
    let first = told(&desk).expect("the fifth has been reached");
    let seconds = first.expected.since(desk.now).as_secs();
    assert!((4 * 45..4 * 65).contains(&seconds), "four before a minute each: {seconds} s");
    desk.finish(9);
    // the one in conversation stays, so that nothing moves any more
    for _ in 0..40 {
        let before = told(&desk);
        desk.pass(25);
        desk.finish(9);
        match (before, told(&desk)) {
            (Some(before), Some(now)) => assert!(now.until <= before.until, "it grew"),
            (None, now) => assert_eq!(now, None, "what was promised is over"),
            (Some(before), None) => assert!(before.until <= desk.now),
        }
    }
    assert_eq!(told(&desk), None);
}

#[test]
fn a_restart_ends_what_a_script_said() {
    let mut desk = telling();
    desk.call(1, "calm");
    desk.pass(14);
    assert!(desk.router.domain().contact(contact(1)).expect("it waits").hears_script);
    assert_eq!(desk.recover(&[1]), ["play music 1, then music"]);
    assert_eq!(desk.pass(25), ["menu aside 1: place 1"]);
}
