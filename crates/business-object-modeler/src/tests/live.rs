//! Import and check against live databases, which say the same on every engine.

use caruso_database::{Catalog, DbBackend};
use caruso_object_model::Model;

use super::catalogs::options;
use super::lab::Lab;
use crate::check::{Finding, Places, check};
use crate::import::{Samples, first_model};

async fn first(lab: &Lab) -> String {
    let options = options(lab.backend());
    let catalog = Catalog::read(&lab.connection, None).await.expect("a catalog");
    let mut read = 0;
    let samples = Samples::read(&lab.connection, &catalog, options.country, |_| read += 1).await;
    let samples = samples.expect("samples");
    assert_eq!((read, samples.unread.len()), (5, 0));
    let mut files = first_model(&catalog, &samples, &options);
    assert_eq!(files.len(), 1);
    files.remove(0)
}

/// The findings of a file, without its name.
async fn found(lab: &Lab, file: &str) -> Vec<String> {
    let (model, findings) = Model::read([("m.xml", file.as_bytes())]);
    assert_eq!(findings, [], "{file}");
    let places = Places::of([("m.xml", file.as_bytes())]);
    let findings = check(&lab.connection, &model, "crm", &places).await.expect("it answers");
    let shown = |it: &Finding| {
        let Finding { severity, finding } = it;
        format!("{}:{} {}", finding.line, severity.word(), finding.message)
    };
    findings.iter().map(shown).collect()
}

/// A model with a mistake of each kind.
const MISTAKEN: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="crm" country="DE">
  <class id="c1" name="Customer" table="KLANT" key="client number" revision="VERSIO">
    <attribute id="a1" name="client" column="MANDT" type="text" required="yes"/>
    <attribute id="a2" name="number" column="KD NR" type="int" required="yes"/>
    <attribute id="a3" name="name" column="NAME 2" type="text" required="yes"/>
    <attribute id="a4" name="first_name" column="NAME 1" type="text" required="yes"/>
    <attribute id="a5" name="changed" column="Geändert" type="date"/>
  </class>
  <class id="c2" name="Contract" table="VERTRKOPF" key="id">
    <attribute id="a6" name="id" column="ID" type="int" required="yes"/>
  </class>
  <class id="c3" name="Position" table="VERTR$POS" key="position" key-source="assigned">
    <attribute id="a7" name="position" column="POS" type="int" required="yes"/>
    <to-one id="r1" name="customer" class="Customer">
      <column name="TXT"/>
      <column name="VERTR_ID"/>
    </to-one>
  </class>
  <class id="c4" name="History" table="Kontakt Hist" key="number">
    <attribute id="a8" name="number" column="NR" type="int" required="yes"/>
  </class>
</business-objects>
"#;

async fn import_and_check(lab: &Lab) {
    let file = first(lab).await;
    let fits = found(lab, &file).await;
    assert!(fits.iter().all(|it| it.contains(":advice ")), "{fits:?}\n{file}");
    for expected in [
        r#"name="Klant" table="KLANT" key="mandt kd_nr" revision="VERSIE">"#,
        r#"name="kd_nr" column="KD NR" type="int" required="yes">"#,
        r#"name="saldo" column="SALDO" type="decimal" decimals="2">"#,
        r#"name="tel" column="TEL" type="text" length="20" search="phone">"#,
        r#"name="bis" column="BIS" type="date" stored="yyyymmdd""#,
        r#"name="vertr" class="VertrKopf" column="VERTR_ID" required="yes">"#,
        r#"name="klant" class="Klant">"#,
        r#"name="vertr_pos" class="VertrPos" inverse="vertr">"#,
        r#"name="KontaktHist" table="Kontakt Hist" key="">"#,
    ] {
        assert!(file.contains(expected), "{expected}\n{file}");
    }
    if lab.backend() == DbBackend::Sqlite {
        insta::assert_snapshot!("first_model_of_a_file", file);
    }
    let findings = found(lab, MISTAKEN).await;
    let declared = match lab.backend() {
        DbBackend::Sqlite => ["INTEGER", "VARCHAR(20)"],
        DbBackend::Postgres => ["integer", "character varying(20)"],
        _ => ["int(11)", "varchar(20)"],
    };
    let has = |what: &str| findings.iter().any(|it| it.contains(what));
    // a text of varying length compares with one of a fixed length; MariaDB has made an index
    let has_advice = has("advice `Position.customer`: `VERTR$POS` has no index");
    assert_eq!(has_advice, lab.backend() != DbBackend::MySql, "{findings:?}");
    // what depends on the engine
    let is_common = |it: &&String| !it.contains("no index");
    let findings: Vec<String> = findings
        .iter()
        .filter(is_common)
        .map(|it| it.replace(declared[0], "INT").replace(declared[1], "TEXT").to_lowercase())
        .collect();
    insta::allow_duplicates! {
        insta::assert_snapshot!("mistakes", findings.join("\n"));
    }
}

#[tokio::test]
async fn a_file_is_imported_and_checked() {
    import_and_check(&Lab::file().await).await;
}

#[tokio::test]
async fn postgresql_is_imported_and_checked() {
    let Some(lab) = Lab::postgresql().await else { return };
    import_and_check(&lab).await;
}

#[tokio::test]
async fn mariadb_is_imported_and_checked() {
    let Some(lab) = Lab::mariadb().await else { return };
    import_and_check(&lab).await;
}

#[tokio::test]
async fn what_a_mapping_says_is_found_in_the_mapping() {
    let lab = Lab::file().await;
    let classes = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects>
  <class id="c1" name="Archive" key="number">
    <attribute id="a1" name="number" type="int" required="yes"/>
    <attribute id="a2" name="what" column="WAS" type="int"/>
  </class>
</business-objects>"#;
    let mapping = r#"<!DOCTYPE business-objects-mapping SYSTEM "business-objects.dtd">
<business-objects-mapping database="crm" country="NL">
  <class-mapping of="Archive" table="ARCHIV">
    <attribute-mapping of="a1" column="IDD"/>
  </class-mapping>
</business-objects-mapping>"#;
    let files = || [("pack.xml", classes.as_bytes()), ("map.xml", mapping.as_bytes())];
    let (model, findings) = Model::read(files());
    assert_eq!(findings, []);
    let findings = check(&lab.connection, &model, "crm", &Places::of(files())).await;
    let places: Vec<String> = findings
        .expect("it answers")
        .iter()
        .map(|it| format!("{}:{} {}", it.finding.file, it.finding.line, it.finding.code))
        .collect();
    assert_eq!(places, ["map.xml:4 CF0102", "pack.xml:5 CF0103"]);
}
