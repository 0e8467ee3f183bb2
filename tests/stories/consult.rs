//! An agent asks a colleague about a customer on hold: who hears whom, who reads what, and who has
//! the customer afterwards.

use caruso_api::contact::v1::AgentState;
use caruso_api::desk::v1::WatchDeskResponse;
use caruso_tests::{
    Customer, Desk, DeskPhone, Installation, Network, Plan, sound, until, utilities,
};

use crate::replay::decides_the_same;

pub(crate) const CUSTOMER_HERTZ: u32 = 1_000;
pub(crate) const ANNA_HERTZ: u32 = 440;
pub(crate) const BRAM_HERTZ: u32 = 620;

/// Two agents at their desks with telephones, and a customer who talks with the first.
pub(crate) struct Scene {
    pub(crate) system: Installation,
    pub(crate) anna: Desk,
    pub(crate) bram: Desk,
    pub(crate) annas: DeskPhone,
    pub(crate) brams: DeskPhone,
    pub(crate) customer: Customer,
    pub(crate) id: String,
}

impl Scene {
    pub(crate) async fn begin(network: Network) -> Self {
        let plan = Plan { address: network.address(), ..Plan::default() };
        let system = Installation::up(plan).await;
        let annas = DeskPhone::register(network, system.sip, "101", ANNA_HERTZ).await;
        let brams = DeskPhone::register(network, system.sip, "102", BRAM_HERTZ).await;
        let mut anna = Desk::log_in(&system.http, "anna").await;
        let bram = Desk::log_in(&system.http, "bram").await;
        anna.become_ready().await;
        let customer = Customer::call(network, system.sip, "0612345678", '1', CUSTOMER_HERTZ).await;
        customer.press_and_speak('1', CUSTOMER_HERTZ);
        let id = anna.until_state(AgentState::Offered).await.contact_id;
        annas.answer().await;
        anna.until("the script asks", |desk| step(desk) == Some("kind")).await;
        let scene = Self { system, anna, bram, annas, brams, customer, id };
        scene.anna_talks_with_customer().await;
        scene
    }

    /// Anna asks Bram, who answers.
    async fn consult(&mut self) {
        self.bram.become_ready().await;
        until("he can be asked", async || {
            let agents = self.anna.destinations().await.agents;
            let is_ready = |it: &caruso_api::contact::v1::AgentDestination| {
                it.name == "bram" && it.state() == AgentState::Ready
            };
            agents.iter().any(is_ready).then_some(())
        })
        .await;
        self.anna.consult(&self.id, "bram", "which meter is it?").await.expect("he is ready");
        let offered = self.bram.until_state(AgentState::Offered).await;
        assert_eq!(offered.why, ["Anna de Vries asks you."]);
        assert!(offered.is_consulted && offered.connected_at.is_none(), "{offered:#?}");
        let asked = offered.consultation.expect("she asks");
        assert_eq!((&*asked.agent, &*asked.note), ("Anna de Vries", "which meter is it?"));
        let reads = self.bram.until("he reads along", |desk| step(desk) == Some("kind")).await;
        assert!(!reads.customers.is_empty(), "he sees who it is about");
        self.brams.answer().await;
        self.bram.until_state(AgentState::Talking).await;
        self.agents_talk().await;
    }

    async fn agents_talk(&self) {
        ends_with("Anna hears Bram", || self.annas.heard(), BRAM_HERTZ).await;
        ends_with("Bram hears Anna", || self.brams.heard(), ANNA_HERTZ).await;
        hears_music("the customer", || self.customer.heard()).await;
    }

    pub(crate) async fn anna_talks_with_customer(&self) {
        ends_with("Anna hears the customer", || self.annas.heard(), CUSTOMER_HERTZ).await;
        ends_with("the customer hears Anna", || self.customer.heard(), ANNA_HERTZ).await;
    }

    async fn bram_talks_with_customer(&self) {
        ends_with("Bram hears the customer", || self.brams.heard(), CUSTOMER_HERTZ).await;
        ends_with("the customer hears Bram", || self.customer.heard(), BRAM_HERTZ).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_is_asked_and_gets_the_customer() {
    let test = "consult::a_colleague_is_asked_and_gets_the_customer";
    let Some(network) = Network::enter(test) else { return };
    let mut scene = Scene::begin(network).await;
    scene.consult().await;
    let id = scene.id.clone();
    let refused = scene.bram.complete_consultation(&id).await.expect_err("she has the customer");
    assert_eq!(refused.code(), tonic::Code::FailedPrecondition);

    // to the customer and back to the colleague, who hears music meanwhile
    scene.anna.retrieve(&id).await.expect("the customer is on hold");
    scene.anna_talks_with_customer().await;
    hears_music("the colleague", || scene.brams.heard()).await;
    scene.anna.hold(&id).await.expect("she talks with the customer");
    scene.agents_talk().await;

    // the colleague hangs up: the customer is on hold as before, and he is asked once more
    scene.brams.hang_up();
    let left = |desk: &WatchDeskResponse| contact(desk).is_some_and(|it| it.consultation.is_none());
    let alone = scene.anna.until("she is alone", left).await;
    assert!(contact(&alone).is_some_and(|it| it.hold.is_some()), "the customer is on hold");
    scene.bram.until_state(AgentState::Ready).await;
    scene.consult().await;

    scene.anna.complete_consultation(&id).await.expect("she consults");
    scene.bram_talks_with_customer().await;
    scene.anna.until_state(AgentState::WrapUp).await;
    let taken = scene.bram.until("the customer is his", |desk| {
        contact(desk).is_some_and(|it| !it.is_consulted && it.connected_at.is_some())
    });
    let taken = taken.await;
    let notes = contact(&taken).map(|it| it.transfers[0].note.clone());
    assert_eq!(notes.as_deref(), Some("which meter is it?"));
    scene.anna.dispose(&id, "advice-given").await;
    let goes_on = scene.bram.until("his script goes on", |desk| step(desk) == Some("kind")).await;
    assert_eq!(goes_on.script_problem, "");
    scene.bram.answer("kind", "partial").await;

    // a consultation of his own ends with the agent's hang-up: the customer is hers again
    let Scene { system, mut anna, mut bram, annas, brams, customer, .. } = scene;
    anna.until_state(AgentState::Ready).await;
    until("she can be asked", async || bram.consult(&id, "anna", "").await.ok()).await;
    anna.until_state(AgentState::Offered).await;
    annas.answer().await;
    ends_with("Bram hears Anna", || brams.heard(), ANNA_HERTZ).await;
    brams.hang_up();
    ends_with("the customer hears Anna", || customer.heard(), ANNA_HERTZ).await;
    bram.until_state(AgentState::WrapUp).await;
    bram.dispose(&id, "advice-given").await;
    customer.hang_up().await;
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&id, "advice-given").await;
    is_told(&system).await;
    drop((anna, bram, annas, brams));
    decides_the_same(&utilities(), &system);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hear_each_other_and_two_talk_on() {
    let test = "consult::three_hear_each_other_and_two_talk_on";
    let Some(network) = Network::enter(test) else { return };
    let mut scene = Scene::begin(network).await;
    scene.consult().await;
    let id = scene.id.clone();
    scene.anna.confer(&id).await.expect("he is on the line");
    all_hear(&scene).await;

    // the colleague hangs up by the telephone: the two others talk on
    scene.brams.hang_up();
    scene.bram.until_state(AgentState::Ready).await;
    scene.anna_talks_with_customer().await;

    // once more; this time the agent hangs up, and the colleague has the customer
    scene.consult().await;
    scene.anna.confer(&id).await.expect("he is on the line");
    all_hear(&scene).await;
    scene.annas.hang_up();
    scene.bram_talks_with_customer().await;
    let Scene { system, anna, mut bram, annas, brams, customer, .. } = scene;
    let mut anna = anna;
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&id, "advice-given").await;
    customer.hang_up().await;
    bram.until_state(AgentState::WrapUp).await;
    bram.dispose(&id, "advice-given").await;
    drop((anna, bram, annas, brams));
    decides_the_same(&utilities(), &system);
}

/// Each hears the two others, and not themselves.
async fn all_hear(scene: &Scene) {
    let both = |heard: Vec<i16>, [one, other]: [u32; 2], own: u32| {
        let second = sound::RATE as usize;
        let last = heard.get(heard.len().checked_sub(second)?..)?;
        let are_there = [one, other].iter().all(|hertz| sound::share(last, *hertz) > 0.2);
        (are_there && sound::share(last, own) < 0.05).then_some(())
    };
    let (customer, anna, bram) = (CUSTOMER_HERTZ, ANNA_HERTZ, BRAM_HERTZ);
    until("the customer hears both", async || both(scene.customer.heard(), [anna, bram], customer))
        .await;
    until("Anna hears both", async || both(scene.annas.heard(), [customer, bram], anna)).await;
    until("Bram hears both", async || both(scene.brams.heard(), [customer, anna], bram)).await;
}

fn contact(desk: &WatchDeskResponse) -> Option<&caruso_api::contact::v1::CurrentContact> {
    desk.status.as_ref()?.contact.as_ref()
}

pub(crate) fn step(desk: &WatchDeskResponse) -> Option<&str> {
    desk.script.as_ref().map(|view| view.step.as_str())
}

pub(crate) async fn ends_with(what: &str, heard: impl Fn() -> Vec<i16>, hertz: u32) {
    until(what, async || sound::ends_with_tone(&heard(), hertz).then_some(())).await;
}

/// Hears something, for a second, that is nobody's voice.
pub(crate) async fn hears_music(who: &str, heard: impl Fn() -> Vec<i16>) {
    let second = sound::RATE as usize;
    until(&format!("{who} hears music"), async || {
        let heard = heard();
        let last = heard.get(heard.len().checked_sub(second)?..)?;
        let voices = [CUSTOMER_HERTZ, ANNA_HERTZ, BRAM_HERTZ];
        let is_nobody = voices.iter().all(|hertz| sound::share(last, *hertz) < 0.2);
        (sound::level(last) > sound::AUDIBLE && is_nobody).then_some(())
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
    let asked: Vec<_> =
        contact.consultations.iter().map(|it| (&*it.colleague, &*it.end_cause)).collect();
    let expected =
        [("Bram Jansen", "finished"), ("Bram Jansen", "completed"), ("Anna de Vries", "completed")];
    assert_eq!(asked, expected);
    let count = |kind: &str| contact.segments.iter().filter(|it| it.kind == kind).count();
    assert_eq!((count("consultation"), count("waiting"), count("wrap-up")), (3, 1, 3));
    until("the report has the time with colleagues", async || {
        let rows = sofie.report().await;
        let row = rows.into_iter().find(|row| row.queue == "faults")?;
        let is_whole = [row.offered, row.answered, row.abandoned] == [1, 1, 0];
        row.average_consult_time.filter(|time| is_whole && time.as_secs() > 0)
    })
    .await;
}
