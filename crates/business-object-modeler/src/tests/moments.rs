//! Instants in two columns: whether they fit, what the data are like, and how a database of our
//! own gets them.

use caruso_database::{Access, DatabaseConnection, DbBackend, connect};
use caruso_object_model::Model;

use super::lab::{Lab, execute};
use crate::check::{Places, check};
use crate::migration::{Wish, carry_out, keep_names, steps};
use crate::quality::{Options, measure};

fn text(attributes: &str) -> String {
    format!(
        r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="crm" country="NL">
  <class id="c" name="Visit" table="BEZOEK" key="number">
    <attribute id="c1" name="number" column="NR" type="int" required="yes"/>
    {attributes}
  </class>
</business-objects>"#
    )
}

fn model(text: &str) -> Model {
    let (model, findings) = Model::read([("m.xml", text.as_bytes())]);
    assert_eq!(findings, []);
    model
}

async fn made(connection: &DatabaseConnection, model: &Model) -> String {
    let wish = Wish { model, name: "crm", contracts: false };
    let steps = steps(connection, &wish).await.expect("it answers");
    for step in &steps {
        carry_out(connection, step).await.expect("it is done");
    }
    keep_names(connection, &wish).await.expect("they are kept");
    let said = steps.iter().filter(|it| it.statement.is_some()).map(|it| it.what.as_str());
    said.filter(|it| it.contains("Visit")).collect::<Vec<_>>().join("; ")
}

const BEGUN: &str = r#"<attribute id="c2" name="begun" column="DATUM" time-column="TIJD"
                         type="instant" zone="Europe/Amsterdam" required="yes"/>"#;

async fn is_planned_checked_and_measured(lab: &Lab) {
    let connection = connect(&lab.address, Access::Write, 1).await.expect("it opens");
    let connection = &connection;
    let none = model(&text(""));
    assert_eq!(made(connection, &none).await, "make the table `BEZOEK` of Visit");
    let first = text(&BEGUN.replace(" required=\"yes\"", ""));
    let first = model(&first);
    assert_eq!(
        made(connection, &first).await,
        "add the column `DATUM` of Visit; add the column `TIJD` of Visit"
    );
    let other = text(&BEGUN.replace("\"TIJD\"", "\"UUR\"").replace(" required=\"yes\"", ""));
    let other = model(&other);
    assert_eq!(made(connection, &other).await, "rename the column `TIJD` of Visit to `UUR`");
    assert_eq!(made(connection, &first).await.matches("rename").count(), 1);
    assert_eq!(made(connection, &first).await, "");

    is_measured(connection).await;
    is_checked(connection).await;
}

async fn is_measured(connection: &DatabaseConnection) {
    let rows = "(1, '2024-01-31', '14:25:00'), (2, '2024-01-31', NULL), (3, NULL, '10:00:00'), \
                (4, '2024-03-31', '02:30:00'), (5, NULL, NULL)";
    let columns = "\"NR\", \"DATUM\", \"TIJD\"";
    execute(connection, &format!("INSERT INTO \"BEZOEK\" ({columns}) VALUES {rows}")).await;
    let whole = text(BEGUN);
    let report = measure(connection, &model(&whole), "crm", Options::default(), |_, _| {}).await;
    let report = report.expect("it answers");
    let begun = &report.classes[0].attributes[1];
    assert_eq!((begun.column.as_str(), begun.missing, begun.replaced), ("DATUM, TIJD", 2, 0));
    let sentences: Vec<String> =
        report.classes[0].sentences().into_iter().map(|(_, text)| text).collect();
    assert_eq!(
        sentences,
        [
            "required, but missing in 2 rows",
            "2 values are no instant: \"2024-01-31 NULL\" (1), \"2024-03-31 02:30:00\" (1)",
        ]
    );
}

async fn is_checked(connection: &DatabaseConnection) {
    let whole = text(BEGUN);
    let places = Places::of([("m.xml", whole.as_bytes())]);
    let findings = check(connection, &model(&whole), "crm", &places).await.expect("it answers");
    let said: Vec<String> = findings.iter().map(|it| it.finding.message.clone()).collect();
    assert_eq!(
        said,
        ["DATUM", "TIJD"]
            .map(|it| format!("`Visit.begun` is required, but column `{it}` may be empty"))
    );

    let wrong = text(
        r#"<attribute id="c2" name="begun" column="DATUM" time-column="TIJDD" type="instant"/>
    <attribute id="c3" name="ended" column="NR2" time-column="TIJD" type="instant"
               time-stored="hhmm"/>"#,
    );
    let places = Places::of([("m.xml", wrong.as_bytes())]);
    let findings = check(connection, &model(&wrong), "crm", &places).await.expect("it answers");
    let said: Vec<String> = findings
        .iter()
        .map(|it| format!("{}:{} {}", it.finding.line, it.finding.code, it.finding.message))
        .collect();
    let declared = match connection.get_database_backend() {
        DbBackend::Postgres => "time without time zone",
        DbBackend::MySql => "time(6)",
        _ => "TEXT",
    };
    let mut expected = vec![
        "5:CF0102 `Visit.begun`: `BEZOEK` has no column `TIJDD`".to_owned(),
        "6:CF0102 `Visit.ended`: `BEZOEK` has no column `NR2`".to_owned(),
    ];
    if declared != "TEXT" {
        expected.push(format!(
            "6:CF0103 `Visit.ended`: column `TIJD`: a time of day is not read from `{declared}` \
             as digits"
        ));
    }
    assert_eq!(said, expected);
}

#[tokio::test]
async fn moments_in_a_file() {
    is_planned_checked_and_measured(&Lab::file().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn moments_in_postgresql() {
    if let Some(lab) = Lab::postgresql().await {
        is_planned_checked_and_measured(&lab).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn moments_in_mariadb() {
    if let Some(lab) = Lab::mariadb().await {
        is_planned_checked_and_measured(&lab).await;
    }
}
