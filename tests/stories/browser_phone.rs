//! An agent whose only telephone is the browser, and customers with telephones of another make.

use std::path::{Path, PathBuf};

use caruso_tests::{Browser, Customer, Desk, Installation, Network, Plan, Status, sound, until};
use http::StatusCode;
use tokio_tungstenite::tungstenite;

const CUSTOMER_HERTZ: u32 = 1_000;
const CALLING: &str = "0612345678";

/// What the agent says: a voice, since browsers take steady tones for noise.
fn speech() -> PathBuf {
    let pages = "../crates/front-office/web/public/agent.wav";
    // Chromium reads no path that goes upwards
    Path::new(env!("CARGO_MANIFEST_DIR")).join(pages).canonicalize().expect("it is there")
}

fn stage(test: &str) -> Option<(Network, Browser)> {
    let network = Network::enter(test)?;
    match Browser::open_saying(&speech()) {
        Ok(browser) => Some((network, browser)),
        Err(missing) => {
            println!("{missing}");
            None
        }
    }
}

/// The browser goes before the system does.
struct Story {
    browser: Browser,
    status: Status,
    network: Network,
    system: Installation,
}

impl Story {
    /// The phone is connected, and the agent is ready.
    async fn begin(network: Network, mut browser: Browser) -> Self {
        let plan = Plan { address: network.address(), ..Plan::default() };
        let system = Installation::up(plan).await;
        let status = Desk::log_in(&system.http, "sofie").await.status();
        browser.log_in(&system.http, "anna").await;
        browser.reads("No phone of yours is registered").await;
        browser.press("Alt+L").await;
        browser.sees("dialog", "Phone in this browser, extension 101").await;
        browser.picture("phone-off.png").await;
        browser.click("button", "Connect the phone").await;
        browser.reads("Calls ring here").await;
        browser.click("button", "Test the microphone").await;
        browser.picture("phone-test.png").await;
        browser.click("button", "Stop the test").await;
        browser.click("button", "Close").await;
        browser.press("Alt+R").await;
        browser.sees("heading", "You are ready").await;
        Self { browser, status, network, system }
    }

    async fn is_called(&mut self) -> Customer {
        let sip = self.system.sip;
        let customer = Customer::call(self.network, sip, CALLING, '1', CUSTOMER_HERTZ).await;
        customer.press_and_speak('1', CUSTOMER_HERTZ);
        self.status.until("agent anna offered").await;
        self.browser.sees("button", "Answer").await;
        self.browser.picture("phone-rings.png").await;
        self.browser.press("Alt+A").await;
        self.status.until("agent anna talking").await;
        customer
    }

    async fn both_hear_each_other(&mut self, customer: &Customer) {
        let browser = &mut self.browser;
        until("the agent hears the customer", async || hears_tone(browser).await).await;
        let before = customer.heard().len();
        until("the customer hears the agent", async || {
            (sound::audible_seconds(&customer.heard()[before..]) > 1.0).then_some(())
        })
        .await;
    }
}

async fn hears_tone(browser: &mut Browser) -> Option<()> {
    let (hertz, level) = browser.heard().await?;
    ((hertz - f64::from(CUSTOMER_HERTZ)).abs() < 20.0 && level > 0.05).then_some(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_takes_calls_in_the_browser_and_both_hear_each_other() {
    let test = "browser_phone::an_agent_takes_calls_in_the_browser_and_both_hear_each_other";
    let Some((network, browser)) = stage(test) else { return };
    let mut story = Story::begin(network, browser).await;
    let customer = story.is_called().await;
    story.both_hear_each_other(&customer).await;
    story.browser.picture("phone-talking.png").await;

    // muted, and not any more
    story.browser.press("Alt+M").await;
    story.browser.sees("button", "Muted").await;
    let mut from = customer.heard().len();
    until("the customer hears nothing", async || {
        let all = customer.heard();
        let new = all.get(from..).unwrap_or_default();
        let is_quiet = new.len() > 16_000 && sound::audible_seconds(new) == 0.0;
        if new.len() > 16_000 {
            from = all.len();
        }
        is_quiet.then_some(())
    })
    .await;
    story.browser.press("Alt+M").await;
    story.both_hear_each_other(&customer).await;

    // who hangs up ends it on both sides
    customer.hang_up().await;
    story.browser.sees("heading", "Wrap-up").await;
    story.browser.sees("button", "Phone: ready").await;
    story.browser.is_content().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_in_the_browser_is_there_again_after_a_reload() {
    let test = "browser_phone::a_phone_in_the_browser_is_there_again_after_a_reload";
    let Some((network, browser)) = stage(test) else { return };
    let mut story = Story::begin(network, browser).await;
    story.browser.reload().await;
    story.browser.sees("button", "Phone: ready").await;
    let customer = story.is_called().await;
    story.both_hear_each_other(&customer).await;

    // in a call, the customer is first in line again at once
    story.browser.reload().await;
    story.status.until("contact waiting").await;
    story.status.until_waiting("faults", 1).await;
    story.browser.sees("heading", "Wrap-up").await;
    story.browser.sees("button", "Phone: ready").await;
    customer.hang_up().await;
    story.browser.is_content().await;
}

/// Asks for the phone's WebSocket as a program does, with these headers.
async fn knocks(http: &str, headers: &[(&str, &str)]) -> Result<(), StatusCode> {
    use tungstenite::client::IntoClientRequest as _;
    let mut request = format!("{}/phone", http.replacen("http", "ws", 1))
        .into_client_request()
        .expect("an address");
    for (name, value) in headers {
        let name: http::HeaderName = name.parse().expect("a name");
        request.headers_mut().insert(name, value.parse().expect("a value"));
    }
    match tokio_tungstenite::connect_async(request).await {
        Ok(_) => Ok(()),
        Err(tungstenite::Error::Http(answer)) => Err(answer.status()),
        Err(other) => unreachable!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_is_let_in_with_a_session_from_a_page_of_ours_and_nobody_else() {
    let system = Installation::up(Plan::default()).await;
    let anna = Desk::log_in(&system.http, "anna").await;
    let cookie = ("cookie", anna.cookie());
    let (own, sip) = (("origin", system.http.as_str()), ("sec-websocket-protocol", "sip"));
    assert_eq!(knocks(&system.http, &[own, sip]).await, Err(StatusCode::UNAUTHORIZED));
    let elsewhere = ("origin", "http://evil.example");
    let foreign = knocks(&system.http, &[elsewhere, sip, cookie]).await;
    assert_eq!(foreign, Err(StatusCode::FORBIDDEN));
    assert_eq!(knocks(&system.http, &[sip, cookie]).await, Err(StatusCode::FORBIDDEN));
    assert_eq!(knocks(&system.http, &[own, cookie]).await, Err(StatusCode::BAD_REQUEST));
    assert_eq!(knocks(&system.http, &[own, sip, cookie]).await, Ok(()));
}
