//! The first call: every component in place, one telephone call through all of them.

use caruso_api::contact::v1::Contact;
use caruso_test_kit::Missing;
use caruso_tests::{
    Browser, Company, Customer, Desk, DeskPhone, Installation, Network, Orders, Plan, Status,
    sound, until, utilities,
};

use crate::replay::decides_the_same;

const CUSTOMER_HERTZ: u32 = 1_000;
const AGENT_HERTZ: u32 = 440;
const CALLING: &str = "0612345678";
const REPORTS: &str = r#"
    SELECT "SRT", "OMSCHR", "PRIO", "MELDER", "EANCODE", "OPDRACHT", "CONTACTID"
    FROM "STORING" WHERE "KLANTNR" = ? AND "CONTACTID" IS NOT NULL"#;
const INTERACTIONS: &str = r#"SELECT "CONTACTID", "ONDERWERP", "AFLOOP", "NOTITIE"
    FROM "KLANTCONTACT" WHERE "KLANTNR" = ? AND "CONTACTID" IS NOT NULL"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_calls_and_is_helped() {
    let test = "first_call::a_customer_calls_and_is_helped";
    let Some((network, browser)) = stage(test) else { return };
    let company = Company::on_postgresql().unwrap_or_else(own_file);
    let plan = Plan { address: network.address(), company, ..Plan::default() };
    let mut story = Story::begin(Installation::up(plan).await, network, browser).await;
    let customer = story.talks_with_the_customer().await;
    story.tells_of_the_fault().await;
    story.reports_the_fault().await;
    customer.hang_up().await;
    story.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_component_is_a_process_and_the_script_engine_dies_twice() {
    let test = "first_call::each_component_is_a_process_and_the_script_engine_dies_twice";
    let Some((network, browser)) = stage(test) else { return };
    let company = Company::on_mariadb().unwrap_or_else(own_file);
    let plan = Plan { address: network.address(), company, ..Plan::default() };
    let mut story = Story::begin(Installation::of_processes(plan).await, network, browser).await;
    let customer = story.talks_with_the_customer().await;
    story.tells_of_the_fault().await;
    story.script_engine_dies().await;
    story.browser.reload().await;
    story.browser.reads("Which connection is it about?").await;
    let given = story.browser.text("region", "Answered so far").await.to_lowercase();
    let given = given.split_whitespace().collect::<Vec<_>>().join(" ");
    for answer in ["no electricity in part of the house", "outside? no", "switches up? yes"] {
        assert!(given.contains(answer), "{answer} is lost: {given}");
    }
    story.says_the_rest().await;
    story.script_engine_dies_while_it_acts().await;
    story.reads_the_end().await;
    customer.hang_up().await;
    story.ends().await;
}

/// What takes the place of a server that is not installed.
fn own_file(missing: Missing) -> Company {
    println!("{missing}, the company's database is a file");
    Company::OwnFile
}

/// Where the story takes place, and its browser; nothing when it took place elsewhere or cannot.
fn stage(test: &str) -> Option<(Network, Browser)> {
    let network = Network::enter(test)?;
    match Browser::open() {
        Ok(browser) => Some((network, browser)),
        Err(missing) => {
            println!("{missing}");
            None
        }
    }
}

/// Everybody who takes part, but the customer. Browser and phone go before the system does.
struct Story {
    browser: Browser,
    phone: DeskPhone,
    status: Status,
    sofie: Desk,
    network: Network,
    system: Installation,
}

impl Story {
    async fn begin(system: Installation, network: Network, mut browser: Browser) -> Self {
        let sofie = Desk::log_in(&system.http, "sofie").await;
        let status = sofie.status();
        let phone = DeskPhone::register(network, system.sip, "101", AGENT_HERTZ).await;
        browser.log_in(&system.http, "anna").await;
        browser.sees("heading", "You are not ready").await;
        Self { browser, phone, status, sofie, network, system }
    }

    async fn talks_with_the_customer(&mut self) -> Customer {
        let sip = self.system.sip;
        let customer = Customer::call(self.network, sip, CALLING, '1', CUSTOMER_HERTZ).await;
        self.hears_greeting_and_music(&customer).await;
        self.is_offered().await;
        self.phone.answer().await;
        self.both_hear_each_other(&customer).await;
        customer
    }

    async fn hears_greeting_and_music(&self, customer: &Customer) {
        until("the greeting is heard", async || {
            (sound::audible_seconds(&customer.heard()) > 1.0).then_some(())
        })
        .await;
        self.status.until("contact ivr").await;
        customer.press_and_speak('1', CUSTOMER_HERTZ);
        self.status.until("contact waiting").await;
        self.status.until_waiting("faults", 1).await;
        let before = customer.heard().len();
        until("the music is heard", async || {
            (sound::audible_seconds(&customer.heard()[before..]) > 2.0).then_some(())
        })
        .await;
    }

    async fn is_offered(&mut self) {
        let browser = &mut self.browser;
        browser.press("Alt+R").await;
        self.status.until("agent anna offered").await;
        browser.sees("heading", "Incoming contact").await;
        browser.reads("Eva de Vries").await;
        browser.reads("Why it comes to you").await;
        browser.reads("nobody else waits there").await;
        browser.sees("heading", "Connection (2)").await;
        browser.reads("Lange Nieuwstraat").await;
        browser.picture("offered.png").await;
    }

    async fn both_hear_each_other(&mut self, customer: &Customer) {
        self.browser.sees("heading", "In conversation").await;
        self.status.until("agent anna talking").await;
        let what = format!("the agent hears the customer: {}", self.phone.output());
        until(&what, async || {
            sound::ends_with_tone(&self.phone.heard(), CUSTOMER_HERTZ).then_some(())
        })
        .await;
        until("the customer hears the agent", async || {
            sound::ends_with_tone(&customer.heard(), AGENT_HERTZ).then_some(())
        })
        .await;
    }

    /// Part of the house is dark: the gas of this customer is asked for first, then the fuses,
    /// which others would not be.
    async fn tells_of_the_fault(&mut self) {
        let browser = &mut self.browser;
        browser.click("button", "No electricity in part of the house").await;
        browser.reads("There is gas at your address").await;
        browser.click("button", "No").await;
        browser.reads("have a look at the fuse box").await;
        browser.click("button", "Yes").await;
        browser.reads("Which connection is it about?").await;
    }

    /// Of the two connections only that for electricity can be meant.
    async fn says_the_rest(&mut self) {
        let browser = &mut self.browser;
        browser.click("button", "electricity, Lange Nieuwstraat 14, Utrecht").await;
        browser.fill("Your answer", "Since noon").await;
        browser.click("button", "Answer").await;
        browser.reads("who am I speaking to").await;
        browser.click("button", "Skip").await;
        browser.reads("I will report this now").await;
        browser.picture("script.png").await;
    }

    async fn reports_the_fault(&mut self) {
        self.says_the_rest().await;
        self.browser.click("button", "Continue").await;
        self.reads_the_end().await;
    }

    async fn reads_the_end(&mut self) {
        self.browser.reads("SO-10001").await;
        self.browser.click("button", "Continue").await;
        self.browser.reads("The script is complete").await;
        self.browser.picture("end.png").await;
    }

    async fn script_engine_dies(&mut self) {
        self.system.kill("script-engine");
        self.system.start("script-engine");
        self.system.until_serves("script-engine").await;
    }

    /// The ERP is away for a moment, so that its order is still under way.
    async fn script_engine_dies_while_it_acts(&mut self) {
        self.system.stop("erp");
        self.browser.click("button", "Continue").await;
        self.browser.reads("under way").await;
        self.system.kill("script-engine");
        self.system.start("erp");
        self.system.until_serves("erp").await;
        self.system.start("script-engine");
    }

    async fn ends(mut self) {
        self.wraps_up().await;
        let contact = the_only_contact(&mut self.sofie).await;
        is_counted(&mut self.sofie).await;
        is_recorded_once(&self.system, &contact).await;
        self.browser.is_content().await;
        decides_the_same(&utilities(), &self.system);
    }

    async fn wraps_up(&mut self) {
        let browser = &mut self.browser;
        browser.sees("heading", "Wrap-up").await;
        self.status.until("agent anna wrap-up").await;
        browser.choose("Fault reported").await;
        browser.fill("Note", "All clear").await;
        browser.click("button", "Close contact").await;
        browser.sees("heading", "You are ready").await;
        for state in ["not-ready", "offered", "talking", "wrap-up", "ready"] {
            self.status.until(&format!("agent anna {state}")).await;
        }
        for segment in ["ivr", "waiting", "offered", "with-agent", "wrap-up"] {
            self.status.until(&format!("contact {segment}")).await;
        }
    }
}

/// The contact in the history, with every segment and the offer.
async fn the_only_contact(sofie: &mut Desk) -> Contact {
    let mut contacts = sofie.contacts().await;
    assert_eq!(contacts.len(), 1);
    let contact = contacts.pop().expect("the only one");
    assert_eq!(contact.calling_number, "+31612345678");
    assert_eq!(contact.signalled_number, CALLING);
    assert_eq!((contact.agent.as_str(), contact.customer_key.as_str()), ("anna", "100001"));
    assert_eq!(contact.disposition, "fault-reported");
    assert_eq!((contact.note.as_str(), contact.end_cause.as_str()), ("All clear", "hung-up"));
    assert!(contact.ended_at.is_some());
    let segments: Vec<_> = contact.segments.iter().map(|it| (&*it.kind, &*it.end_cause)).collect();
    let expected = [
        ("ivr", "handed-off"),
        ("waiting", "offered"),
        ("offered", "accepted"),
        ("with-agent", "hung-up"),
        ("wrap-up", "finished"),
    ];
    assert_eq!(segments, expected);
    let offers: Vec<_> = contact.offers.iter().map(|it| (&*it.agent, &*it.outcome)).collect();
    assert_eq!(offers, [("anna", "accepted")]);
    assert!(!contact.offers[0].why.is_empty());
    contact
}

async fn is_counted(sofie: &mut Desk) {
    let report = sofie.report().await;
    let row = report.iter().find(|row| row.queue == "faults").expect("a row of the queue");
    let counts = [row.offered, row.answered, row.abandoned, row.flowed_out, row.still_waiting];
    assert_eq!(counts, [1, 1, 0, 0, 0]);
}

/// One fault report, one service order, one interaction, all of this contact.
async fn is_recorded_once(system: &Installation, contact: &Contact) {
    let orders = Orders::of(system.data()).read();
    let [order] = orders.as_slice() else { panic!("not one order: {orders:?}") };
    let order: Vec<&str> = order.split(';').collect();
    let expected = ["100001", "871687100041000645", "partial", "normal", "Since noon"];
    assert_eq!(order[2..7], expected);
    let mut records = system.records().await;
    let reports = records.rows(REPORTS, "100001").await;
    let report = [
        "DEEL",
        "Since noon",
        "3",
        "Eva de Vries",
        "871687100041000645",
        order[0],
        &contact.contact_id,
    ];
    assert_eq!(reports, [report]);
    let filed = until("the interaction is filed", async || {
        let rows = records.rows(INTERACTIONS, "100001").await;
        (!rows.is_empty()).then_some(rows)
    });
    let interaction = [contact.contact_id.as_str(), "faults", "fault-reported", "All clear"];
    assert_eq!(filed.await, [interaction]);
}
