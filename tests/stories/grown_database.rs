//! A database that has grown becomes a front office without a line of code: imported, checked,
//! measured, and then on the desk when somebody calls.

use std::fs;
use std::path::Path;

use caruso_api::desk::v1::Customer;
use caruso_api::storage::v1::{Value, value};
use caruso_test_kit::{mariadb, postgres};
use caruso_tests::{Desk, Installation, Phone, Plan, State, run, utilities};

const CALLED: &str = "0205550100";
const DATABASE: &str = "shop";

/// The tables as somebody made them long ago; nothing says that contracts belong to customers.
const TABLES: &str = "
    CREATE TABLE KLANT (KLANTNR integer NOT NULL PRIMARY KEY, NAAM varchar(60) NOT NULL,
        GEBLOKK char(1) NOT NULL, SINDS integer NOT NULL, SALDO varchar(30));
    CREATE TABLE TELEFOON (KLANTNR integer NOT NULL REFERENCES KLANT (KLANTNR),
        VOLGNR integer NOT NULL, NUMMER varchar(20), PRIMARY KEY (KLANTNR, VOLGNR));
    CREATE TABLE CONTRACT (NR integer NOT NULL PRIMARY KEY, KLANTNR integer, MODEL varchar(20));
";

/// The rest of the application: a queue, a team, a number, and what is said.
const FILES: [(&str, &str); 4] = [
    (
        "application.xml",
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE application SYSTEM "application.dtd">
<application id="shop" language="en" zone="Europe/Amsterdam">
  <title language="en">Shop</title>
</application>
"#,
    ),
    (
        "routing.xml",
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE routing SYSTEM "routing.dtd">
<routing>
  <reasons>
    <reason id="break"><title language="en">Break</title></reason>
  </reasons>
  <queue id="service" music="waiting-music" script="service">
    <title language="en">Service</title>
    <disposition id="done"><title language="en">Done</title></disposition>
  </queue>
  <team id="service" serves="service"/>
  <number called="0205550100 +31205550100" script="entrance" fallback="service"/>
</routing>
"#,
    ),
    (
        "scripts/entrance.xml",
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script SYSTEM "dialogue-script.dtd">
<script id="entrance" version="1.0.0" language="en" channels="ivr" start="to_service">
  <title>Entrance</title>
  <handoff id="to_service" queue="service"/>
</script>
"#,
    ),
    (
        "scripts/service.xml",
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script SYSTEM "dialogue-script.dtd">
<script id="service" version="1.0.0" language="en" channels="agent" start="greeting">
  <title>Service</title>
  <input name="customer" class="Klant"/>
  <info id="greeting">
    <say>Good day, <v of="customer.naam.or('who is speaking?')"/></say>
    <next to="finish"/>
  </info>
  <end id="finish" outcome="served"/>
</script>
"#,
    ),
];

/// 40 customers; three contracts lead to one who is gone, and one debt is written otherwise.
fn rows() -> String {
    let mut sql = TABLES.to_owned();
    for at in 1..=40 {
        let flag = if at % 10 == 0 { "J" } else { "N" };
        let since = 19_960_101 + (at % 25) * 10_000;
        let balance = match at {
            7 => "EUR 1.234,50".to_owned(),
            _ => format!("EUR {at},05"),
        };
        sql += &format!(
            "INSERT INTO KLANT VALUES ({at}, 'Klant {at}', '{flag}', {since}, '{balance}');\n\
             INSERT INTO TELEFOON VALUES ({at}, 1, '06-12 0000 {at:02}');\n"
        );
        let of = if (20..23).contains(&at) { 999 } else { at };
        sql += &format!("INSERT INTO CONTRACT VALUES ({at}, {of}, 'Stadsfiets');\n");
    }
    sql
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grown_postgresql_is_on_the_desk_without_a_line_of_code() {
    match postgres::Server::start() {
        Ok(server) => {
            let server = server.expect("it starts");
            let url = server.database(DATABASE).expect("a database");
            server.run(DATABASE, &rows()).expect("it is filled");
            becomes_a_front_office(&url).await;
        }
        Err(missing) => println!("{missing}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grown_mariadb_is_on_the_desk_without_a_line_of_code() {
    match mariadb::Server::start() {
        Ok(server) => {
            let server = server.expect("it starts");
            let url = server.database(DATABASE).expect("a database");
            server.run(DATABASE, &rows()).expect("it is filled");
            becomes_a_front_office(&url).await;
        }
        Err(missing) => println!("{missing}"),
    }
}

async fn becomes_a_front_office(url: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let application = folder.path();
    for inside in ["objects", "scripts", "prompts"] {
        fs::create_dir(application.join(inside)).expect("a folder");
    }
    let model = application.join("objects/shop.xml").display().to_string();
    carried_out(&["objects", "import", url, "--country", "NL", "--output", &model]);
    carried_out(&["objects", "check", &model, "--database", url]);
    let page = application.join("quality.html").display().to_string();
    let arguments = ["objects", "quality", &model, "--database", url, "--html", &page];
    let (code, measured) = ended(&arguments);
    assert_eq!(code, Some(1), "there is something to look at: {measured}");
    assert!(measured.contains("klant: 3 rows lead to 1 key that no Klant has"), "{measured}");
    let page = fs::read_to_string(page).expect("it was written");
    assert!(page.contains("999") && page.contains("saldo"), "it has what was found: {page}");
    fs::remove_file(application.join("quality.html")).expect("it is there");

    for (file, text) in FILES {
        fs::write(application.join(file), text).expect("writable");
    }
    for file in ["demo.toml", "prompts/waiting-music.wav"] {
        fs::copy(utilities().join(file), application.join(file)).expect("the example has it");
    }
    carried_out(&["check", &application.display().to_string()]);
    let site = format!("\n[database.{DATABASE}]\nurl = \"{url}\"\nowned = false\n");
    let customer = calls(application, site).await;
    assert_eq!(customer.title, "Klant 7");
    let object = customer.object.as_ref().expect("an object");
    assert_eq!((object.class.as_str(), object.key.as_str()), ("Klant", "7"));
    let shown: Vec<(&str, String)> = customer
        .attributes
        .iter()
        .map(|it| (it.label.as_str(), shown(object.attributes.get(&it.name))))
        .collect();
    for expected in [
        ("Naam", "Klant 7"),
        ("Geblokk", "false"),
        ("Sinds", "2003-01-01"),
        ("Saldo", "1234.50 EUR"),
    ] {
        assert!(shown.iter().any(|(label, it)| (*label, it.as_str()) == expected), "{shown:?}");
    }
    let contracts = customer.related.iter().find(|it| it.class == "Contract").expect("a list");
    assert_eq!(contracts.objects.len(), 1);
    assert_eq!(contracts.objects[0].key, "7");
}

/// Customer 7 calls and anna answers: what her desk shows of them.
async fn calls(application: &Path, site: String) -> Customer {
    let plan = Plan { application: application.to_owned(), site, ..Plan::default() };
    let system = Installation::up(plan).await;
    let mut anna = Desk::log_in(&system.http, "anna").await;
    let desk_phone = Phone::register(system.sip, "101", "phone-101").await.expect("her phone");
    anna.become_ready().await;
    let caller = Phone::open(system.sip.ip()).await;
    caller.call(system.sip, CALLED, "0612000007");
    desk_phone.until("ringing", |state| matches!(state, State::Ringing(_))).await;
    desk_phone.answer();
    caller.until("talking", |state| *state == State::Talking).await;
    let desk = anna
        .until("the card is there", |desk| {
            desk.customers.iter().any(|it| it.related.iter().any(|it| !it.objects.is_empty()))
        })
        .await;
    anna.until("the script greets them by name", |desk| {
        let said = desk.script.iter().flat_map(|it| &it.prompts);
        said.map(|it| it.text.as_str()).any(|it| it == "Good day, Klant 7")
    })
    .await;
    desk.customers.into_iter().next().expect("it was waited for")
}

/// What a command printed that came to a good end.
fn carried_out(arguments: &[&str]) -> String {
    let (code, said) = ended(arguments);
    assert_eq!(code, Some(0), "{arguments:?}: {said}");
    said
}

/// How a command ended, and what it printed.
fn ended(arguments: &[&str]) -> (Option<i32>, String) {
    let output = run(arguments);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

/// A value as text.
fn shown(value: Option<&Value>) -> String {
    match value.and_then(|it| it.kind.as_ref()) {
        Some(value::Kind::Text(text) | value::Kind::Date(text) | value::Kind::Money(text)) => {
            text.clone()
        }
        Some(value::Kind::Boolean(flag)) => flag.to_string(),
        other => format!("{other:?}"),
    }
}
