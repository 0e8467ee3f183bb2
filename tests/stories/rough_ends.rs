//! Calls that end where they should not, telephones that do not behave, components that are away:
//! afterwards every agent can work on, and every contact has an end.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use caruso_api::contact::v1::{AgentState, CurrentContact};
use caruso_tests::{
    COMPONENTS, Copy, Desk, Installation, Orders, Phone, Plan, State, until, utilities,
};
use serde_json::Value;

use crate::replay::decides_the_same;

const MAIN: &str = "0305550100";
const EVA: &str = "0612345678";
const EVA_KNOWN: &str = "+31612345678";
const UNKNOWN: &str = "0687654321";

/// Anna with a phone, and the supervisor, at a system that serves.
struct Stage {
    anna: Desk,
    phone: Phone,
    sofie: Desk,
    system: Installation,
}

impl Stage {
    async fn at(system: Installation) -> Self {
        let anna = Desk::log_in(&system.http, "anna").await;
        let phone = phone_of(&system, "101").await;
        let sofie = Desk::log_in(&system.http, "sofie").await;
        Self { anna, phone, sofie, system }
    }

    /// A customer in the queue for faults.
    async fn waiting(&self, from: &str) -> Phone {
        let customer = in_menu(self.system.sip, from).await;
        customer.press('1');
        customer
    }

    /// Anna's phone rings, and her desk shows it.
    async fn rings(&self) -> CurrentContact {
        self.phone.until("ringing", |state| matches!(state, State::Ringing(_))).await;
        self.anna.until_state(AgentState::Offered).await
    }

    async fn is_over(&self) {
        self.phone.until("over", |state| matches!(state, State::Ended(_))).await;
    }

    /// Anna becomes ready, is offered the next customer, talks, and closes the contact: so she is
    /// not stuck. Answers how the customer is shown.
    async fn next_call_is_helped(&mut self, customer: Phone) -> Vec<String> {
        self.anna.become_ready().await;
        let contact = self.rings().await;
        let desk = self.anna.until("it is looked up who calls", |desk| {
            desk.status.as_ref().is_some_and(|status| status.contact.is_some())
                && !desk.late.iter().any(|late| late == "customers")
        });
        let titles = desk.await.customers.into_iter().map(|customer| customer.title).collect();
        self.phone.answer();
        customer.until("talking", |state| *state == State::Talking).await;
        self.anna.until_state(AgentState::Talking).await;
        self.anna.hang_up(&contact.contact_id).await.expect("she talks");
        customer.until("over", |state| matches!(state, State::Ended(_))).await;
        self.is_over().await;
        self.anna.until_state(AgentState::WrapUp).await;
        self.anna.dispose(&contact.contact_id, "advice-given").await;
        // she is ready then, or the next contact is offered to her at once
        self.anna
            .until("wrap-up is over", |desk| {
                desk.status.as_ref().is_some_and(|status| {
                    matches!(status.state(), AgentState::Ready | AgentState::Offered)
                })
            })
            .await;
        titles
    }

    /// Every contact has an end with a cause, newest first.
    async fn ends(&mut self) -> Vec<String> {
        let contacts = self.sofie.contacts().await;
        for contact in &contacts {
            assert!(contact.ended_at.is_some(), "it goes on for ever: {contact:#?}");
            assert!(!contact.end_cause.is_empty(), "it ended for no reason: {contact:#?}");
            let is_open = contact.segments.iter().any(|segment| segment.ended_at.is_none());
            assert!(!is_open, "a segment goes on for ever: {contact:#?}");
        }
        contacts.into_iter().map(|contact| contact.end_cause).collect()
    }
}

async fn phone_of(system: &Installation, extension: &str) -> Phone {
    let secret = format!("phone-{extension}");
    Phone::register(system.sip, extension, &secret).await.expect("the demo's secret")
}

/// A customer who hears the menu.
async fn in_menu(server: SocketAddr, from: &str) -> Phone {
    let customer = Phone::open(server.ip()).await;
    customer.call(server, MAIN, from);
    customer.until("talking", |state| *state == State::Talking).await;
    customer
}

/// The example, whose offers end after five seconds.
fn impatient() -> Copy {
    let copy = Copy::new();
    copy.replace(
        "routing.xml",
        "offer-timeout=\"20s\" maximum-length=\"100\" wrap-up=\"required\"",
        "offer-timeout=\"5s\" maximum-length=\"100\" wrap-up=\"required\"",
    );
    copy
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_hang_up_at_every_moment_and_strangers_call() {
    let mut stage = Stage::at(Installation::up(Plan::default()).await).await;
    let status = stage.sofie.status();
    malformed_datagrams(stage.system.sip).await;

    let customer = in_menu(stage.system.sip, EVA).await;
    status.until("contact ivr").await;
    customer.hang_up();
    status.until_gone("ivr").await;

    let customer = stage.waiting(EVA).await;
    status.until_waiting("faults", 1).await;
    customer.hang_up();
    status.until_gone("waiting").await;

    stage.anna.become_ready().await;
    let customer = stage.waiting(EVA).await;
    stage.rings().await;
    customer.hang_up();
    stage.is_over().await;
    stage.anna.until_state(AgentState::Ready).await;

    let stranger = stage.waiting(UNKNOWN).await;
    assert_eq!(stage.next_call_is_helped(stranger).await, Vec::<String>::new());
    let known = stage.waiting(EVA).await;
    assert_eq!(stage.next_call_is_helped(known).await, ["Eva de Vries"]);
    assert_eq!(stage.ends().await, ["hung-up"; 5]);
    let report = stage.sofie.report().await;
    let row = report.iter().find(|row| row.queue == "faults").expect("a row of the queue");
    assert_eq!([row.offered, row.answered, row.abandoned, row.still_waiting], [4, 2, 2, 0]);
    decides_the_same(&utilities(), &stage.system);
}

/// What is no SIP, and what is SIP and makes no sense, both as datagrams.
async fn malformed_datagrams(server: SocketAddr) {
    let socket = tokio::net::UdpSocket::bind((server.ip(), 0)).await.expect("loopback");
    let invite = format!("INVITE sip:{MAIN}@{server} SIP/2.0\r\n");
    let datagrams: [&[u8]; 7] = [
        b"",
        b"\0\xff\xfe",
        b"GET / HTTP/1.1\r\n\r\n",
        b"INVITE sip:0305550100 SIP/2.0\r\n\r\n",
        invite.as_bytes(),
        b"INVITE sip:x@y SIP/9.9\r\nVia: SIP/2.0/UDP\r\nCSeq: -1 BYE\r\nContent-Length: 99\r\n\r\n",
        &[b'A'; 9_000],
    ];
    for datagram in datagrams {
        socket.send_to(datagram, server).await.expect("loopback");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn telephones_decline_do_not_answer_and_go_away() {
    let copy = impatient();
    let plan = Plan { application: copy.path().to_owned(), ..Plan::default() };
    let mut stage = Stage::at(Installation::up(plan).await).await;
    let refused = Phone::register(stage.system.sip, "102", "wrong").await;
    assert!(refused.is_err(), "a wrong password opens nothing");

    // nobody overtakes who was there first, whatever becomes of the offers
    let status = stage.sofie.status();
    let first = stage.waiting(EVA).await;
    status.until_waiting("faults", 1).await;
    let second = stage.waiting(UNKNOWN).await;
    status.until_waiting("faults", 2).await;
    stage.anna.become_ready().await;
    stage.rings().await;
    stage.phone.hang_up();
    stage.anna.until_state(AgentState::NotReady).await;

    stage.anna.become_ready().await;
    let contact = stage.rings().await;
    assert_eq!(contact.calling_number, EVA_KNOWN);
    stage.anna.decline(&contact.contact_id).await.expect("it is offered");
    stage.anna.until_state(AgentState::NotReady).await;
    stage.is_over().await;

    stage.anna.become_ready().await;
    stage.rings().await;
    // nobody answers
    stage.is_over().await;
    stage.anna.until_state(AgentState::NotReady).await;

    assert_eq!(stage.next_call_is_helped(first).await, ["Eva de Vries"]);
    stage.rings().await;
    // the phone goes away while it rings
    let gone = std::mem::replace(&mut stage.phone, Phone::open(stage.system.sip.ip()).await);
    gone.vanish();
    stage.anna.until_state(AgentState::NotReady).await;
    stage.phone = phone_of(&stage.system, "101").await;
    assert_eq!(stage.next_call_is_helped(second).await, Vec::<String>::new());
    assert_eq!(stage.ends().await, ["hung-up"; 2]);
    let contacts = stage.sofie.contacts().await;
    let of_first = contacts.iter().find(|it| it.calling_number == EVA_KNOWN).expect("it is there");
    let outcomes: Vec<_> = of_first.offers.iter().map(|offer| offer.outcome.as_str()).collect();
    assert_eq!(outcomes, ["rejected", "rejected", "no-answer", "accepted"]);
    decides_the_same(copy.path(), &stage.system);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_communication_server_dies_in_a_call_and_comes_back() {
    let mut stage = Stage::at(Installation::of_processes(Plan::default()).await).await;
    let talking = stage.waiting(EVA).await;
    stage.anna.become_ready().await;
    let contact = stage.rings().await;
    stage.phone.answer();
    stage.anna.until_state(AgentState::Talking).await;
    let status = stage.sofie.status();
    status.until_waiting("faults", 0).await;
    let waiting = stage.waiting(UNKNOWN).await;
    status.until_waiting("faults", 1).await;

    stage.system.kill("communication-server");
    stage.system.start("communication-server");
    talking.vanish();
    waiting.vanish();
    let (phone, sip) = (Phone::open(stage.system.sip.ip()).await, stage.system.sip);
    std::mem::replace(&mut stage.phone, phone).vanish();
    stage.phone = until("a phone can register again", async || {
        Phone::register(sip, "101", "phone-101").await.ok()
    })
    .await;
    stage.anna.until_state(AgentState::WrapUp).await;
    stage.anna.dispose(&contact.contact_id, "advice-given").await;
    let next = stage.waiting(EVA).await;
    assert_eq!(stage.next_call_is_helped(next).await, ["Eva de Vries"]);
    assert_eq!(stage.ends().await, ["hung-up", "restarted", "restarted"]);
}

/// Every component that serves, and its instance; nothing where one is missing.
fn instances(system: &Installation) -> Option<BTreeMap<String, String>> {
    let directory = system.services()?;
    let serving = directory["components"].as_array()?.iter().filter(|it| it["state"] == "serving");
    let serving = serving.filter(|it| it["offers"].as_array().is_some_and(|it| !it.is_empty()));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all: BTreeMap<_, _> =
        serving.map(|it| (text(&it["component"]), text(&it["instance"]))).collect();
    (all.len() == COMPONENTS.len()).then_some(all)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_manager_dies_and_everybody_goes_on_and_is_there_again() {
    let mut stage = Stage::at(Installation::of_processes(Plan::default()).await).await;
    let before = instances(&stage.system).expect("all serve");
    stage.system.kill("service-manager");
    let known = stage.waiting(EVA).await;
    assert_eq!(stage.next_call_is_helped(known).await, ["Eva de Vries"]);
    stage.system.start_manager();
    until("everybody is there again, without a change", async || {
        (instances(&stage.system)? == before).then_some(())
    })
    .await;
    let stranger = stage.waiting(UNKNOWN).await;
    assert_eq!(stage.next_call_is_helped(stranger).await, Vec::<String>::new());
    assert_eq!(stage.ends().await, ["hung-up"; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stands_still_is_led_around_and_is_the_same_afterwards() {
    let mut stage = Stage::at(Installation::of_processes(Plan::default()).await).await;
    let before = instances(&stage.system).expect("all serve");
    stage.system.pause("billing");
    until("nobody is led to it", async || {
        let directory = stage.system.services()?;
        let mut components = directory["components"].as_array()?.iter();
        components.any(|it| it["component"] == "billing" && it["state"] == "suspect").then_some(())
    })
    .await;
    let known = stage.waiting(EVA).await;
    assert_eq!(stage.next_call_is_helped(known).await, ["Eva de Vries"]);
    stage.system.resume("billing");
    let same = async |system: &Installation| {
        until("all are as before", async || (instances(system)? == before).then_some(())).await;
    };
    same(&stage.system).await;

    // it stands still for longer than a lease: all are silent for it, and none is blamed
    let lost = |system: &Installation| system.log("service-manager").matches("lease over").count();
    let lost_before = lost(&stage.system);
    stage.system.pause("service-manager");
    until("everybody misses it", async || {
        let misses =
            |it: &str| stage.system.log(it).contains("no session with the service manager");
        COMPONENTS.iter().all(|it| misses(it)).then_some(())
    })
    .await;
    let stranger = stage.waiting(UNKNOWN).await;
    assert_eq!(stage.next_call_is_helped(stranger).await, Vec::<String>::new());
    stage.system.resume("service-manager");
    same(&stage.system).await;
    assert_eq!(lost(&stage.system), lost_before, "nobody is blamed");
    assert_eq!(stage.ends().await, ["hung-up"; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_erp_is_away_and_gets_its_order_later_once() {
    let mut stage = Stage::at(Installation::of_processes(Plan::default()).await).await;
    stage.system.stop("erp");
    let customer = stage.waiting(EVA).await;
    stage.anna.become_ready().await;
    let contact = stage.rings().await;
    // what the billing system holds stands beside what the databases hold
    stage
        .anna
        .until("the invoices are on the record card", |desk| {
            let mut related = desk.customers.iter().flat_map(|customer| &customer.related);
            related.any(|related| related.class == "Invoice" && !related.objects.is_empty())
        })
        .await;
    stage.phone.answer();
    for (step, value) in [
        ("kind", "meter"),
        ("smells_gas", "false"),
        ("connection", "871687100041000645"),
        ("description", "It ticks"),
        ("reporter", ""),
        ("summary", ""),
        ("noted", ""),
    ] {
        stage.anna.answer(step, value).await;
    }
    assert_eq!(stage.anna.outcome().await, "reported", "the script goes on without the ERP");
    let orders = Orders::of(stage.system.data());
    assert!(orders.read().is_empty());
    customer.hang_up();
    stage.anna.until_state(AgentState::WrapUp).await;
    stage.anna.dispose(&contact.contact_id, "fault-reported").await;
    stage.anna.until_state(AgentState::Ready).await;

    stage.system.start("erp");
    until("the ERP has its order", async || (!orders.read().is_empty()).then_some(())).await;
    let next = stage.waiting(UNKNOWN).await;
    stage.next_call_is_helped(next).await;
    let written = orders.read();
    assert_eq!(written.len(), 1, "{written:?}");
    assert!(written[0].contains("It ticks"), "{written:?}");
    let mut records = stage.system.records().await;
    let query = "SELECT STORINGNR FROM STORING WHERE CONTACTID = ?";
    assert_eq!(records.rows(query, &contact.contact_id).await.len(), 1);
    assert_eq!(stage.ends().await, ["hung-up"; 2]);
}
