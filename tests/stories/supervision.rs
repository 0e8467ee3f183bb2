//! A supervisor steps in: contacts that wait, agents' states, a call that ends; and everybody can
//! see who did it.

use caruso_api::contact::v1::AgentState;
use caruso_tests::{Desk, Installation, Phone, Plan, State, utilities};
use tonic::Code;

use crate::replay::decides_the_same;

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_steps_in_and_it_is_told_who_did() {
    let system = Installation::up(Plan::default()).await;
    let mut anna = Desk::log_in(&system.http, "anna").await;
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    let annas = Phone::register(system.sip, "101", "phone-101").await.expect("the demo's secret");
    let refused = anna.floor().await.expect_err("an agent watches over nobody");
    assert_eq!(refused.code(), Code::PermissionDenied);
    let admin = Desk::log_in(&system.http, "admin").await;
    assert_eq!(admin.floor().await.expect_err("nor may this").code(), Code::PermissionDenied);

    let floor = sofie.floor().await.expect("supervisors may");
    let mut customers = Vec::new();
    for number in 1..=3 {
        customers.push(moves(&system, &format!("061000000{number}")).await);
        floor.waiting(number).await;
    }
    let waiting = floor.waiting(3).await;
    let numbers: Vec<_> = waiting.iter().map(|it| &*it.calling_number).collect();
    assert_eq!(numbers, ["+31610000001", "+31610000002", "+31610000003"]);
    assert_eq!((&*waiting[2].queue, waiting[2].place), ("moving", 3));
    assert!(waiting[0].waiting.concat().contains("Anna de Vries is not ready"), "{waiting:#?}");
    let [first, second, third] = [0, 1, 2].map(|index: usize| waiting[index].contact_id.clone());

    sofie.bring_forward(&third).await.expect("it waits");
    gives_priority(&mut sofie, &second, 8).await;
    sofie.move_contact(&second, "faults").await.expect("there is room");
    let refused = sofie.move_contact(&second, "nowhere").await.expect_err("no such queue");
    assert_eq!(refused.code(), Code::InvalidArgument);
    sofie.end_contact(&first).await.expect("it goes on");
    customers[0].until("ended", |state| matches!(state, State::Ended(_))).await;
    let refused = sofie.end_contact(&first).await.expect_err("it is over");
    assert_eq!(refused.code(), Code::NotFound);
    let left: Vec<_> = floor.waiting(2).await.into_iter().map(|it| (it.queue, it.place)).collect();
    assert_eq!(left, [("faults".to_owned(), 1), ("moving".to_owned(), 1)]);

    // Anna is made ready, and during the call it is said what comes after it
    floor.agent("anna", |it| it.is_phone_registered).await;
    sofie.impose("anna", AgentState::Ready, "", "please help the others").await.expect("she can");
    let offered = anna.until_state(AgentState::Offered).await;
    assert_eq!(offered.contact_id, second, "the queue of faults goes first");
    assert!(offered.why.iter().any(|it| it == "Sofie Bakker gave it the priority 8."));
    let refused = sofie.bring_forward(&second).await.expect_err("it rings");
    assert_eq!(refused.code(), Code::FailedPrecondition);
    annas.answer();
    anna.until_state(AgentState::Talking).await;
    sofie.impose("anna", AgentState::NotReady, "meeting", "").await.expect("after the call");
    let refused = sofie.impose("anna", AgentState::SignedOut, "", "").await.expect_err("she talks");
    assert_eq!(refused.code(), Code::FailedPrecondition);
    let refused = sofie.impose("anna", AgentState::NotReady, "tired", "").await.expect_err("none");
    assert_eq!(refused.code(), Code::InvalidArgument);
    let long = "x".repeat(501);
    let refused = sofie.impose("anna", AgentState::Ready, "", &long).await.expect_err("too long");
    assert!(refused.message().contains("500 bytes"), "{refused}");
    let told =
        anna.until("she sees by whom", |desk| imposed_by(desk) == Some("Sofie Bakker")).await;
    assert_eq!(told.status.map(|it| it.next_reason).as_deref(), Some("meeting"));
    sofie.end_contact(&second).await.expect("it goes on");
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&second, "advice-given").await;
    let meets = floor.agent("anna", |it| it.reason == "Meeting").await;
    assert!(meets.imposed.is_some_and(|it| it.supervisor == "Sofie Bakker"));
    anna.become_ready().await;
    assert_eq!(anna.until_state(AgentState::Offered).await.contact_id, third);
    annas.hang_up();

    // declined: not ready, so that she can be signed out
    anna.until_state(AgentState::NotReady).await;
    sofie.impose("anna", AgentState::SignedOut, "", "go home").await.expect("she is free");
    let out = anna.until("she is signed out", |desk| {
        desk.status.as_ref().is_some_and(|it| it.state() == AgentState::SignedOut)
    });
    let imposed = out.await.status.and_then(|it| it.imposed).expect("it is told by whom");
    assert_eq!((&*imposed.supervisor, &*imposed.words), ("Sofie Bakker", "go home"));
    floor.until("nobody is there", |floor| floor.agents.is_empty()).await;

    is_told(&mut sofie, [&first, &second, &third]).await;
    drop((anna, sofie, floor, customers));
    decides_the_same(&utilities(), &system);
}

async fn gives_priority(sofie: &mut Desk, contact: &str, priority: u32) {
    let refused = sofie.set_priority(contact, 10).await.expect_err("there is none such");
    assert_eq!(refused.code(), Code::InvalidArgument);
    sofie.set_priority(contact, priority).await.expect("it waits");
}

/// Who did what, in the history.
async fn is_told(sofie: &mut Desk, [first, second, third]: [&str; 3]) {
    let contacts = sofie.contacts().await;
    let done = |id: &str| {
        let contact = contacts.iter().find(|it| it.contact_id == id).expect("it is kept");
        let told = contact.interventions.iter().map(|it| (&*it.supervisor, &*it.what));
        (told.collect::<Vec<_>>(), &*contact.end_cause)
    };
    assert_eq!(done(first), (vec![("Sofie Bakker", "ended")], "ended-by-supervisor"));
    let moved = ["prioritized", "moved", "ended"].map(|what| ("Sofie Bakker", what)).to_vec();
    assert_eq!(done(second), (moved, "ended-by-supervisor"));
    assert_eq!(done(third), (vec![("Sofie Bakker", "brought-forward")], ""));
}

fn imposed_by(desk: &caruso_api::desk::v1::WatchDeskResponse) -> Option<&str> {
    Some(&desk.status.as_ref()?.imposed.as_ref()?.supervisor)
}

/// A customer who wants to talk about moving.
async fn moves(system: &Installation, from: &str) -> Phone {
    let customer = Phone::open(system.sip.ip()).await;
    customer.call(system.sip, "0305550100", from);
    customer.until("talking", |state| *state == State::Talking).await;
    customer.press('2');
    customer
}
