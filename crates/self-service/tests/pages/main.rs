//! Customers before the pages: real service manager, script engine and storage manager, plain HTTP.

mod world;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::StatusCode;
use uuid::{NoContext, Timestamp, Uuid};
use world::World;

type Fields = &'static [(&'static str, &'static str)];

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_moves_house_without_javascript() {
    let world = World::start().await;
    let list = world.get_in("/", "fr, nl-BE;q=0.9").await;
    list.has(&["<html lang=\"nl\">", "href=\"/move?lang=nl\"", "Verhuizen", "Deutsch", "Español"]);
    world.get("/move?lang=de").await.has(&["<html lang=\"de\">", "Umzug", "action=\"/move\""]);

    let mut page = world.begin("/move", "en").await;
    page.has(&["What is your customer number?", "inputmode=\"numeric\"", "Please enter 6 digits"]);
    let wrong = world.send_form(&page, &[("value", "12")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    wrong.has(&["value=\"12\"", "aria-invalid=\"true\"", "aria-describedby=\"hint wrong\""]);
    for value in ["100001", "2026-12-01"] {
        page = world.answer(&page, &[("value", value)]).await;
    }
    page.has(&["Where do you move to?", "What is the postal code there?", "And which town?"]);
    let address = [("q0.value", "3741 AB"), ("q1.value", "7"), ("q2.value", "Laan<b>straat")];
    page = world.answer(&page, &[&address[..], &[("q3.value", "Baarn")]].concat()).await;
    page.has(&["Laan&lt;b&gt;straat", "1 December 2026"]);
    page.lacks(&["<b>straat"]);
    let doubted = world.send_form(&page, &[("value", "250000")]).await;
    assert_eq!(doubted.status, StatusCode::UNPROCESSABLE_ENTITY);
    doubted.has(&["Are the red digits behind the point?", "name=\"confirm\"", "value=\"250000\""]);
    page = world.answer(&doubted, &[("value", "250000"), ("confirm", "1")]).await;
    page = world.answer(&page, &[("value", "false")]).await;
    page = world.answer(&page, &[("special", "refused"), ("value", "")]).await;
    page.has(&["You move on 1 December 2026", "I would rather not say"]);

    let path = page.path.clone();
    let change = world.get(&format!("{path}?change=moving_date")).await;
    change.has(&["You are changing an earlier answer.", "value=\"2026-12-01\""]);
    page = world.answer(&change, &[("value", "2026-12-15")]).await;
    page.has(&["You move on 15 December 2026"]);
    page = world.answer(&page, &[]).await;
    page = world.until(&page.path, |it| it.body.contains("How content are you")).await;
    let unchanged = world.get(&format!("{path}?change=moving_date")).await;
    unchanged.has(&["How content are you"]);
    page = world.answer(&page, &[("skip", "1")]).await;
    page.has(&["A colleague checks it", "You can close this page now."]);
    page.lacks(&["<form", "?change="]);
    world.get(&path).await.has(&["A colleague checks it"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_of_all_types_are_asked_and_answered() {
    let world = World::start().await;
    let mut page = world.begin("/all", "en").await;
    page.lacks(&["A secret of the house."]);
    let steps: [(Fields, &[&str]); 18] = [
        (&[], &["type=\"radio\"", "One of &lt;them&gt;?", "A &amp; B"]),
        (&[("value", "a")], &["type=\"checkbox\""]),
        (&[("value", "y"), ("value", "x")], &["rank:p", "Place of “Q”"]),
        (&[("rank:p", "2"), ("rank:q", "1")], &["type=\"radio\"", "Really?"]),
        (&[("value", "true")], &["May we?"]),
        (&[("value", "false")], &["<textarea", "maxlength=\"500\""]),
        (&[("value", "two\r\nlines")], &["from 1 to 9"]),
        (&[("value", "9")], &["inputmode=\"decimal\"", "I don’t know"]),
        (&[("value", "12.5")], &["EUR"]),
        (&[("value", "€ 1,250.00")], &["type=\"date\""]),
        (&[("value", "2026-12-01")], &["type=\"time\""]),
        (&[("value", "14:30")], &["type=\"datetime-local\""]),
        (&[("value", "2026-12-01T14:30")], &["type=\"tel\"", "autocomplete=\"tel\""]),
        (&[("value", "06 12345678")], &["type=\"email\"", "autocomplete=\"email\""]),
        (&[("value", "eva@example.org")], &["(optional)", "Skip this question"]),
        (&[("value", "nl91 abna 0417 1643 00")], &["Which code?"]),
        (&[("value", "12 34")], &["bad", "good", "value=\"5\""]),
        (&[("value", "5")], &["First.", "You wrote: two\nlines"]),
    ];
    for (fields, expected) in steps {
        if !fields.is_empty() {
            page = world.answer(&page, fields).await;
        }
        page.has(expected);
    }
    for answer in ["X, Y", "Q, P", "1250.00 EUR", "+31612345678", "NL91ABNA0417164300"] {
        assert!(page.body.contains(answer), "{answer}: {}", page.body);
    }
    let words = world.get(&format!("{}?change=words", page.path)).await;
    words.has(&["this is taken back:", "<li>Draft of your words</li>"]);
    words.has(&["This stays as it is", "<li>Letter to you</li>", "two\nlines</textarea>"]);
    page.lacks(&["change=grade"]);
    let order = world.get(&format!("{}?change=order", page.path)).await;
    order.has(&["<option value=\"2\" selected>"]);
    let twice = world.send_form(&order, &[("rank:p", "1"), ("rank:q", "1")]).await;
    twice.has(&["Please give each place once"]);
    let part = world.get(&format!("{}?change=part", page.path)).await;
    for (value, expected) in [
        ("", "Please answer the question."),
        ("many", "Please enter a number."),
        ("100", "Less than a hundred, please."),
        ("50", "Is it that much?"),
    ] {
        let refused = world.send_form(&part, &[("value", value)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{value}");
        refused.has(&[expected, &format!("value=\"{value}\"")]);
    }
    page = world.answer(&part, &[("value", "60"), ("confirm", "1"), ("reason", "New")]).await;
    page = world.answer(&page, &[]).await;
    page.has(&["Please call 030 555 0100."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_added_and_each_is_changed_in_its_place() {
    let world = World::start().await;
    let mut page = world.begin("/meters", "en").await;
    page.has(&["What does meter 1 say?"]);
    for (value, expected) in [
        ("4", "Is there another meter?"),
        ("true", "What does meter 2 say?"),
        ("12", "Is there another meter?"),
        ("false", "These are 2 meters, none of them above 9: no."),
    ] {
        page = world.answer(&page, &[("value", value)]).await;
        page.has(&[expected]);
    }
    // the second reading, and not the first, which is asked by the same step
    let links: Vec<&str> = page.body.split("?change=value&amp;at=").skip(1).collect();
    let places: Vec<&str> = links.iter().filter_map(|it| it.split('"').next()).collect();
    let [_, second] = places[..] else { panic!("two readings: {}", page.body) };
    let change = world.get(&format!("{}?change=value&at={second}", page.path)).await;
    change.has(&["What does meter 2 say?", "value=\"12\""]);
    let page = world.answer(&change, &[("value", "7")]).await;
    page.has(&["These are 2 meters, none of them above 9: yes."]);
    let nowhere = world.get(&format!("{}?change=value&at=99", page.path)).await;
    nowhere.has(&["These are 2 meters"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_of_a_page_are_answered_together_and_all_that_is_wrong_is_said() {
    let world = World::start().await;
    let first = world.begin("/page", "en").await;
    first.has(&["About your home.", "Whose is it?", "name=\"q0.value\"", "Which of these?"]);
    first.lacks(&["For agents alone.", "aria-invalid"]);
    let wrong = [("q0.value", ""), ("q1.value", "many"), ("q2.value", "gas"), ("q2.value", "heat")];
    let refused = world.send_form(&first, &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.has(&["href=\"#q0.answer\"", "href=\"#q1.answer\"", "href=\"#q3.answer\""]);
    refused.has(&[
        "value=\"many\"",
        "aria-describedby=\"q1.hint q1.wrong\"",
        "value=\"heat\" checked",
    ]);
    refused.lacks(&["href=\"#q2.answer\""]);
    let doubtful =
        [("q0.value", "Eva"), ("q1.value", "2,000"), ("q2.value", "gas"), ("q3.value", "a")];
    let doubted = world.send_form(&first, &doubtful).await;
    assert_eq!(doubted.status, StatusCode::UNPROCESSABLE_ENTITY);
    doubted.has(&["Is it that much?", "name=\"q1.confirm\"", "value=\"2,000\""]);
    let kept = [&doubtful[..], &[("q1.confirm", "1"), ("q1.reason", "A bakery")]].concat();
    let page = world.answer(&doubted, &kept).await;
    page.has(&["How did we do?", "class=\"columns\"", "Speed", "Words", "<span>3 well</span>"]);
    let half = world.send_form(&page, &[("q0.value", "3")]).await;
    assert_eq!(half.status, StatusCode::UNPROCESSABLE_ENTITY);
    half.has(&["href=\"#q1.answer\"", "value=\"3\" checked"]);
    let page = world.answer(&half, &[("q0.value", "3"), ("q1.value", "1")]).await;
    page.has(&["Eva", "2000", "That was a, and 3.", "?change=how_much"]);
    let change = world.get(&format!("{}?change=service%2Fspeed", page.path)).await;
    change.has(&["class=\"columns\"", "value=\"1\" checked"]);

    let change = world.get(&format!("{}?change=whose", page.path)).await;
    change.has(&["You are changing an earlier answer.", "value=\"Eva\"", "value=\"gas\" checked"]);
    let wrong = world.send_form(&change, &[("q0.value", "")]).await;
    wrong.has(&["You are changing an earlier answer.", "href=\"#q0.answer\""]);
    let changed = [("q0.value", "Ann"), ("q1.special", "dont-know"), ("q2.value", "gas")];
    let page = world.answer(&change, &[&changed[..], &[("q3.value", "b")]].concat()).await;
    page.has(&["Ann", "I don’t know", "That was b, and 3."]);
    let waits = world.answer(&page, &[]).await;
    waits.has(&["We look at it.", "This goes on by itself on ", "?change=whose"]);
    waits.lacks(&["http-equiv", "name=\"step\""]);
    let late = world.send_form(&first, &doubtful).await;
    assert_eq!(late.status, StatusCode::SEE_OTHER, "what was sent before does no harm");
}

#[tokio::test(flavor = "multi_thread")]
async fn something_else_is_begun_in_between_and_the_page_is_there_again() {
    let world = World::start().await;
    let first = world.begin("/page", "en").await;
    first.has(&["name=\"interrupt\" value=\"question\"", "I have a question"]);
    let sequence = first.hidden("sequence");
    let begin = [("interrupt", "question"), ("sequence", sequence.as_str())];
    let begun = world.follow(world.post(&first.path, &begin).await).await;
    begun.has(&["What would you like to know?"]);
    begun.lacks(&["name=\"interrupt\"", "Whose is it?"]);
    let again = world.follow(world.post(&first.path, &begin).await).await;
    again.has(&["What would you like to know?"]);
    let nothing = [("interrupt", "nothing"), ("sequence", "99")];
    let late = world.follow(world.post(&first.path, &nothing).await).await;
    late.has(&["What would you like to know?", "That page was out of date"]);
    let page = world.answer(&begun, &[("value", "When?")]).await;
    page.has(&["Somebody will tell you."]);
    let page = world.answer(&page, &[]).await;
    page.has(&["Whose is it?", "When?", "I have a question"]);
    let (_, place) = page.body.split_once("?change=what&amp;at=").expect("it can be changed");
    let place = place.split('"').next().expect("a place");
    let change = world.get(&format!("{}?change=what&at={place}", page.path)).await;
    change.has(&["value=\"When?\"", "You are changing an earlier answer."]);
    change.lacks(&["I have a question"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_sent_again_or_too_late_does_no_harm() {
    let world = World::start().await;
    let first = world.begin("/all", "nl").await;
    first.has(&["<html lang=\"nl\">", "Een ervan?", "<span lang=\"nl\">A &amp; B</span>"]);
    let second = world.answer(&first, &[("value", "a")]).await;
    second.has(&["<h1><span lang=\"en\">Some?</span></h1>"]);
    let again = world.answer(&first, &[("value", "a")]).await;
    assert_eq!(again.path, second.path, "a double click is no mistake");
    assert_eq!(again.body, second.body);
    let late = world.answer(&first, &[("value", "c")]).await;
    late.has(&["Die pagina was verouderd", "Some?", "A &amp; B"]);
    let other = [("step", "over"), ("sequence", "9"), ("value", "x")];
    let sent = world.post(&first.path, &other).await;
    world.follow(sent).await.has(&["Die pagina was verouderd", "Some?"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_engine_or_pages_start_anew() {
    let mut world = World::start().await;
    let first = world.begin("/all", "en").await;
    let second = world.answer(&first, &[("value", "a")]).await;
    world.stop_engine().await;
    let refused = world.send_form(&second, &[("value", "x")]).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    refused.has(&["We are not available just now"]);
    world.restart_engine().await;
    world.until(&second.path, |it| it.body.contains("Some?")).await;
    world.restart_pages().await;
    let page = world.until(&second.path, |it| it.status == StatusCode::OK).await;
    assert_eq!(
        page.body.replace(&world.address, ""),
        second.body.replace(&first_host(&second), "")
    );
    world.answer(&page, &[("value", "x")]).await.has(&["In which order?"]);
}

/// The address in the link with which a page is continued.
fn first_host(page: &world::Page) -> String {
    let (_, rest) = page.body.split_once("<a href=\"http://").expect("a link");
    format!("http://{}", rest.split('/').next().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_link_reaches_nothing() {
    let world = World::start().await;
    let page = world.begin("/all", "en").await;
    let mut changed = page.path.clone().into_bytes();
    let last = changed.len() - 1;
    changed[last] = if changed[last] == b'A' { b'Q' } else { b'A' };
    let changed = String::from_utf8(changed).expect("ASCII");
    for path in [changed.as_str(), "/s/", "/s/x", "/main-menu", "/moving-house", "/x", "/rpc/x"] {
        let missing = world.get(path).await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND, "{path}");
        missing.has(&["There is no such page"]);
    }
    let sent = world.post(&changed, &[("value", "a")]).await;
    assert_eq!(sent.status, StatusCode::NOT_FOUND);
    for (name, value) in [
        (
            "content-security-policy",
            "default-src 'none'; style-src 'self'; form-action 'self'; \
          base-uri 'none'; frame-ancestors 'none'",
        ),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("x-robots-tag", "noindex, nofollow"),
    ] {
        assert_eq!(page.headers[name], value);
    }
    page.lacks(&["<script", "style=", "onclick"]);
    assert!(!page.headers.contains_key("set-cookie"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_whose_time_is_over_says_so() {
    let world = World::start().await;
    let two_days_ago = SystemTime::now() - Duration::from_secs(2 * 24 * 3600);
    let since = two_days_ago.duration_since(UNIX_EPOCH).expect("after 1970");
    let began = Timestamp::from_unix(NoContext, since.as_secs(), since.subsec_nanos());
    // one whose time is over, and one of which nothing is known any more
    for session in [Uuid::new_v7(began), Uuid::now_v7()] {
        let page = world.get_in(&format!("/s/{}", world.token(session)), "de").await;
        assert_eq!(page.status, StatusCode::GONE);
        page.has(&["<html lang=\"de\">", "Dieser Link gilt nicht mehr"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_is_refused() {
    let world = World::start().await;
    let page = world.begin("/all", "en").await;
    let long = "x".repeat(330_000);
    let refused = world.send_form(&page, &[("value", &long)]).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    for number in 2..=30 {
        let started = world.post("/all", &[]).await;
        assert_eq!(started.status, StatusCode::SEE_OTHER, "{number}");
    }
    let refused = world.post("/all", &[]).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    refused.has(&["Please try again in an hour"]);
    world.answer(&page, &[("value", "a")]).await.has(&["Some?"]);
}
