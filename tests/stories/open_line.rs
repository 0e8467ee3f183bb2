//! An agent's phone at an outside number whose line stays open: called once, silent between
//! customers, each of whom is announced on it.

use caruso_api::contact::v1::{AgentState, CurrentContact};
use caruso_tests::{
    CALLER_ID, Customer, Desk, Installation, Network, Phone, Plan, State, sound, until, utilities,
};

use crate::consult::hears_music;
use crate::replay::decides_the_same;

const CUSTOMER_HERTZ: u32 = 1_000;
const AGENT_HERTZ: u32 = 440;
const TONES_HERTZ: u32 = 800;

/// Anna, whose phone is elsewhere.
struct Home {
    network: Network,
    system: Installation,
    phone: Phone,
    anna: Desk,
}

impl Home {
    async fn begin(network: Network) -> Self {
        let phone = Phone::open(network.address()).await;
        let plan = Plan {
            address: network.address(),
            trunks: vec![phone.address],
            remote_phone: Some(("101", "+31687654321")),
            open_line_minutes: Some(30),
            ..Plan::default()
        };
        let system = Installation::up(plan).await;
        let anna = Desk::log_in(&system.http, "anna").await;
        Self { network, system, phone, anna }
    }

    /// The phone rings, is answered, and somebody confirms.
    async fn picks_up(&self) {
        let rings = State::Ringing(Some(CALLER_ID.to_owned()));
        self.phone.until("ringing", |state| *state == rings).await;
        self.phone.answer();
        self.phone.until("answered", |state| *state == State::Talking).await;
        self.hears_tones().await;
        self.phone.press('1');
    }

    async fn hears_tones(&self) {
        until("two tones are heard", async || {
            let heard = self.phone.heard();
            let last = heard.get(heard.len().checked_sub(sound::RATE as usize * 2)?..)?;
            let is_tone = |part: &[i16]| sound::share(part, TONES_HERTZ) > 0.5;
            last.windows(800).step_by(400).any(is_tone).then_some(())
        })
        .await;
    }

    /// Nothing is heard on the line, which is still there.
    async fn is_silent(&self) {
        until("nothing is heard", async || {
            let heard = self.phone.heard();
            let last = heard.get(heard.len().checked_sub(sound::RATE as usize)?..)?;
            (sound::level(last) < sound::AUDIBLE).then_some(())
        })
        .await;
        self.phone.until("on the line", |state| *state == State::Talking).await;
    }

    async fn customer(&self, number: &str) -> Customer {
        let sip = self.system.sip;
        let customer = Customer::call(self.network, sip, number, '1', CUSTOMER_HERTZ).await;
        customer.press_and_speak('1', CUSTOMER_HERTZ);
        customer
    }

    /// The customer is announced on the open line: no phone rings.
    async fn announced(&mut self) -> CurrentContact {
        let told = self.anna.until("it is announced", |desk| {
            let contact = desk.status.as_ref().and_then(|it| it.contact.as_ref());
            contact.is_some_and(|it| it.is_announced)
        });
        let contact = told.await.status.and_then(|it| it.contact).expect("it is offered");
        self.hears_tones().await;
        self.phone.until("on the line", |state| *state == State::Talking).await;
        contact
    }

    async fn talk(&self, customer: &Customer) {
        self.phone.speak(AGENT_HERTZ);
        until("they hear each other", async || {
            let both = sound::ends_with_tone(&self.phone.heard(), CUSTOMER_HERTZ)
                && sound::ends_with_tone(&customer.heard(), AGENT_HERTZ);
            both.then_some(())
        })
        .await;
    }

    async fn is_not_ready(&mut self, reason: &str) {
        self.anna
            .until(reason, |desk| {
                let status = desk.status.as_ref();
                let is_out = |state| state == AgentState::NotReady;
                status.is_some_and(|it| is_out(it.state()) && it.reason == reason)
            })
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_come_by_a_line_that_stays_open_and_none_is_lost_when_it_falls() {
    let test = "open_line::customers_come_by_a_line_that_stays_open_and_none_is_lost_when_it_falls";
    let Some(network) = Network::enter(test) else { return };
    let mut home = Home::begin(network).await;
    home.anna.become_ready().await;
    home.picks_up().await;
    home.is_silent().await;

    // accepted at the desk, and ended there: the line stays
    let first = home.customer("0612345678").await;
    let contact = home.announced().await;
    home.anna.accept(&contact.contact_id).await.expect("it is announced");
    home.anna.until_state(AgentState::Talking).await;
    home.talk(&first).await;
    home.anna.hang_up(&contact.contact_id).await.expect("she talks");
    home.anna.until_state(AgentState::WrapUp).await;
    home.is_silent().await;
    home.anna.dispose(&contact.contact_id, "advice-given").await;
    home.anna.until_state(AgentState::Ready).await;

    // accepted by the key; the line falls, and the customer waits again
    let second = home.customer("0612345679").await;
    let contact = home.announced().await;
    home.phone.press('1');
    home.anna.until_state(AgentState::Talking).await;
    home.talk(&second).await;
    home.phone.hang_up();
    home.anna.until_state(AgentState::WrapUp).await;
    hears_music("the customer", || second.heard()).await;
    home.anna.dispose(&contact.contact_id, "advice-given").await;
    home.is_not_ready("phone-lost").await;

    // ready again, she is called for them, and the line stays as before
    home.anna.become_ready().await;
    home.picks_up().await;
    home.anna.until_state(AgentState::Talking).await;
    home.talk(&second).await;
    second.hang_up().await;
    home.anna.until_state(AgentState::WrapUp).await;
    home.anna.dispose(&contact.contact_id, "advice-given").await;
    home.anna.until_state(AgentState::Ready).await;
    home.is_silent().await;

    // it falls while nobody uses it; and it ends when she signs out
    home.phone.hang_up();
    home.is_not_ready("phone-lost").await;
    home.anna.become_ready().await;
    home.picks_up().await;
    home.is_silent().await;
    let Home { system, phone, mut anna, .. } = home;
    anna.log_out().await.expect("she has no contact");
    phone.until("the line ended", |state| matches!(state, State::Ended(_))).await;
    decides_the_same(&utilities(), &system);
}
