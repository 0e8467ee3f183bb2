//! A customer is transferred: to a colleague, who does not take the call and then does, and to a
//! queue. Script, notes, sound and figures go along.

use caruso_api::contact::v1::AgentState;
use caruso_api::desk::v1::WatchDeskResponse;
use caruso_tests::{
    Customer, Desk, DeskPhone, Installation, Network, Plan, To, sound, until, utilities,
};

use crate::replay::decides_the_same;

pub(crate) const CUSTOMER_HERTZ: u32 = 1_000;
const ANNA_HERTZ: u32 = 440;
const BRAM_HERTZ: u32 = 620;

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_transferred_with_script_and_note() {
    let test = "transfer::a_customer_is_transferred_with_script_and_note";
    let Some(network) = Network::enter(test) else { return };
    let plan = Plan { address: network.address(), ..Plan::default() };
    let system = Installation::up(plan).await;
    let annas = DeskPhone::register(network, system.sip, "101", ANNA_HERTZ).await;
    let brams = DeskPhone::register(network, system.sip, "102", BRAM_HERTZ).await;
    let mut anna = Desk::log_in(&system.http, "anna").await;
    let mut bram = Desk::log_in(&system.http, "bram").await;
    anna.become_ready().await;
    let customer = Customer::call(network, system.sip, "0612345678", '1', CUSTOMER_HERTZ).await;
    customer.press_and_speak('1', CUSTOMER_HERTZ);
    let id = anna.until_state(AgentState::Offered).await.contact_id;
    annas.answer().await;
    talk(&customer, &annas, ANNA_HERTZ).await;
    anna.until("the script asks", |desk| step(desk) == Some("kind")).await;
    anna.answer("kind", "partial").await;
    let next = anna.until("the answer counts", |desk| step(desk) != Some("kind")).await;
    let next = next.script.expect("it asks");

    // nobody is passed on to whom is not ready; then the colleague declines
    let refused = anna.transfer(&id, To::Agent("bram".to_owned()), "").await;
    assert_eq!(refused.expect_err("not ready").code(), tonic::Code::FailedPrecondition);
    bram.become_ready().await;
    until("his desk can be chosen", async || {
        let agents = anna.destinations().await.agents;
        agents.iter().any(|it| it.name == "bram" && it.state() == AgentState::Ready).then_some(())
    })
    .await;
    anna.transfer(&id, To::Agent("bram".to_owned()), "first note").await.expect("he is ready");
    anna.until_state(AgentState::WrapUp).await;
    let offered = bram.until_state(AgentState::Offered).await;
    assert_eq!(offered.why, ["Anna de Vries transferred the customer to you."]);
    bram.decline(&id).await.expect("it is offered");
    bram.until_state(AgentState::NotReady).await;

    // the customer waits in the queue; ready again, he takes the call with the script where it was
    bram.become_ready().await;
    let offered = bram.until_state(AgentState::Offered).await;
    let notes: Vec<_> = offered.transfers.iter().map(|it| (&*it.agent, &*it.note)).collect();
    assert_eq!(notes, [("Anna de Vries", "first note")]);
    brams.answer().await;
    talk(&customer, &brams, BRAM_HERTZ).await;
    let taken = bram.until("the script goes on", |desk| step(desk) == Some(&*next.step)).await;
    assert_eq!(taken.script.expect("it asks").session_id, next.session_id);
    anna.dispose(&id, "advice-given").await;
    let still = bram.until("it is still there", |desk| step(desk).is_some()).await;
    assert_eq!(still.script.expect("it asks").step, next.step, "Anna's wrap-up ends no script");

    // and on to another queue, from where Anna takes it
    bram.transfer(&id, To::Queue("moving".to_owned()), "moves as well").await.expect("he talks");
    let finishing = bram.until_state(AgentState::WrapUp).await;
    assert!(finishing.is_transferred && finishing.queue == "faults", "{finishing:#?}");
    let offered = anna.until_state(AgentState::Offered).await;
    assert_eq!((offered.queue.as_str(), offered.transfers.len()), ("moving", 2));
    annas.answer().await;
    talk(&customer, &annas, ANNA_HERTZ).await;
    bram.dispose(&id, "advice-given").await;
    customer.hang_up().await;
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&id, "move-recorded").await;
    is_told(&system).await;
    drop((anna, bram, annas, brams));
    decides_the_same(&utilities(), &system);
}

fn step(desk: &WatchDeskResponse) -> Option<&str> {
    desk.script.as_ref().map(|view| view.step.as_str())
}

/// Waits until the customer and the agent at this phone hear each other.
pub(crate) async fn talk(customer: &Customer, phone: &DeskPhone, hertz: u32) {
    until(&format!("the agent hears the customer: {}", phone.output()), async || {
        sound::ends_with_tone(&phone.heard(), CUSTOMER_HERTZ).then_some(())
    })
    .await;
    until("the customer hears the agent", async || {
        sound::ends_with_tone(&customer.heard(), hertz).then_some(())
    })
    .await;
}

async fn is_told(system: &Installation) {
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    let contact = until("the contact is over", async || {
        let contacts = sofie.contacts().await;
        contacts.into_iter().find(|it| it.segments.iter().all(|it| it.ended_at.is_some()))
    })
    .await;
    assert_eq!((contact.agent.as_str(), contact.disposition.as_str()), ("anna", "move-recorded"));
    let notes: Vec<_> = contact.transfers.iter().map(|it| (&*it.agent, &*it.note)).collect();
    assert_eq!(notes, [("Anna de Vries", "first note"), ("Bram Jansen", "moves as well")]);
    let with_agents = contact.segments.iter().filter(|it| it.kind == "with-agent");
    let with_agents: Vec<_> = with_agents.map(|it| (&*it.agent, &*it.end_cause)).collect();
    let expected = [("anna", "transferred"), ("bram", "transferred"), ("anna", "hung-up")];
    assert_eq!(with_agents, expected);
    // two stays for faults: the second began when the colleague declined
    until("the report counts stays", async || {
        let rows = sofie.report().await;
        let counts = |queue: &str| {
            let row = rows.iter().find(|row| row.queue == queue);
            row.map(|row| [row.offered, row.answered, row.abandoned, row.flowed_out])
        };
        let is_so = counts("faults") == Some([2, 2, 0, 0]);
        (is_so && counts("moving") == Some([1, 1, 0, 0])).then_some(())
    })
    .await;
}
