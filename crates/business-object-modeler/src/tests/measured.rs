//! The quality of data that nobody kept clean, which is the same on every engine.

use caruso_object_model::Model;

use super::lab::Lab;
use crate::quality::{Options, Report, measure, page, share};

/// What the rows of the laboratory are meant to be.
const MODEL: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="crm" country="NL">
  <enum name="kind"><value name="private" stored="P "/><value name="other" stored="O "/></enum>
  <class id="c1" name="Customer" table="KLANT" key="client number" revision="VERSIE">
    <attribute id="a1" name="client" column="MANDT" type="text" required="yes"/>
    <attribute id="a2" name="number" column="KD NR" type="int" required="yes"/>
    <attribute id="a3" name="name" column="NAME 1" type="text" required="yes" length="6"/>
    <attribute id="a4" name="is_locked" column="SPERRE" type="bool" stored="J/N"/>
    <attribute id="a5" name="changed" column="Geändert" type="date" stored="yyyymmdd"
        missing="0"/>
    <attribute id="a6" name="balance" column="SALDO" type="decimal" decimals="2"/>
    <attribute id="a7" name="kind" column="SRT" type="choice" enum="kind"/>
    <attribute id="a8" name="phone" column="TEL" type="text" search="phone"
        search-when="number lt 20" sensitive="yes"/>
    <attribute id="a9" name="fax" column="LEER" type="text"/>
    <to-many id="r1" name="contracts" class="Contract" inverse="customer"/>
    <constraint id="k1" name="small" test="balance lt 50.00">
      <message language="en">The balance is too large</message>
    </constraint>
  </class>
  <class id="c2" name="Contract" table="VERTR$KOPF" key="id">
    <attribute id="b1" name="id" column="ID" type="int" required="yes"/>
    <attribute id="b2" name="until" column="BIS" type="date" stored="yyyymmdd"
        missing="99991231"/>
    <to-one id="r2" name="customer" class="Customer" required="yes">
      <column name="MANDT"/>
      <column name="KD_NR"/>
    </to-one>
  </class>
  <class id="c3" name="History" table="Kontakt Hist" key="number">
    <attribute id="h1" name="number" column="NR" type="int" required="yes"/>
    <attribute id="h2" name="text" column="TXT" type="text"/>
  </class>
  <class id="c4" name="Archive" table="ARCHIV" key="id">
    <attribute id="d1" name="id" column="ID" type="int" required="yes"/>
  </class>
</business-objects>
"#;

async fn report(lab: &Lab, sample: Option<u64>) -> Report {
    let (model, findings) = Model::read([("m.xml", MODEL.as_bytes())]);
    assert_eq!(findings, []);
    let options = Options { sample };
    let report = measure(&lab.connection, &model, "crm", options, |_, _| {}).await;
    report.expect("it answers")
}

/// One line a finding, and what is counted besides.
fn lines(report: &Report) -> String {
    let mut lines = Vec::new();
    for class in &report.classes {
        lines.push(format!("{}: {} rows, unused {}", class.class, class.rows, class.is_unused()));
        for (name, text) in class.sentences() {
            lines.push(format!("  {name}: {text}"));
        }
        for it in class.attributes.iter().filter(|it| it.missing > 0 || it.is_constant) {
            lines.push(format!(
                "  {} missing {} (replaced {}), unused {}, constant {}",
                it.attribute,
                it.missing,
                it.replaced,
                it.is_unused(class.rows),
                it.is_constant
            ));
        }
    }
    lines.join("\n")
}

async fn is_measured(lab: &Lab) {
    let whole = report(lab, None).await;
    // only PostgreSQL gives texts of a fixed length with the blanks that fill them up
    let text = lines(&whole).replace("\"Z \"", "\"Z\"").replace("\"P \"", "\"P\"");
    let kinds = text.lines().filter(|line| line.contains(" kind: ")).collect::<Vec<_>>().join("");
    assert!(kinds.contains("\"Z\" (30)"), "{kinds}");
    let text: Vec<&str> = text.lines().filter(|line| !line.contains(" kind")).collect();
    insta::allow_duplicates! {
        insta::assert_snapshot!("quality", text.join("\n"));
    }
    let sample = report(lab, Some(10)).await;
    let customer = sample.classes.iter().find(|class| class.class == "Customer");
    let customer = customer.expect("it is there");
    assert_eq!((customer.rows, customer.is_whole), (10, false));
}

#[tokio::test]
async fn the_data_of_a_file_are_measured() {
    let lab = Lab::file().await;
    is_measured(&lab).await;
    let page = page(&report(&lab, None).await, "<a file>");
    assert!(page.contains("&lt;a file&gt;") && !page.contains("<a file>"));
    assert!(page.contains("prefers-color-scheme: dark") && !page.contains("http"));
    let debug = format!("{:?}", report(&lab, None).await);
    assert!(!debug.contains("20230231"), "no value in a debug form: {debug}");
}

#[tokio::test]
async fn the_data_of_postgresql_are_measured() {
    let Some(lab) = Lab::postgresql().await else { return };
    is_measured(&lab).await;
}

#[tokio::test]
async fn the_data_of_mariadb_are_measured() {
    let Some(lab) = Lab::mariadb().await else { return };
    is_measured(&lab).await;
}

#[test]
fn only_all_are_a_hundred_of_a_hundred_and_only_none_are_none() {
    for (part, whole, shown) in
        [(0, 5, "0"), (5, 5, "100"), (1, 3, "33"), (1, 1_000_000, "0.1"), (9_999, 10_000, "99.9")]
    {
        assert_eq!(share(part, whole), shown, "{part} of {whole}");
    }
    assert_eq!(share(0, 0), "0");
}
