//! What agents' telephones do by themselves: one passes the customer on by its own key, another
//! loses its power in a call.

use std::time::Duration;

use caruso_api::contact::v1::AgentState;
use caruso_api::desk::v1::WatchDeskResponse;
use caruso_sip::{Account, Endpoint, Options, Secret, Transport};
use caruso_tests::{
    Customer, Desk, DeskPhone, Installation, Network, Plan, sound, until, utilities,
};

use crate::replay::decides_the_same;
use crate::transfer::{CUSTOMER_HERTZ, talk};

const ANNA_HERTZ: u32 = 440;
const BRAM_HERTZ: u32 = 620;

/// Anna talks with a customer; Bram has a phone, too.
struct Stage {
    system: Installation,
    customer: Customer,
    anna: Desk,
    bram: Desk,
    annas: DeskPhone,
    brams: DeskPhone,
    contact: String,
}

impl Stage {
    async fn talking(network: Network) -> Self {
        let plan = Plan { address: network.address(), ..Plan::default() };
        let system = Installation::up(plan).await;
        let annas = DeskPhone::register(network, system.sip, "101", ANNA_HERTZ).await;
        let brams = DeskPhone::register(network, system.sip, "102", BRAM_HERTZ).await;
        let mut anna = Desk::log_in(&system.http, "anna").await;
        let bram = Desk::log_in(&system.http, "bram").await;
        anna.become_ready().await;
        let customer = Customer::call(network, system.sip, "0612345678", '1', CUSTOMER_HERTZ).await;
        customer.press_and_speak('1', CUSTOMER_HERTZ);
        let contact = anna.until_state(AgentState::Offered).await.contact_id;
        annas.answer().await;
        talk(&customer, &annas, ANNA_HERTZ).await;
        Self { system, customer, anna, bram, annas, brams, contact }
    }

    /// Bram takes the customer, and it ends.
    async fn bram_helps(self) {
        self.bram.until_state(AgentState::Offered).await;
        self.brams.answer().await;
        talk(&self.customer, &self.brams, BRAM_HERTZ).await;
        self.ends_with_bram().await;
    }

    /// The customer hangs up on Bram; then the log decides as it did.
    async fn ends_with_bram(mut self) {
        self.customer.hang_up().await;
        self.bram.until_state(AgentState::WrapUp).await;
        self.bram.dispose(&self.contact, "advice-given").await;
        let mut sofie = Desk::log_in(&self.system.http, "sofie").await;
        until("the contact is over", async || {
            let contacts = sofie.contacts().await;
            contacts
                .iter()
                .all(|it| it.segments.iter().all(|it| it.ended_at.is_some()))
                .then_some(())
        })
        .await;
        drop((self.anna, self.bram, sofie));
        decides_the_same(&utilities(), &self.system);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_passes_the_customer_on_by_its_own_key() {
    let test = "phones::a_telephone_passes_the_customer_on_by_its_own_key";
    let Some(network) = Network::enter(test) else { return };
    let mut stage = Stage::talking(network).await;
    stage.bram.become_ready().await;
    if !stage.annas.transfer("102") {
        println!("our own softphone passes nobody on");
        return;
    }
    let finishing = stage.anna.until_state(AgentState::WrapUp).await;
    assert!(finishing.is_transferred, "{}", stage.annas.output());
    stage.anna.dispose(&stage.contact, "advice-given").await;
    let offered = stage.bram.until_state(AgentState::Offered).await;
    assert_eq!(offered.why, ["Anna de Vries transferred the customer to you."]);
    stage.bram_helps().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_is_asked_by_another_line_and_joined_with_the_customer() {
    let test = "phones::a_colleague_is_asked_by_another_line_and_joined_with_the_customer";
    let Some(network) = Network::enter(test) else { return };
    let mut stage = Stage::talking(network).await;
    stage.bram.become_ready().await;
    if !stage.annas.hold() {
        println!("our own softphone has no other line");
        return;
    }
    let is_held = |held: bool| {
        move |desk: &WatchDeskResponse| {
            let contact = desk.status.as_ref().and_then(|it| it.contact.as_ref());
            contact.is_some_and(|it| it.hold.is_some() == held)
        }
    };
    stage.anna.until("on hold", is_held(true)).await;
    stage.annas.dial(stage.system.sip, "102");
    let asked = stage.bram.until_state(AgentState::Offered).await;
    assert!(asked.is_consulted, "{asked:#?}");
    stage.brams.answer().await;
    stage.bram.until_state(AgentState::Talking).await;
    until("the two talk", async || {
        sound::ends_with_tone(&stage.brams.heard(), ANNA_HERTZ).then_some(())
    })
    .await;
    stage.annas.join("102");
    let finishing = stage.anna.until_state(AgentState::WrapUp).await;
    assert!(finishing.is_transferred, "{}", stage.annas.output());
    talk(&stage.customer, &stage.brams, BRAM_HERTZ).await;
    stage.anna.dispose(&stage.contact, "advice-given").await;
    stage.ends_with_bram().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_whose_agents_telephone_loses_its_power_is_helped_by_the_next() {
    let test = "phones::a_customer_whose_agents_telephone_loses_its_power_is_helped_by_the_next";
    let Some(network) = Network::enter(test) else { return };
    let mut stage = Stage::talking(network).await;
    let spare = DeskPhone::register(network, stage.system.sip, "103", ANNA_HERTZ).await;
    if !std::mem::replace(&mut stage.annas, spare).vanish() {
        println!("our own softphone says goodbye");
        return;
    }
    stage.bram.become_ready().await;
    let finishing = stage.anna.until_state(AgentState::WrapUp).await;
    assert_eq!(finishing.contact_id, stage.contact);
    stage.anna.dispose(&stage.contact, "advice-given").await;
    stage.anna.until_state(AgentState::NotReady).await;
    stage.bram_helps().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_that_speaks_g722_alone_talks_with_a_customer_who_does_not() {
    let test = "phones::a_telephone_that_speaks_g722_alone_talks_with_a_customer_who_does_not";
    let Some(network) = Network::enter(test) else { return };
    let plan = Plan { address: network.address(), ..Plan::default() };
    let system = Installation::up(plan).await;
    let phone = DeskPhone::speaking(network, system.sip, "101", ANNA_HERTZ, "G722").await;
    let mut anna = Desk::log_in(&system.http, "anna").await;
    anna.become_ready().await;
    let customer = Customer::call(network, system.sip, "0612345678", '1', CUSTOMER_HERTZ).await;
    customer.press_and_speak('1', CUSTOMER_HERTZ);
    let contact = anna.until_state(AgentState::Offered).await.contact_id;
    phone.answer().await;
    talk(&customer, &phone, ANNA_HERTZ).await;
    anna.hold(&contact).await.expect("she talks");
    until("the customer hears music", async || {
        let heard = customer.heard();
        let last = heard.len().checked_sub(8_000).map(|start| &heard[start..]);
        let is_music = |last: &&[i16]| {
            sound::audible_seconds(last) > 0.3 && sound::share(last, ANNA_HERTZ) < 0.5
        };
        last.filter(is_music).map(drop)
    })
    .await;
    anna.retrieve(&contact).await.expect("on hold");
    talk(&customer, &phone, ANNA_HERTZ).await;
    customer.hang_up().await;
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&contact, "advice-given").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_that_fails_while_it_rings_is_followed_by_the_agents_other() {
    let test = "phones::a_telephone_that_fails_while_it_rings_is_followed_by_the_agents_other";
    let Some(network) = Network::enter(test) else { return };
    let plan = Plan { address: network.address(), ..Plan::default() };
    let system = Installation::up(plan).await;
    let phone = DeskPhone::register(network, system.sip, "101", ANNA_HERTZ).await;
    let mut anna = Desk::log_in(&system.http, "anna").await;
    anna.until("the first is registered", |desk| {
        desk.status.as_ref().is_some_and(|status| status.is_phone_registered)
    })
    .await;
    let mut options = Options::new((network.address(), 0).into());
    options.trunks.push(network.address().into());
    let (failing, mut calls) = Endpoint::bind(options).await.expect("an address of ours");
    let account = Account {
        registrar: system.sip,
        transport: Transport::Udp,
        extension: "101".to_owned(),
        secret: Secret::new("phone-101"),
    };
    failing.register(&account, Duration::from_secs(600)).await.expect("the demo's secret");
    anna.become_ready().await;
    let customer = Customer::call(network, system.sip, "0612345678", '1', CUSTOMER_HERTZ).await;
    customer.press_and_speak('1', CUSTOMER_HERTZ);
    let call = calls.recv().await.expect("the later one is called first");
    call.leg.ring().expect("it rings");
    let contact = anna.until_state(AgentState::Offered).await.contact_id;
    call.leg.reject(500, Some("it fails")).expect("it still rings");
    phone.answer().await;
    talk(&customer, &phone, ANNA_HERTZ).await;
    customer.hang_up().await;
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&contact, "advice-given").await;
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    let told = sofie.contacts().await.pop().expect("it is there");
    let outcomes: Vec<_> = told.offers.iter().map(|it| it.outcome.as_str()).collect();
    assert_eq!((told.contact_id, outcomes), (contact, vec!["accepted"]), "one offer");
}
