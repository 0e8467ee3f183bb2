//! Customers who hang up waiting are listed until somebody has talked with them.

use caruso_api::contact::v1::{Abandoned, AgentState};
use caruso_tests::{Desk, Installation, Phone, Plan, State, until};

const NUMBER: &str = "0305550100";
const MOVING: char = '2';
const EVA: &str = "0612345678";
/// The same as another network writes it.
const EVA_FROM_AFAR: &str = "0031612345678";

/// The customer waits for a moment and hangs up.
async fn gives_up(system: &Installation, customer: &Phone, from: &str, sofie: &mut Desk) {
    customer.call(system.sip, NUMBER, from);
    customer.until("talking", |state| *state == State::Talking).await;
    customer.press(MOVING);
    until("the customer waits", async || {
        let contacts = sofie.contacts().await;
        contacts.into_iter().find(|it| !it.waiting.is_empty())
    })
    .await;
    customer.hang_up();
    customer.until("over", |state| matches!(state, State::Ended(_))).await;
}

/// The only entry, once it is as the story expects it.
async fn listed(desk: &mut Desk, holds: impl Fn(&Abandoned) -> bool) -> Abandoned {
    until("somebody is listed", async || {
        let mut entries = desk.abandoned().await;
        assert!(entries.len() < 2, "one for each number: {entries:?}");
        entries.pop().filter(&holds)
    })
    .await
}

/// At the desk with a telephone, and not ready.
async fn at_desk(system: &Installation, user: &str, extension: &str) -> (Desk, Phone) {
    let desk = Desk::log_in(&system.http, user).await;
    let secret = format!("phone-{extension}");
    let phone = Phone::register(system.sip, extension, &secret).await.expect("the demo's secret");
    desk.until("the phone is registered", |desk| {
        desk.status.as_ref().is_some_and(|status| status.is_phone_registered)
    })
    .await;
    (desk, phone)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_hangs_up_is_called_back_by_one_agent_at_a_time_until_they_talk() {
    let customer = Phone::open(Plan::default().address).await;
    let plan = Plan { trunks: vec![customer.address], ..Plan::default() };
    let mut system = Installation::of_processes(plan).await;
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    gives_up(&system, &customer, EVA, &mut sofie).await;
    gives_up(&system, &customer, EVA_FROM_AFAR, &mut sofie).await;
    let entry = listed(&mut sofie, |it| it.times == 2).await;
    assert_eq!((entry.number.as_str(), entry.queue.as_str()), ("+31612345678", "moving"));
    assert!(entry.can_call_back && entry.attempts == 0 && entry.tried_at.is_none());
    // a list shows what has just happened, a report what is on the disk
    until("both are counted", async || {
        let rows = sofie.report().await;
        (rows.iter().map(|it| it.abandoned).sum::<u64>() == 2).then_some(())
    })
    .await;
    system.kill("communication-server");
    system.start("communication-server");
    system.until_serves("communication-server").await;
    let again = until("it is there after a kill", async || sofie.abandoned().await.pop()).await;
    assert_eq!(again, entry);

    let (mut anna, annas) = at_desk(&system, "anna", "101").await;
    let (mut bram, _brams) = at_desk(&system, "bram", "102").await;
    let call = anna.call_back(&entry.contact_id).await.expect("a permit is given");
    let taken = listed(&mut bram, |it| !it.calling_agent.is_empty()).await;
    assert_eq!(taken.calling_agent, "Anna de Vries");
    let refused = bram.call_back(&entry.contact_id).await.expect_err("she calls already");
    assert!(refused.message().contains("a colleague is calling"), "{refused}");
    annas.until("ringing", |state| matches!(state, State::Ringing(_))).await;
    annas.answer();
    customer.until("ringing", |state| matches!(state, State::Ringing(_))).await;
    customer.hang_up();
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&call, "calls-back").await;
    let tried = listed(&mut bram, |it| it.calling_agent.is_empty()).await;
    assert!(tried.attempts == 1 && tried.tried_at.is_some(), "{tried:?}");

    let call = anna.call_back(&entry.contact_id).await.expect("a permit is given again");
    annas.until("ringing", |state| matches!(state, State::Ringing(_))).await;
    annas.answer();
    customer.until("ringing", |state| matches!(state, State::Ringing(_))).await;
    customer.answer();
    anna.until_state(AgentState::Talking).await;
    until("nobody is listed any more", async || sofie.abandoned().await.is_empty().then_some(()))
        .await;
    let over = bram.call_back(&entry.contact_id).await.expect_err("they have talked");
    assert!(over.message().contains("nobody is to be called"), "{over}");
    customer.hang_up();
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&call, "move-recorded").await;
}
