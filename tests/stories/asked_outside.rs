//! An agent asks somebody outside about a customer, at a number that the application names: who
//! hears whom, and where the customer is afterwards.

use std::time::Duration;

use caruso_api::contact::v1::{AgentState, Contact};
use caruso_test_kit::sipp::Does;
use caruso_tests::{
    Asked, CALLER_ID, Installation, Network, Phone, State, sound, until, utilities,
};

use crate::consult::{ends_with, hears_music};
use crate::outbound::{far_end, over};
use crate::outside::{ANNA_HERTZ, OUTSIDE_HERTZ, Stage, by, hear_each_other, talking};
use crate::replay::decides_the_same;
use crate::transfer::{CUSTOMER_HERTZ, talk};

fn grid_operator() -> Asked {
    Asked::Outside("grid-operator".to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_outside_is_asked_talks_with_both_and_gets_the_customer() {
    let test = "asked_outside::somebody_outside_is_asked_talks_with_both_and_gets_the_customer";
    let Some(network) = Network::enter(test) else { return };
    let outside = Phone::open(network.address()).await;
    let system = Installation::up(by(network, outside.address)).await;
    let Stage { system, annas, mut anna, customer, contact } = talking(network, system).await;
    let id = contact.contact_id;
    let typed = anna.ask(&id, Asked::Outside("+31900123456".to_owned()), "").await;
    assert_eq!(typed.expect_err("no number").code(), tonic::Code::InvalidArgument);
    anna.ask(&id, grid_operator(), "is it known?").await.expect("it is named");
    outside.until("ringing", |state| *state == State::Ringing(Some(CALLER_ID.to_owned()))).await;
    let rings = |heard: Vec<i16>| {
        heard.windows(4_000).step_by(4_000).any(|it| sound::share(it, 425) > 0.5).then_some(())
    };
    until("Anna hears that it rings", async || rings(annas.heard())).await;
    hears_music("the customer", || customer.heard()).await;

    // while it rings she goes back to the customer, and hears nothing of it
    anna.retrieve(&id).await.expect("the customer is on hold");
    talk(&customer, &annas, ANNA_HERTZ).await;
    anna.hold(&id).await.expect("she talks");
    outside.answer();
    outside.until("talking", |state| *state == State::Talking).await;
    outside.speak(OUTSIDE_HERTZ);
    ends_with("Anna hears them", || annas.heard(), OUTSIDE_HERTZ).await;
    ends_with("they hear Anna", || outside.heard(), ANNA_HERTZ).await;
    let told = anna.until("her desk says who is there", |desk| {
        let contact = desk.status.as_ref().and_then(|it| it.contact.as_ref());
        contact.and_then(|it| it.consultation.as_ref()).is_some_and(|it| it.answered_at.is_some())
    });
    let asked = told.await.status.and_then(|it| it.contact).and_then(|it| it.consultation);
    let asked = asked.expect("somebody is asked");
    assert_eq!((&*asked.colleague, asked.is_outside), ("Grid operator", true));

    anna.retrieve(&id).await.expect("the customer is on hold");
    talk(&customer, &annas, ANNA_HERTZ).await;
    hears_music("who is asked", || outside.heard()).await;
    anna.confer(&id).await.expect("they are on the line");
    let both = |heard: Vec<i16>, voices: [u32; 2]| {
        let last = heard.get(heard.len().checked_sub(sound::RATE as usize)?..)?;
        voices.iter().all(|hertz| sound::share(last, *hertz) > 0.2).then_some(())
    };
    until("outside both are heard", async || both(outside.heard(), [CUSTOMER_HERTZ, ANNA_HERTZ]))
        .await;
    until("the customer hears both", async || both(customer.heard(), [OUTSIDE_HERTZ, ANNA_HERTZ]))
        .await;

    anna.complete_consultation(&id).await.expect("she consults");
    anna.until_state(AgentState::WrapUp).await;
    hear_each_other(&customer, &outside).await;
    anna.dispose(&id, "advice-given").await;
    anna.until_state(AgentState::Ready).await;
    outside.hang_up();
    is_told(&over(&system, &id).await);
    drop((anna, annas));
    decides_the_same(&utilities(), &system);
}

fn is_told(contact: &Contact) {
    let asked: Vec<_> =
        contact.consultations.iter().map(|it| (&*it.colleague, &*it.end_cause)).collect();
    assert_eq!(asked, [("Grid operator", "completed")]);
    let [outside] = &contact.outside[..] else { panic!("{:?}", contact.outside) };
    assert_eq!((&*outside.number, outside.answered_at.is_some()), ("+31305550190", true));
    assert_eq!((&*contact.end_cause, &*contact.agent), ("hung-up", "anna"));
    let count = |kind: &str| contact.segments.iter().filter(|it| it.kind == kind).count();
    assert_eq!(["waiting", "conference", "wrap-up", "outside"].map(count), [1, 1, 1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_answers_outside_the_agent_has_the_customer_back() {
    let test = "asked_outside::where_nobody_answers_outside_the_agent_has_the_customer_back";
    let Some(network) = Network::enter(test) else { return };
    let Some((busy, address)) = far_end(network, Does::Refuses(486)) else { return };
    let system = Installation::up(by(network, address)).await;
    let Stage { system, annas, mut anna, customer, contact } = talking(network, system).await;
    let id = contact.contact_id;
    anna.ask(&id, grid_operator(), "").await.expect("it is named");
    busy.finish(Duration::from_secs(20)).await.expect("it was busy");
    talk(&customer, &annas, ANNA_HERTZ).await;
    customer.hang_up().await;
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&id, "advice-given").await;
    let told = over(&system, &id).await;
    let asked: Vec<_> = told.consultations.iter().map(|it| &*it.end_cause).collect();
    assert_eq!(asked, ["busy"]);
    drop((anna, annas));
    decides_the_same(&utilities(), &system);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_lets_go_cancels_the_call_outside() {
    let test = "asked_outside::an_agent_who_lets_go_cancels_the_call_outside";
    let Some(network) = Network::enter(test) else { return };
    let Some((far, address)) = far_end(network, Does::Rings) else { return };
    let system = Installation::up(by(network, address)).await;
    let Stage { system, annas, mut anna, customer, contact } = talking(network, system).await;
    let id = contact.contact_id;
    anna.ask(&id, grid_operator(), "").await.expect("it is named");
    until("Anna hears that it rings", async || {
        let heard = annas.heard();
        heard.windows(4_000).step_by(4_000).any(|it| sound::share(it, 425) > 0.5).then_some(())
    })
    .await;
    anna.end_consultation(&id).await.expect("she asks");
    far.finish(Duration::from_secs(20)).await.expect("it was cancelled");
    talk(&customer, &annas, ANNA_HERTZ).await;
    customer.hang_up().await;
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&id, "advice-given").await;
    let told = over(&system, &id).await;
    let asked: Vec<_> = told.consultations.iter().map(|it| &*it.end_cause).collect();
    assert_eq!(asked, ["cancelled"]);
    drop((anna, annas));
    decides_the_same(&utilities(), &system);
}
