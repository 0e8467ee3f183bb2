//! All telephones ring for one customer, and whoever answers first has them.

use caruso_api::contact::v1::AgentState;
use caruso_tests::{Copy, Desk, Installation, Plan, State};

use crate::preferred::{moves, register};
use crate::replay::decides_the_same;

/// For who moves house all telephones ring.
fn ringing_all() -> Copy {
    let copy = Copy::new();
    let moving = "<queue id=\"moving\"";
    copy.replace("routing.xml", moving, &format!("{moving} strategy=\"ring-all\""));
    copy
}

#[tokio::test(flavor = "multi_thread")]
async fn two_telephones_ring_and_one_answers() {
    let copy = ringing_all();
    let plan = Plan { application: copy.path().to_owned(), ..Plan::default() };
    let system = Installation::up(plan).await;
    let mut anna = Desk::log_in(&system.http, "anna").await;
    let mut bram = Desk::log_in(&system.http, "bram").await;
    let annas = register(&system, "101").await;
    let brams = register(&system, "102").await;
    anna.become_ready().await;
    bram.become_ready().await;

    let customer = moves(&system, "0612345678").await;
    for phone in [&annas, &brams] {
        phone.until("it rings", |state| matches!(state, State::Ringing(_))).await;
    }
    let offered = anna.until_state(AgentState::Offered).await;
    let all = "The phones ring of all who can take it; who answers first has the customer";
    assert!(offered.why.iter().any(|it| it.starts_with(all)), "{:?}", offered.why);
    bram.until_state(AgentState::Offered).await;

    brams.answer();
    bram.until_state(AgentState::Talking).await;
    annas.until("it rings no longer", |state| matches!(state, State::Ended(_))).await;
    anna.until_state(AgentState::Ready).await;

    // the next one rings at her telephone alone; both answer, and each has one
    let other = moves(&system, "0687654321").await;
    annas.until("it rings", |state| matches!(state, State::Ringing(_))).await;
    annas.answer();
    let second = anna.until_state(AgentState::Talking).await;
    assert_ne!(second.contact_id, offered.contact_id);
    for customer in [customer, other] {
        customer.hang_up();
    }
    for desk in [&mut anna, &mut bram] {
        let contact = desk.until_state(AgentState::WrapUp).await;
        desk.dispose(&contact.contact_id, "move-recorded").await;
    }
    answered_once(&system).await;
    drop((anna, bram));
    decides_the_same(copy.path(), &system);
}

/// What the first offer came to is told for each telephone, and the report counts each call once.
async fn answered_once(system: &Installation) {
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    let contacts = sofie.contacts().await;
    let first =
        contacts.iter().find(|it| it.calling_number == "+31612345678").expect("it is there");
    let mut outcomes: Vec<[&str; 2]> =
        first.offers.iter().map(|it| [&*it.agent, &*it.outcome]).collect();
    outcomes.sort_unstable();
    assert_eq!(outcomes, [["anna", "answered-elsewhere"], ["bram", "accepted"]]);
    let report = sofie.report().await;
    let moving = report.iter().find(|row| row.queue == "moving").expect("a row");
    assert_eq!([moving.offered, moving.answered], [2, 2]);
}
