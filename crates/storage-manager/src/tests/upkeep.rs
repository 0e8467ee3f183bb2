//! Telephone numbers that others enter, change and delete.

use std::sync::Arc;

use caruso_database::DbBackend;
use caruso_object_model::{Data, Model};
use jiff::Timestamp;

use super::lab::{Lab, beside, execute, foreign};
use super::suite;
use crate::{Engine, Installation};

const MODEL: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="odd" country="NL">
  <class id="p" name="Person" table="PERSOON" key="client number" changed-at="changed_at">
    <attribute id="p1" name="client" column="MANDT" type="text" length="3" required="yes"/>
    <attribute id="p2" name="number" column="NR" type="int" required="yes"/>
    <attribute id="p3" name="phone" column="TEL 1" type="text" length="30" search="phone"/>
    <attribute id="p4" name="changed_at" column="MUT" type="instant" zone="Europe/Amsterdam"/>
  </class>
</business-objects>"#;

suite!(what_a_class_says_was_changed_is_found_soon, a_comparison_mends_whatever_others_did,);

async fn open(installation: &Installation) -> Engine {
    let (model, findings) = Model::read([("odd.xml", MODEL.as_bytes())]);
    assert_eq!(findings, []);
    let model = Arc::new(model);
    Engine::open("odd", model, &Data::default(), installation).await.expect("it opens")
}

/// Somebody else's table with seven hundred persons, and the engine over it.
async fn example(lab: &Lab) -> (Engine, Installation) {
    let installation = lab.installation("odd");
    let connection = beside(&installation).await;
    let time = if lab.backend() == DbBackend::Sqlite { "DATETIME" } else { "timestamp" };
    let time = if lab.backend() == DbBackend::MySql { "datetime" } else { time };
    let table = format!(
        "CREATE TABLE \"PERSOON\" (\"MANDT\" char(3) NOT NULL, \"NR\" integer NOT NULL, \
         \"TEL 1\" varchar(30), \"MUT\" {time}, PRIMARY KEY (\"MANDT\", \"NR\"))"
    );
    execute(&connection, &table).await;
    let row = |number: u32| format!("('001', {number}, '06-10 00 {number:04}', NULL)");
    let rows: Vec<String> = (1..=700).map(row).collect();
    execute(&connection, &format!("INSERT INTO \"PERSOON\" VALUES {}", rows.join(", "))).await;
    let installation = foreign(&installation);
    (open(&installation).await, installation)
}

async fn owners(engine: &Engine, number: &str) -> Vec<String> {
    let found = engine.find_by_number(number).await.expect("a number");
    found.objects.into_iter().map(|object| object.key).collect()
}

async fn what_a_class_says_was_changed_is_found_soon(lab: &Lab) {
    let (engine, installation) = example(lab).await;
    assert_eq!(owners(&engine, "0610000007").await, ["001,7"]);
    let connection = beside(&installation).await;
    for statement in [
        "UPDATE \"PERSOON\" SET \"TEL 1\" = '0611 222 333', \"MUT\" = '2026-07-01 14:00:30' \
         WHERE \"NR\" = 7",
        "INSERT INTO \"PERSOON\" VALUES ('002', 7, '(06) 11-222 333', '2026-07-01 14:00:31')",
        "UPDATE \"PERSOON\" SET \"TEL 1\" = '0612345678' WHERE \"NR\" = 8",
    ] {
        execute(&connection, statement).await;
    }
    let since: Timestamp = "2026-07-01T12:00:00Z".parse().expect("an instant");
    assert_eq!(engine.follow_numbers(since).await.expect("it answers"), 2);
    assert_eq!(engine.follow_numbers(since).await.expect("it answers"), 0, "nothing is new");
    assert_eq!(owners(&engine, "0611222333").await, ["001,7", "002,7"]);
    assert_eq!(owners(&engine, "0610000007").await, [""; 0]);
    assert_eq!(owners(&engine, "0612345678").await, [""; 0], "nobody said that it was changed");
}

async fn a_comparison_mends_whatever_others_did(lab: &Lab) {
    let (engine, installation) = example(lab).await;
    let connection = beside(&installation).await;
    for statement in [
        "UPDATE \"PERSOON\" SET \"TEL 1\" = '0612345678' WHERE \"NR\" = 650",
        "UPDATE \"PERSOON\" SET \"TEL 1\" = NULL WHERE \"NR\" = 3",
        "DELETE FROM \"PERSOON\" WHERE \"NR\" = 5",
        "INSERT INTO \"PERSOON\" VALUES ('000', 1, '+31 612 34 56 78', NULL)",
    ] {
        execute(&connection, statement).await;
    }
    // a new start finds the index of before, and then what has changed
    drop(engine);
    let engine = open(&installation).await;
    assert_eq!(owners(&engine, "0610000650").await, ["001,650"]);
    assert_eq!(engine.compare_numbers().await.expect("it answers"), 4);
    assert_eq!(owners(&engine, "0612345678").await, ["000,1", "001,650"]);
    for number in ["0610000003", "0610000005", "0610000650"] {
        assert_eq!(owners(&engine, number).await, [""; 0], "{number}");
    }
    assert_eq!(engine.compare_numbers().await.expect("it answers"), 0);
}
