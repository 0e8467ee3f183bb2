use caruso_api::contact::v1::Consultation;
use caruso_api::script::v1::{Action, End, Paused};
use caruso_api::storage::v1::Object;
use prost_types::Timestamp;

use super::*;

fn status(state: AgentState, contact: Option<CurrentContact>) -> Input {
    Input::Status(Box::new(AgentStatus { state: state.into(), contact, ..AgentStatus::default() }))
}

fn contact(id: &str, is_connected: bool) -> CurrentContact {
    CurrentContact {
        contact_id: id.to_owned(),
        calling_number: "+31612345678".to_owned(),
        script: "fault-report".to_owned(),
        connected_at: is_connected.then(Timestamp::default),
        ..CurrentContact::default()
    }
}

fn customer(key: &str) -> Customer {
    let object = Object { class: "Customer".to_owned(), key: key.to_owned(), ..Object::default() };
    Customer { object: Some(object), ..Customer::default() }
}

fn found(contact: &str, keys: &[&str], known: &str) -> Input {
    Input::Found {
        contact: contact.to_owned(),
        customers: keys.iter().map(|key| customer(key)).collect(),
        known: known.to_owned(),
    }
}

fn view(contact: &str, session: &str, state: Option<ViewState>) -> Input {
    let view = View { session_id: session.to_owned(), state, ..View::default() };
    Input::Script { contact: contact.to_owned(), view: Box::new(view) }
}

fn desk(inputs: impl IntoIterator<Item = Input>) -> DeskState {
    let mut desk = DeskState::default();
    inputs.into_iter().for_each(|input| desk.apply(input));
    desk
}

#[test]
fn only_an_unfinished_script_is_told_that_the_customer_hung_up() {
    let gone = CurrentContact { customer_hung_up: true, ..contact("c1", true) };
    let mut desk = desk([status(AgentState::Talking, Some(contact("c1", true)))]);
    desk.apply(view("c1", "s1", None));
    assert_eq!(desk.wanted().hang_up, None, "the customer is there");
    desk.apply(status(AgentState::WrapUp, Some(gone)));
    let key = HangUpKey { contact: "c1".to_owned(), session: "s1".to_owned() };
    assert_eq!(desk.wanted().hang_up, Some(key));
    desk.apply(view("c1", "s1", Some(ViewState::Paused(Paused::default()))));
    assert_eq!(desk.wanted().hang_up, None, "it goes on by itself");
    assert_eq!(desk.unfinished_session(), None, "and is not cancelled with the contact");
    desk.apply(view("c1", "s1", Some(ViewState::End(End::default()))));
    assert_eq!(desk.wanted().hang_up, None, "it is over");
}

#[test]
fn nothing_is_fetched_between_two_contacts() {
    let desk = desk([status(AgentState::Ready, None)]);
    assert_eq!(desk.wanted(), Wanted::default());
    assert_eq!(desk.message().late, Vec::<String>::new());
}

#[test]
fn an_offer_asks_who_calls_and_says_that_the_answer_is_late() {
    let desk = desk([status(AgentState::Offered, Some(contact("c1", false)))]);
    let key = LookupKey { contact: "c1".to_owned(), number: "+31612345678".to_owned() };
    assert_eq!(desk.wanted(), Wanted { lookup: Some(key), ..Wanted::default() });
    assert!(desk.is_offer_without_customer());
    assert_eq!(desk.message().late, ["customers"]);
}

#[test]
fn the_only_customer_is_told_to_the_contact_and_its_objects_are_fetched() {
    let offered = status(AgentState::Offered, Some(contact("c1", false)));
    let mut desk = desk([offered, found("c1", &["k1"], "")]);
    let key = CustomerKey {
        contact: "c1".to_owned(),
        class: "Customer".to_owned(),
        key: "k1".to_owned(),
    };
    assert_eq!(desk.wanted().identify, Some(key.clone()));
    assert_eq!(desk.wanted().related, Some(RelatedKey { customer: key, done: 0 }));
    assert_eq!(desk.wanted().script, None, "the customer is not on the line yet");
    assert_eq!(desk.message().late, ["related"]);

    desk.apply(Input::Identified { contact: "c1".to_owned(), customer: "k1".to_owned() });
    desk.apply(Input::Related { customer: "k1".to_owned(), related: Vec::new(), is_whole: true });
    assert_eq!(desk.wanted().identify, None);
    assert_eq!(desk.message().customer_key, "k1");
    assert_eq!(desk.message().late, Vec::<String>::new());
}

#[test]
fn the_script_waits_until_the_customer_talks_and_is_known_not_to_be_known() {
    let talking = status(AgentState::Talking, Some(contact("c1", true)));
    let mut desk = desk([talking]);
    assert_eq!(desk.wanted().script, None, "the look-up is under way");
    desk.apply(found("c1", &[], ""));
    let script = desk.wanted().script.expect("nobody has this number");
    assert_eq!((script.script.as_str(), script.customer.as_str()), ("fault-report", ""));
}

#[test]
fn among_several_customers_the_agent_decides_before_the_script_runs() {
    let talking = status(AgentState::Talking, Some(contact("c1", true)));
    let mut desk = desk([talking, found("c1", &["k1", "k2"], "")]);
    assert_eq!(desk.wanted().script, None);
    assert_eq!(desk.wanted().related, None);
    desk.apply(Input::Chosen { contact: "c1".to_owned(), customer: "k9".to_owned() });
    assert_eq!(desk.message().customer_key, "", "k9 is not among them");
    desk.apply(Input::Chosen { contact: "c1".to_owned(), customer: "k2".to_owned() });
    assert_eq!(desk.message().customer_key, "k2");
    assert_eq!(desk.wanted().script.map(|script| script.customer).as_deref(), Some("k2"));
}

#[test]
fn after_a_reload_the_choice_that_was_made_is_there_again() {
    let talking = status(AgentState::Talking, Some(contact("c1", true)));
    let desk = desk([talking, found("c1", &["k1", "k2"], "k2")]);
    assert_eq!(desk.message().customer_key, "k2");
    assert_eq!(desk.wanted().identify, None, "the contact knows it");
}

#[test]
fn another_contact_clears_the_desk_and_late_answers_for_the_old_one_are_left_alone() {
    let first = status(AgentState::Talking, Some(contact("c1", true)));
    let mut desk = desk([first, found("c1", &["k1"], "k1"), view("c1", "s1", None)]);
    desk.apply(status(AgentState::Offered, Some(contact("c2", false))));
    assert_eq!(desk.message().script, None);
    assert!(desk.message().customers.is_empty());
    desk.apply(found("c1", &["k1"], "k1"));
    desk.apply(view("c1", "s1", None));
    assert_eq!(desk.message().script, None);
    assert!(desk.message().customers.is_empty());
}

#[test]
fn a_change_of_state_keeps_the_customer_and_the_script() {
    let talking = status(AgentState::Talking, Some(contact("c1", true)));
    let mut desk = desk([talking, found("c1", &["k1"], "k1"), view("c1", "s1", None)]);
    desk.apply(Input::StatusLost);
    assert_eq!(desk.message().late, ["status", "related"]);
    desk.apply(status(AgentState::WrapUp, Some(contact("c1", true))));
    let message = desk.message();
    assert_eq!(message.script.map(|view| view.session_id).as_deref(), Some("s1"));
    assert_eq!(message.customers.len(), 1);
    assert_eq!(message.late, ["related"]);
}

#[test]
fn what_the_script_did_is_looked_for_beside_the_customer() {
    let talking = status(AgentState::Talking, Some(contact("c1", true)));
    let mut desk = desk([talking, found("c1", &["k1"], "k1")]);
    let before = RelatedObjects { class: "Meter".to_owned(), ..RelatedObjects::default() };
    desk.apply(Input::Related { customer: "k1".to_owned(), related: vec![before], is_whole: true });
    let done = |desk: &DeskState| desk.wanted().related.map(|key| key.done);
    assert_eq!(done(&desk), Some(0));

    let actions = [ActionState::Confirmed, ActionState::Queued]
        .map(|state| Action { state: state.into(), ..Action::default() });
    let view = View { actions: actions.into(), ..View::default() };
    desk.apply(Input::Script { contact: "c1".to_owned(), view: Box::new(view) });
    assert_eq!(done(&desk), Some(1));
    desk.apply(Input::Related { customer: "k1".to_owned(), related: Vec::new(), is_whole: true });
    let message = desk.message();
    assert_eq!(message.customers[0].related.len(), 1, "what was there stays");
    assert_eq!(message.late, Vec::<String>::new());
}

#[test]
fn what_is_late_of_a_customer_is_said_beside_what_came() {
    let talking = status(AgentState::Talking, Some(contact("c1", true)));
    let mut desk = desk([talking, found("c1", &["k1"], "k1")]);
    let came = RelatedObjects { class: "Meter".to_owned(), ..RelatedObjects::default() };
    let customer = || "k1".to_owned();
    let related = vec![came.clone()];
    desk.apply(Input::Related { customer: customer(), related, is_whole: false });
    let message = desk.message();
    assert_eq!(message.customers[0].related.len(), 1);
    assert_eq!(message.late, ["related"]);
    let late = RelatedObjects { class: "Invoice".to_owned(), ..RelatedObjects::default() };
    desk.apply(Input::Related { customer: customer(), related: vec![came, late], is_whole: true });
    let message = desk.message();
    assert_eq!(message.customers[0].related.len(), 2);
    assert_eq!(message.late, Vec::<String>::new());
}

#[test]
fn a_session_is_unfinished_until_its_end() {
    let talking = status(AgentState::Talking, Some(contact("c1", true)));
    let mut desk = desk([talking, view("c1", "s1", None)]);
    assert_eq!(desk.unfinished_session(), Some("s1"));
    desk.apply(view("c1", "s1", Some(ViewState::End(End::default()))));
    assert_eq!(desk.unfinished_session(), None);
}

#[test]
fn a_script_that_cannot_run_says_why_until_it_runs() {
    let talking = status(AgentState::Talking, Some(contact("c1", true)));
    let mut desk = desk([talking, Input::ScriptLost { contact: "c1".to_owned() }]);
    assert!(desk.message().late.contains(&"script".to_owned()));
    let problem = "the input customer is missing".to_owned();
    desk.apply(Input::ScriptProblem { contact: "c1".to_owned(), problem: problem.clone() });
    assert_eq!(desk.message().script_problem, problem);
    assert!(!desk.message().late.contains(&"script".to_owned()));
    desk.apply(view("c1", "s1", None));
    assert_eq!(desk.message().script_problem, "");
}

#[test]
fn the_script_of_a_contact_that_was_passed_on_is_neither_followed_nor_cancelled() {
    let talking = status(AgentState::Talking, Some(contact("c1", true)));
    let mut desk = desk([talking, found("c1", &["k1"], "k1"), view("c1", "s1", None)]);
    assert!(desk.wanted().script.is_some());
    let passed_on = CurrentContact { is_transferred: true, ..contact("c1", true) };
    desk.apply(status(AgentState::WrapUp, Some(passed_on)));
    assert_eq!(desk.wanted().script, None);
    assert_eq!(desk.unfinished_session(), None);
}

#[test]
fn who_is_consulted_reads_the_script_of_who_asks_and_ends_nothing_with_it() {
    let consultation = |session: &str| {
        let script_session = session.to_owned();
        Some(Consultation { script_session, ..Consultation::default() })
    };
    let asked = |session| CurrentContact {
        is_consulted: true,
        consultation: consultation(session),
        ..contact("c1", false)
    };
    let offered = status(AgentState::Offered, Some(asked("s1")));
    let mut desk = desk([offered, found("c1", &["k1"], "")]);
    let wanted = desk.wanted();
    assert_eq!(wanted.script.and_then(|key| key.read), Some("s1".to_owned()));
    assert_eq!(wanted.identify, None, "the customer is another agent's");
    desk.apply(view("c1", "s1", None));
    assert_eq!(desk.unfinished_session(), None);
    desk.apply(status(AgentState::Talking, Some(contact("c1", true))));
    let taken = desk.wanted().script.expect("the customer is theirs now");
    assert_eq!((taken.read, taken.customer.as_str()), (None, "k1"));
    desk.apply(status(AgentState::Talking, Some(asked(""))));
    assert_eq!(desk.wanted().script, None, "there is none to read");
}
