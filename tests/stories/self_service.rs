//! Self-service: a customer moves house on web pages, in a browser without JavaScript.

use caruso_tests::{Browser, Company, Installation, Plan, until};

const NOTES: &str = r#"SELECT "KANAAL", "ONDERWERP", "NOTITIE" FROM "KLANTCONTACT"
    WHERE "NOTITIE" LIKE ?"#;

/// The browser of the customer, and another one that looks at the same pages with all that a
/// browser can do: what is continued there is the same conversation.
struct Customer {
    browser: Browser,
    other: Browser,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_moves_house_on_the_web_while_the_script_engine_dies() {
    let (browser, other) = match (Browser::open_without_javascript(), Browser::open()) {
        (Ok(browser), Ok(other)) => (browser, other),
        (Err(missing), _) | (_, Err(missing)) => return println!("{missing}"),
    };
    let mut customer = Customer { browser, other };
    let company = Company::on_postgresql().unwrap_or_else(|missing| {
        println!("{missing}, the company's database is a file");
        Company::OwnFile
    });
    let mut system = Installation::of_processes(Plan { company, ..Plan::default() }).await;
    customer.starts(&system.self_service).await;
    customer.mistypes_the_number().await;
    customer.tells_where_to().await;

    system.kill("script-engine");
    system.start("script-engine");
    system.until_serves("script-engine").await;
    customer.tells_the_rest().await;
    customer.changes_the_day().await;
    customer.ends().await;

    let mut records = system.records().await;
    let notes = until("the move is noted", async || {
        let notes = records.rows(NOTES, "100001 moves on %").await;
        (!notes.is_empty()).then_some(notes)
    })
    .await;
    assert_eq!(notes.len(), 1, "{notes:?}");
    let note = "100001 moves on 2027-01-15 to Laanstraat 7, 3741 AB Baarn, meter 250000";
    assert_eq!(notes[0], ["web", "moving", note]);
}

impl Customer {
    async fn starts(&mut self, address: &str) {
        self.browser.open_page(address).await;
        self.looks_around().await;
        self.browser.picture("web-start.png").await;
        self.browser.click("link", "Moving house").await;
        self.browser.sees("heading", "Moving house").await;
        self.looks_around().await;
        self.browser.click("button", "Start").await;
    }

    async fn mistypes_the_number(&mut self) {
        let address = self.browser.address().await;
        for browser in [&mut self.browser, &mut self.other] {
            browser.open_page(&address).await;
            browser.fill_in("What is your customer number?", "1000").await;
            browser.click("button", "Continue").await;
            browser.sees("heading", "There is a problem").await;
        }
        self.other.is_accessible().await;
        self.browser.picture("web-problem.png").await;
    }

    async fn tells_where_to(&mut self) {
        for (question, answer) in [
            ("What is your customer number?", "100001"),
            ("On which day will you have the keys", "2026-12-01"),
        ] {
            self.browser.fill_in(question, answer).await;
            self.browser.click("button", "Continue").await;
        }
        self.browser.reads("Where do you move to?").await;
        self.browser.fill_in("What is the postal code there?", "3741 AB").await;
        self.browser.fill_in("What is the house number?", "7").await;
        self.browser.click("button", "Continue").await;
        self.browser.sees("heading", "There is a problem").await;
        self.browser.picture("web-page-problem.png").await;
        let address = self.browser.address().await;
        self.other.open_page(&address).await;
        self.other.is_accessible().await;
        self.other.click("button", "Continue").await;
        self.other.sees("heading", "There is a problem").await;
        self.other.is_accessible().await;
    }

    async fn tells_the_rest(&mut self) {
        for (question, answer) in [
            ("What is the postal code there?", "3741 AB"),
            ("What is the house number?", "7"),
            ("Which street is that?", "Laanstraat"),
            ("And which town?", "Baarn"),
        ] {
            self.browser.fill_in(question, answer).await;
        }
        self.browser.click("button", "Continue").await;
        let address = self.browser.address().await;
        for browser in [&mut self.browser, &mut self.other] {
            browser.open_page(&address).await;
            browser.fill_in("Do you know what the meter", "250000").await;
            browser.click("button", "Continue").await;
            browser.sees("heading", "Please look at your answer once more").await;
        }
        self.other.is_accessible().await;
        self.browser.picture("web-doubt.png").await;
        self.browser.click("button", "It is right as it stands").await;
        self.browser.choose("No").await;
        self.looks_around().await;
        self.browser.picture("web-consent.png").await;
        self.browser.click("button", "Continue").await;
        self.browser.click("button", "I would rather not say").await;
        self.browser.reads("You move on 1 December 2026 to Laanstraat 7").await;
        self.looks_around().await;
        self.browser.picture("web-summary.png").await;
    }

    async fn changes_the_day(&mut self) {
        let question = "On which day will you have the keys of your new home?";
        self.browser.click("link", &format!("Change: {question}")).await;
        self.browser.reads("You are changing an earlier answer.").await;
        self.looks_around().await;
        self.browser.fill_in(question, "2027-01-15").await;
        self.browser.click("button", "Continue").await;
        self.browser.reads("You move on 15 January 2027 to Laanstraat 7").await;
    }

    async fn ends(&mut self) {
        let address = self.browser.address().await;
        self.browser.click("button", "Continue").await;
        self.browser.reads("How content are you with the way this went?").await;
        self.looks_around().await;
        self.browser.choose("5").await;
        self.browser.picture("web-scale.png").await;
        self.browser.click("button", "Continue").await;
        self.browser.reads("A colleague checks it and sends you a confirmation").await;
        self.looks_around().await;
        self.browser.back().await;
        self.browser.open_page(&address).await;
        self.browser.reads("You can close this page now.").await;
    }

    /// The page is good for everybody, and is the same elsewhere.
    async fn looks_around(&mut self) {
        let address = self.browser.address().await;
        self.other.open_page(&address).await;
        self.other.is_accessible().await;
    }
}
