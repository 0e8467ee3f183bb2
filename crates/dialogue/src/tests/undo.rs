//! Answers that change after actions were sent: what is taken back, what stays, what is sent anew.

use proptest::prelude::*;

use super::*;
use crate::ledger::{Progress, Revoked};

/// A technician is ordered, noted with the order's number, and an outing for a large one; the last
/// step may be gone back from.
const BODY: &str = "<input name='customer' class='Customer' required='yes'/>\
    <ask id='a' type='integer'><say>How many?</say>\
    <next when='has(customer)' to='b'/><next to='end'/></ask>\
    <ask id='b' type='yes-no'><say>Now?</say><next when='b' to='order'/><next to='later'/></ask>\
    <do id='order' wait='10'>\
    <invoke name='job' operation='erp.create_service_order' undo='compensate'>\
    <title>Technician</title>\
    <set name='customer' value='customer.number'/><set name='connection' value='\"8716\"'/>\
    <set name='kind' value='\"meter\"'/><set name='urgency' value=\"a gt 5 ? 'high' : 'normal'\"/>\
    <compensate operation='erp.cancel_service_order'>\
    <set name='order' value='job.order.or(\"none\")'/>\
    <set name='reason' value='\"asked by \" + customer.name.or(\"nobody\")'/></compensate></invoke>\
    <next when='has(job)' to='note'/><next to='later'/></do>\
    <do id='note' wait='10'>\
    <create name='move' class='Move' undo='compensate'><title>Note</title>\
    <set name='new_street' value='job.order.or(\"none\")'/>\
    <set name='new_house_number' value='\"1\"'/><set name='new_postal_code' value='\"1234\"'/>\
    <set name='new_city' value='\"Baarn\"'/><set name='moving_date' value='date(\"2026-12-01\")'/>\
    <set name='customer' value='customer'/></create>\
    <create name='mail' class='Move' undo='keep'><title>Letter</title>\
    <set name='new_street' value='\"s\"'/>\
    <set name='new_house_number' value='\"1\"'/><set name='new_postal_code' value='\"1234\"'/>\
    <set name='new_city' value='\"Baarn\"'/><set name='moving_date' value='date(\"2026-12-01\")'/>\
    <set name='customer' value='customer'/></create><next to='later'/></do>\
    <ask id='later' type='yes-no'><say>Anything else?</say><next to='end'/></ask>\
    <end id='end' outcome='x'/>";

fn begun(script: &Script) -> Session<'_> {
    let mut session = Session::start(script, Channel::Agent, true);
    session.read(&customer(false), &[]);
    session
}

fn under_way(session: &Session<'_>) -> Vec<Order> {
    let effects = outstanding(session.script, &session.state).into_iter();
    let orders = effects.filter_map(|effect| match effect {
        Effect::Perform(order) => Some(order),
        _ => None,
    });
    orders.collect()
}

/// Carries out what is under way under this key.
fn carry_out(session: &mut Session<'_>, key: &str) {
    let order = under_way(session).into_iter().find(|it| it.key == key);
    let order = order.unwrap_or_else(|| panic!("{key} is not under way"));
    let is_job =
        matches!(&order.task, Task::Invoke { operation, .. } if operation.contains("create"));
    let number = || Datum::Text(format!("order of {key}"));
    let results = is_job.then(|| ("order".to_owned(), number())).into_iter().collect();
    let is_new = matches!(order.task, Task::Create { .. });
    let (object, revision) = (is_new.then(|| "7".to_owned()), is_new.then(|| "r1".to_owned()));
    let summary = format!("{key} done");
    let key = key.to_owned();
    session.input(Input::Confirmed { key, results, object, revision, summary }).expect("it counts");
}

fn keys(session: &Session<'_>) -> Vec<String> {
    under_way(session).into_iter().map(|it| it.key).collect()
}

fn states(view: &View) -> Vec<(&str, ActionState)> {
    view.actions.iter().map(|it| (it.title.as_str(), it.state)).collect()
}

#[test]
fn before_an_answer_changes_the_agent_sees_what_goes_and_what_stays() {
    let script = compiled(&script("agent", BODY));
    let mut session = begun(&script);
    session.answers(&[("a", "3"), ("b", "true")]);
    carry_out(&mut session, "s1/order/job");
    carry_out(&mut session, "s1/note/move");
    carry_out(&mut session, "s1/note/mail");
    let trail = session.view().trail;
    let told: Vec<_> =
        trail.iter().map(|it| (it.step.as_str(), it.undone.join(" "), it.kept.join(" "))).collect();
    let all = |step| (step, "Technician Note".to_owned(), "Letter".to_owned());
    assert_eq!(told, [all("a"), all("b")], "the note has the number of the order");
    assert_eq!(trail[0].locked_because, None);
}

#[test]
fn a_changed_answer_takes_actions_back_by_what_they_gave() {
    let script = compiled(&script("agent", BODY));
    let mut session = begun(&script);
    session.answers(&[("a", "3"), ("b", "true")]);
    carry_out(&mut session, "s1/order/job");
    carry_out(&mut session, "s1/note/move");
    session.answers(&[("b", "false")]);
    assert_eq!(session.view().step, "later");
    let orders = under_way(&session);
    let tasks: Vec<&Task> = orders.iter().map(|it| &it.task).collect();
    let arguments = [("order", "order of s1/order/job"), ("reason", "asked by J. de Vries")];
    let arguments = arguments.map(|(name, it)| (name.to_owned(), Datum::Text(it.to_owned())));
    let cancel = "erp.cancel_service_order".to_owned();
    let delete = Task::Delete { class: "Move".into(), key: "7".into(), revision: "r1".into() };
    let [job, note, mail] = tasks[..] else { panic!("{tasks:?}") };
    assert_eq!(*job, Task::Invoke { operation: cancel, arguments: arguments.into() });
    assert_eq!(*note, delete);
    assert!(matches!(mail, Task::Create { .. }), "it stays under way");
    carry_out(&mut session, "s1/order/job/undo");
    let failed = Input::Failed { key: "s1/note/move/undo".into(), reason: "it was changed".into() };
    session.input(failed).expect("it counts");
    let view = session.view();
    assert_eq!(
        states(&view),
        [
            ("Technician", ActionState::Undone),
            ("Note", ActionState::NotUndone),
            ("Letter", ActionState::Queued)
        ]
    );
    assert_eq!(view.actions[1].result, "it was changed");
}

#[test]
fn what_would_come_out_the_same_is_left_alone() {
    let script = compiled(&script("agent", BODY));
    let mut session = begun(&script);
    session.answers(&[("a", "3"), ("b", "true")]);
    carry_out(&mut session, "s1/order/job");
    session.answers(&[("a", "4")]);
    assert_eq!(keys(&session), ["s1/note/move", "s1/note/mail"]);
    session.answers(&[("a", "9")]);
    let sent: Vec<String> = keys(&session);
    assert!(sent.contains(&"s1/order/job/undo".to_owned()), "{sent:?}");
    assert!(sent.contains(&"s1/order/job/2".to_owned()), "it is urgent now: {sent:?}");
    let waiting = Shown::Waiting { text: "Technician".into() };
    assert_eq!(session.view().shown, waiting, "for the new order, not for the old one");
}

#[test]
fn what_is_still_under_way_is_taken_back_once_it_is_known_what_it_was() {
    let script = compiled(&script("agent", BODY));
    let mut session = begun(&script);
    session.answers(&[("a", "3"), ("b", "true"), ("b", "false")]);
    assert_eq!(keys(&session), ["s1/order/job"], "nobody knows whether it arrived");
    assert_eq!(states(&session.view()), [("Technician", ActionState::Undoing)]);
    session.answers(&[("later", "false")]);
    assert_eq!(session.view().shown, Shown::End { outcome: "x".into() });
    carry_out(&mut session, "s1/order/job");
    assert_eq!(keys(&session), ["s1/order/job/undo"], "also after the end");
    carry_out(&mut session, "s1/order/job/undo");
    assert_eq!(keys(&session), [""; 0]);
    assert_eq!(State::replay(&session.events), session.state);
}

#[test]
fn an_action_that_was_refused_is_tried_anew_with_other_answers() {
    let script = compiled(&script("agent", BODY));
    let mut session = begun(&script);
    session.answers(&[("a", "3"), ("b", "true")]);
    let failed = Input::Failed { key: "s1/order/job".into(), reason: "no room".into() };
    session.input(failed).expect("it counts");
    assert_eq!(session.view().trail[0].undone, [""; 0], "there is nothing to take back");
    session.answers(&[("a", "9")]);
    assert_eq!(keys(&session), ["s1/order/job/2"]);
}

#[test]
fn what_forbids_a_change_forbids_it_through_what_it_builds_on() {
    let locked = BODY.replace("class='Move' undo='compensate'", "class='Move'");
    let script = compiled(&script("agent", &locked));
    let mut session = begun(&script);
    session.answers(&[("a", "3"), ("b", "true")]);
    carry_out(&mut session, "s1/order/job");
    let refused = session.answer("a", "9").expect_err("the note has the number of the order");
    assert_eq!(refused, Refusal::Locked("Note".into()));
}

#[test]
fn mistakes_about_undoing_are_found() {
    let found = |body: &str| match check(&script("agent", body)) {
        Ok(_) => String::new(),
        Err(findings) => lines(&findings),
    };
    let without = BODY
        .replace("<compensate operation='erp.cancel_service_order'>", "<!--")
        .replace("</compensate>", "-->");
    assert!(found(&without).contains("CG0409"), "{}", found(&without));
    let never = BODY.replace(
        "operation='erp.create_service_order' undo='compensate'",
        "operation='erp.create_service_order'",
    );
    assert!(found(&never).contains("the action is never taken back"), "{}", found(&never));
    let answers = BODY.replace(
        "job.order.or(\"none\")'/>\
    <set name='reason'",
        "string(a)'/>\
    <set name='reason'",
    );
    assert!(found(&answers).contains("`a`"), "answers may have changed: {}", found(&answers));
    let unset = BODY.replace("<set name='order' value='job.order.or(\"none\")'/>", "");
    assert!(found(&unset).contains("CG0206"), "{}", found(&unset));
}

/// What a session does that nobody changes anything in.
fn fresh(script: &Script, view: &View) -> Vec<(String, Task)> {
    let mut session = begun(script);
    for answered in &view.trail {
        while let Some(key) = keys(&session).first().cloned() {
            carry_out(&mut session, &key);
        }
        session.answers(&[(&answered.step, &answered.value)]);
    }
    while let Some(key) = keys(&session).first().cloned() {
        carry_out(&mut session, &key);
    }
    let sent = session.state.ledger.iter().map(|it| (it.order.name.clone(), timeless(&it.order)));
    sent.collect()
}

/// Without numbers that differ by how often something was sent.
fn timeless(order: &Order) -> Task {
    let text = serde_json::to_string(&order.task).expect("JSON");
    let text = (2..60).rev().fold(text, |text, n| text.replace(&format!("job/{n}"), "job"));
    serde_json::from_str(&text).expect("JSON")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_changes_in_the_end_what_counts_is_what_was_answered(
        moves in prop::collection::vec((0..5usize, any::<usize>()), 1..40),
    ) {
        let script = compiled(&script("agent", BODY));
        let mut session = begun(&script);
        for (what, which) in moves {
            let before = session.state.clone();
            let answered = match what {
                0 => session.answer("a", ["1", "2", "8", "9"][which % 4]),
                1 => session.answer("b", ["true", "false"][which % 2]),
                _ => {
                    let keys = keys(&session);
                    if !keys.is_empty() {
                        carry_out(&mut session, &keys[which % keys.len()]);
                    }
                    Ok(())
                }
            };
            if answered.is_err() {
                prop_assert_eq!(&session.state, &before);
            }
        }
        while let Some(key) = keys(&session).first().cloned() {
            carry_out(&mut session, &key);
        }
        prop_assert_eq!(&State::replay(&session.events), &session.state);
        let view = session.view();
        let live = session.state.ledger.iter().filter(|it| it.revoked.is_none());
        let compensated = live.clone().filter(|it| it.order.name != "mail");
        let mut counts: Vec<_> =
            compensated.map(|it| (it.order.name.clone(), timeless(&it.order))).collect();
        let mut wanted = fresh(&script, &view);
        wanted.retain(|(name, _)| name != "mail");
        counts.sort_by(|a, b| a.0.cmp(&b.0));
        wanted.sort_by(|a, b| a.0.cmp(&b.0));
        prop_assert_eq!(counts, wanted);
        for entry in &session.state.ledger {
            let is_settled = match &entry.revoked {
                None | Some(Revoked::Sent { progress: Progress::Confirmed { .. }, .. }) => true,
                Some(_) => false,
            };
            prop_assert!(is_settled, "{:?}", entry);
        }
        let mut sent: Vec<&str> = Vec::new();
        for event in &session.events {
            if let Event::ActionQueued(order) | Event::CompensationQueued { order, .. } = event {
                sent.push(&order.key);
            }
        }
        let all = sent.len();
        sent.sort_unstable();
        sent.dedup();
        prop_assert_eq!(sent.len(), all, "each under a key of its own");
    }
}
