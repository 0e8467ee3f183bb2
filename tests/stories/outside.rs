//! A customer is passed on to an outside number, which the application names: somebody answers
//! there and they talk, or nobody does and the customer is first in line again.

use std::net::SocketAddr;
use std::time::Duration;

use caruso_api::contact::v1::{AgentState, Contact, CurrentContact};
use caruso_test_kit::sipp::Does;
use caruso_tests::{
    CALLER_ID, Customer, Desk, DeskPhone, Installation, Network, Phone, Plan, State, To, sound,
    until, utilities,
};

use crate::outbound::{far_end, kinds, over};
use crate::replay::decides_the_same;
use crate::transfer::{CUSTOMER_HERTZ, talk};

pub(crate) const ANNA_HERTZ: u32 = 440;
pub(crate) const OUTSIDE_HERTZ: u32 = 620;

fn grid_operator() -> To {
    To::Outside("grid-operator".to_owned())
}

pub(crate) struct Stage {
    pub(crate) system: Installation,
    pub(crate) annas: DeskPhone,
    pub(crate) anna: Desk,
    pub(crate) customer: Customer,
    pub(crate) contact: CurrentContact,
}

/// Anna talks with a customer.
pub(crate) async fn talking(network: Network, system: Installation) -> Stage {
    let annas = DeskPhone::register(network, system.sip, "101", ANNA_HERTZ).await;
    let mut anna = Desk::log_in(&system.http, "anna").await;
    anna.become_ready().await;
    let customer = Customer::call(network, system.sip, "0612345678", '1', CUSTOMER_HERTZ).await;
    customer.press_and_speak('1', CUSTOMER_HERTZ);
    let contact = anna.until_state(AgentState::Offered).await;
    annas.answer().await;
    talk(&customer, &annas, ANNA_HERTZ).await;
    Stage { system, annas, anna, customer, contact }
}

pub(crate) fn by(network: Network, trunk: SocketAddr) -> Plan {
    Plan { address: network.address(), trunks: vec![trunk], ..Plan::default() }
}

pub(crate) async fn hear_each_other(customer: &Customer, outside: &Phone) {
    until("the customer and the outside number hear each other", async || {
        let both = sound::ends_with_tone(&outside.heard(), CUSTOMER_HERTZ)
            && sound::ends_with_tone(&customer.heard(), OUTSIDE_HERTZ);
        both.then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_passed_on_to_an_outside_number_and_talks_there() {
    let test = "outside::a_customer_is_passed_on_to_an_outside_number_and_talks_there";
    let Some(network) = Network::enter(test) else { return };
    let outside = Phone::open(network.address()).await;
    let system = Installation::up(by(network, outside.address)).await;
    let Stage { system, annas, mut anna, customer, contact } = talking(network, system).await;
    let id = contact.contact_id;

    let listed = anna.destinations().await.outside;
    let listed: Vec<_> = listed.iter().map(|it| (&*it.id, &*it.title)).collect();
    assert_eq!(listed, [("grid-operator", "Grid operator")]);
    let typed = anna.transfer(&id, To::Outside("+31900123456".to_owned()), "").await;
    assert_eq!(typed.expect_err("no number").code(), tonic::Code::InvalidArgument);
    anna.transfer(&id, grid_operator(), "has no power").await.expect("it is named");
    anna.until_state(AgentState::WrapUp).await;
    let rings = State::Ringing(Some(CALLER_ID.to_owned()));
    outside.until("ringing", |state| *state == rings).await;
    until("the customer hears that it rings", async || {
        let heard = customer.heard();
        heard.windows(4_000).step_by(4_000).any(|it| sound::share(it, 425) > 0.5).then_some(())
    })
    .await;
    anna.dispose(&id, "advice-given").await;
    anna.until_state(AgentState::Ready).await;
    outside.answer();
    outside.until("talking", |state| *state == State::Talking).await;
    outside.speak(OUTSIDE_HERTZ);
    hear_each_other(&customer, &outside).await;
    outside.hang_up();

    let told = over(&system, &id).await;
    is_told(&system, &told).await;
    drop((anna, annas));
    decides_the_same(&utilities(), &system);
}

/// The stay was answered once, and is no second one; the history and the command tell the rest.
async fn is_told(system: &Installation, contact: &Contact) {
    let expected =
        ["ivr", "waiting", "offered", "with-agent", "wrap-up", "calling-outside", "outside"];
    assert_eq!(kinds(contact), expected);
    assert_eq!((contact.end_cause.as_str(), contact.agent.as_str()), ("hung-up", "anna"));
    let [outside] = &contact.outside[..] else { panic!("{:?}", contact.outside) };
    let told = [&outside.agent, &outside.title, &outside.number, &outside.not_reached];
    assert_eq!(told, ["Anna de Vries", "Grid operator", "+31305550190", ""]);
    assert!(outside.answered_at.is_some());
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    let rows = sofie.report().await;
    let row = rows.iter().find(|row| row.queue == "faults").expect("it waited there");
    let counts = [row.offered, row.answered, row.abandoned, row.flowed_out];
    assert_eq!(counts, [1, 1, 0, 0]);
    let id = &contact.contact_id;
    let shown = system.run(&["contacts", "show", id]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("Grid operator, +31305550190 by Anna de Vries"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_reached_outside_gives_the_customer_back_to_the_queue() {
    let test = "outside::who_is_not_reached_outside_gives_the_customer_back_to_the_queue";
    let Some(network) = Network::enter(test) else { return };
    let Some((far, address)) = far_end(network, Does::Refuses(486)) else { return };
    let system = Installation::up(by(network, address)).await;
    let Stage { system, annas, mut anna, customer, contact } = talking(network, system).await;
    let id = contact.contact_id;
    anna.transfer(&id, grid_operator(), "").await.expect("it is named");
    anna.until_state(AgentState::WrapUp).await;
    far.finish(Duration::from_secs(20)).await.expect("it was busy");
    anna.dispose(&id, "advice-given").await;
    assert_eq!(anna.until_state(AgentState::Offered).await.contact_id, id);
    annas.answer().await;
    anna.until_state(AgentState::Talking).await;
    talk(&customer, &annas, ANNA_HERTZ).await;
    customer.hang_up().await;
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&id, "advice-given").await;
    let told = over(&system, &id).await;
    let outcomes: Vec<_> = told.outside.iter().map(|it| it.not_reached.as_str()).collect();
    assert_eq!(outcomes, ["busy"]);
    drop((anna, annas));
    decides_the_same(&utilities(), &system);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_hangs_up_while_it_rings_outside_cancels_the_call() {
    let test = "outside::a_customer_who_hangs_up_while_it_rings_outside_cancels_the_call";
    let Some(network) = Network::enter(test) else { return };
    let Some((far, address)) = far_end(network, Does::Rings) else { return };
    let system = Installation::up(by(network, address)).await;
    let Stage { system, annas: _annas, mut anna, customer, contact } =
        talking(network, system).await;
    let id = contact.contact_id;
    anna.transfer(&id, grid_operator(), "").await.expect("it is named");
    anna.until_state(AgentState::WrapUp).await;
    until("the customer hears that it rings", async || {
        let heard = customer.heard();
        heard.windows(4_000).step_by(4_000).any(|it| sound::share(it, 425) > 0.5).then_some(())
    })
    .await;
    customer.hang_up().await;
    let output = far.output();
    let finished = far.finish(Duration::from_secs(20)).await;
    finished.unwrap_or_else(|failed| panic!("{failed} {output}"));
    anna.dispose(&id, "advice-given").await;
    assert_eq!(over(&system, &id).await.end_cause, "hung-up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_ends_what_goes_on_outside_with_its_cause() {
    let test = "outside::a_restart_ends_what_goes_on_outside_with_its_cause";
    let Some(network) = Network::enter(test) else { return };
    let outside = Phone::open(network.address()).await;
    let system = Installation::of_processes(by(network, outside.address)).await;
    let Stage { mut system, annas, mut anna, customer, contact } = talking(network, system).await;
    let id = contact.contact_id;
    anna.transfer(&id, grid_operator(), "").await.expect("it is named");
    anna.until_state(AgentState::WrapUp).await;
    outside.until("ringing", |state| matches!(state, State::Ringing(_))).await;
    outside.answer();
    outside.speak(OUTSIDE_HERTZ);
    hear_each_other(&customer, &outside).await;
    anna.dispose(&id, "advice-given").await;
    system.kill("communication-server");
    system.start("communication-server");
    assert_eq!(over(&system, &id).await.end_cause, "restarted");
    drop((annas, customer, outside));
}
