//! Self-service: a customer moves house on web pages, in a browser without JavaScript.

use caruso_tests::{Browser, Company, Installation, Plan, until};

const NOTES: &str = r#"SELECT "KANAAL", "ONDERWERP", "NOTITIE" FROM "KLANTCONTACT"
    WHERE "NOTITIE" LIKE ?"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_moves_house_on_the_web_while_the_script_engine_dies() {
    let mut browser = match Browser::open_without_javascript() {
        Ok(browser) => browser,
        Err(missing) => return println!("{missing}"),
    };
    let company = Company::on_postgresql().unwrap_or_else(|missing| {
        println!("{missing}, the company's database is a file");
        Company::OwnFile
    });
    let mut system = Installation::of_processes(Plan { company, ..Plan::default() }).await;
    browser.open_page(&system.self_service).await;
    browser.is_accessible().await;
    browser.click("link", "Moving house").await;
    browser.sees("heading", "Moving house").await;
    browser.click("button", "Start").await;

    browser.fill_in("What is your customer number?", "1000").await;
    browser.click("button", "Continue").await;
    browser.sees("heading", "There is a problem").await;
    browser.is_accessible().await;
    browser.picture("web-problem.png").await;
    tells_where_to(&mut browser).await;

    system.kill("script-engine");
    system.start("script-engine");
    system.until_serves("script-engine").await;
    let link = browser.address().await;
    browser.open_page(&link).await;
    tells_the_rest(&mut browser).await;

    browser.picture("web-summary.png").await;
    browser.click("button", "Continue").await;
    browser.reads("How content are you with the way this went?").await;
    browser.is_accessible().await;
    browser.choose("5").await;
    browser.click("button", "Continue").await;
    browser.reads("A colleague checks it and sends you a confirmation").await;
    browser.is_accessible().await;
    browser.back().await;
    browser.open_page(&link).await;
    browser.reads("You can close this page now.").await;

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

async fn tells_where_to(browser: &mut Browser) {
    for (question, answer) in [
        ("What is your customer number?", "100001"),
        ("On which day will you have the keys", "2026-12-01"),
        ("What is the postal code there?", "3741 AB"),
        ("And the house number?", "7"),
    ] {
        browser.fill_in(question, answer).await;
        browser.is_accessible().await;
        browser.click("button", "Continue").await;
    }
    browser.sees("heading", "Which street is that?").await;
}

async fn tells_the_rest(browser: &mut Browser) {
    for (question, answer) in [("Which street is that?", "Laanstraat"), ("And the town?", "Baarn")]
    {
        browser.fill_in(question, answer).await;
        browser.click("button", "Continue").await;
    }
    browser.fill_in("Do you know what the meter", "250000").await;
    browser.click("button", "Continue").await;
    browser.sees("heading", "Please look at your answer once more").await;
    browser.is_accessible().await;
    browser.picture("web-doubt.png").await;
    browser.click("button", "It is right as it stands").await;
    browser.choose("No").await;
    browser.is_accessible().await;
    browser.picture("web-consent.png").await;
    browser.click("button", "Continue").await;
    browser.click("button", "I would rather not say").await;
    browser.reads("You move on 1 December 2026 to Laanstraat 7").await;
    browser.is_accessible().await;
    browser.click("link", "Change: On which day will you have the keys of your new home?").await;
    browser.reads("You are changing an earlier answer.").await;
    browser.is_accessible().await;
    browser.fill_in("On which day will you have the keys", "2027-01-15").await;
    browser.click("button", "Continue").await;
    browser.reads("You move on 15 January 2027 to Laanstraat 7").await;
}
