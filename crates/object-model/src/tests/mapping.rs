//! How classes are stored, said in files of its own.

use crate::{Class, Form, Model, Revision};

const HEAD: &str = "SYSTEM \"business-objects.dtd\">";

fn logical(content: &str) -> String {
    format!("<!DOCTYPE business-objects {HEAD}\n{content}")
}

fn mapping(content: &str) -> String {
    format!("<!DOCTYPE business-objects-mapping {HEAD}\n{content}")
}

fn read(files: &[(&str, &str)]) -> (Model, Vec<String>) {
    let files = files.iter().map(|(name, text)| (*name, text.as_bytes()));
    let (model, findings) = Model::read(files);
    let shown = |finding: crate::Finding| {
        let (file, line, column) = (finding.file, finding.line, finding.column);
        format!("{file}:{line}:{column} {} {}", finding.code, finding.message)
    };
    (model, findings.into_iter().map(shown).collect())
}

/// A pack that says nothing of a database.
const PACK: &str = r#"<business-objects>
<enum name="kind"><value name="gas"/><value name="power"/></enum>
<type name="flag" type="bool"/>
<class id="c1" name="Customer" key="number">
  <attribute id="a1" name="number" type="text" required="yes"/>
  <attribute id="a2" name="is_blocked" of="flag"/>
</class>
<class id="c2" name="Meter" key="number kind">
  <attribute id="a3" name="number" type="int" required="yes"/>
  <attribute id="a4" name="kind" type="choice" enum="kind" required="yes"/>
  <attribute id="a5" name="placed" type="instant"/>
  <to-one id="r1" name="customer" class="Customer"/>
  <to-one id="r2" name="before" class="Meter"/>
</class>
</business-objects>"#;

/// What one company has to say about it.
const COMPANY: &str = r#"<business-objects-mapping database="crm" country="NL" schema="own">
<enum-mapping of="kind"><value-mapping of="gas" stored="G"/></enum-mapping>
<type-mapping of="flag" stored="J/N" missing="?"/>
<class-mapping of="Customer" table="KLANT" revision="VERSIE" writable="yes">
  <attribute-mapping of="number" column="KLANTNR"/>
  <attribute-mapping of="is_blocked" column="GEBLOKKEERD"/>
</class-mapping>
<class-mapping of="c2" table="METER" schema="">
  <attribute-mapping of="a3" column="NR" stored="padded:8"/>
  <attribute-mapping of="kind" column="SRT"/>
  <attribute-mapping of="placed" column="DATUM" stored="yyyymmddhhmmss" zone="Europe/Paris"
      missing="0"/>
  <to-one-mapping of="customer" column="KLANTNR"/>
  <to-one-mapping of="before"><column name="VORIG"/><column name="SRT"/></to-one-mapping>
</class-mapping>
</business-objects-mapping>"#;

/// The same in one file.
const TOGETHER: &str = r#"<business-objects database="crm" country="NL" schema="own">
<enum name="kind"><value name="gas" stored="G"/><value name="power"/></enum>
<type name="flag" type="bool" stored="J/N" missing="?"/>
<class id="c1" name="Customer" key="number" table="KLANT" revision="VERSIE" writable="yes">
  <attribute id="a1" name="number" type="text" required="yes" column="KLANTNR"/>
  <attribute id="a2" name="is_blocked" of="flag" column="GEBLOKKEERD"/>
</class>
<class id="c2" name="Meter" key="number kind" table="METER" schema="">
  <attribute id="a3" name="number" type="int" required="yes" column="NR" stored="padded:8"/>
  <attribute id="a4" name="kind" type="choice" enum="kind" required="yes" column="SRT"/>
  <attribute id="a5" name="placed" type="instant" column="DATUM" stored="yyyymmddhhmmss"
      zone="Europe/Paris" missing="0"/>
  <to-one id="r1" name="customer" class="Customer" column="KLANTNR"/>
  <to-one id="r2" name="before" class="Meter">
    <column name="VORIG"/><column name="SRT"/>
  </to-one>
</class>
</business-objects>"#;

#[test]
fn a_mapped_model_is_the_one_that_says_it_in_one_file() {
    let (pack, company) = (logical(PACK), mapping(COMPANY));
    let (together, findings) = read(&[("m.xml", &logical(TOGETHER))]);
    assert_eq!(findings, [""; 0]);
    for files in [
        [("a.xml", pack.as_str()), ("b.xml", &company)],
        [("a.xml", company.as_str()), ("b.xml", &pack)],
    ] {
        let (mapped, findings) = read(&files);
        assert_eq!(findings, [""; 0]);
        assert_eq!(format!("{mapped:?}"), format!("{together:?}"));
    }
}

#[test]
fn another_company_says_otherwise() {
    let old = COMPANY
        .replace(" revision=\"VERSIE\" writable", " revision-of=\"number\" key-source")
        .replace("key-source=\"yes\"", "key-source=\"given\" writable=\"no\"")
        .replace("stored=\"J/N\" missing=\"?\"", "stored=\"1/0\"")
        .replace("schema=\"own\"", "schema=\"old\"");
    let (model, findings) = read(&[("m.xml", &logical(TOGETHER)), ("n.xml", &mapping(&old))]);
    assert_eq!(findings, [""; 0]);
    let class = |name: &str| model.class(name).expect("it is there");
    assert_eq!(class("Customer").revision, Revision::Attributes(vec![0]));
    assert!(!class("Customer").is_writable);
    let schemas = ["Customer", "Meter"].map(|name| class(name).schema.as_deref());
    assert_eq!(schemas, [Some("old"), None]);
    let flag = &class("Customer").attributes()[1].stored;
    assert_eq!(flag.form, Form::Flags { yes: "1".into(), no: "0".into() });
    assert_eq!(flag.missing, ["?"], "what is not said stays");
}

#[test]
fn columns_take_the_place_of_columns_in_whichever_way() {
    let two = r#"<column name="A"/><column name="B"/>"#;
    let table = [
        (">".to_owned(), vec!["VORIG", "SRT"]),
        (format!(">{two}"), vec!["A", "B"]),
        (" column=\"A\">".to_owned(), vec![]),
        (format!(" column=\"X\">{two}"), vec![]),
    ];
    for (columns, expected) in table {
        let text = mapping(&format!(
            "<business-objects-mapping><class-mapping of=\"Meter\">\
             <to-one-mapping of=\"before\"{columns}</to-one-mapping>\
             </class-mapping></business-objects-mapping>"
        ));
        let (model, findings) = read(&[("m.xml", &logical(TOGETHER)), ("n.xml", &text)]);
        let relations = model.class("Meter").map(Class::to_one).unwrap_or_default();
        let found = relations.iter().find(|relation| relation.name == "before");
        let columns = found.map(|relation| relation.columns.as_slice()).unwrap_or_default();
        assert_eq!(columns, expected);
        assert_eq!(findings.len(), usize::from(found.is_none()), "{findings:?}");
        assert!(findings.iter().all(|finding| finding.contains("CB0206")), "{findings:?}");
    }
}

#[test]
fn what_is_stored_nowhere_is_found_where_it_is_declared() {
    let (_, findings) = read(&[("m.xml", &logical(PACK))]);
    assert_eq!(
        findings,
        [
            "m.xml:5:1 CB0211 class `Customer` is mapped to no database, no table, no country",
            "m.xml:9:1 CB0211 class `Meter` is mapped to no database, no table, no country",
        ]
    );
    let less = COMPANY
        .replace(" table=\"METER\"", "")
        .replace("<attribute-mapping of=\"is_blocked\" column=\"GEBLOKKEERD\"/>", "");
    let (_, findings) = read(&[("m.xml", &logical(PACK)), ("n.xml", &mapping(&less))]);
    assert_eq!(
        findings,
        [
            "m.xml:7:3 CB0211 attribute `is_blocked` is mapped to no column",
            "m.xml:9:1 CB0211 class `Meter` is mapped to no table",
        ]
    );
    let less = COMPANY.replace("<to-one-mapping of=\"customer\" column=\"KLANTNR\"/>", "");
    let (_, findings) = read(&[("m.xml", &logical(PACK)), ("n.xml", &mapping(&less))]);
    assert_eq!(findings, ["m.xml:13:3 CB0211 relation `customer` is mapped to no column"]);
}

#[test]
fn an_unmapped_class_has_its_other_mistakes_found_too() {
    let pack = PACK.replace("of=\"flag\"", "of=\"flga\"").replace("enum=\"kind\"", "enum=\"knd\"");
    let (_, findings) = read(&[("m.xml", &logical(&pack))]);
    let codes: Vec<&str> = findings.iter().filter_map(|it| it.split(' ').nth(1)).collect();
    assert_eq!(codes, ["CB0211", "CB0208", "CB0211", "CB0203"]);
}

#[test]
fn nothing_is_found_unmapped_that_may_be_what_could_not_be_read() {
    let company =
        COMPANY.replace("<class-mapping of=\"c2\" table", "<class-mapping of=\"c2\" tabel");
    let (_, findings) = read(&[("m.xml", &logical(PACK)), ("n.xml", &mapping(&company))]);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert!(findings[0].contains("CM0206"), "{findings:?}");
}

#[test]
fn mistakes_in_what_a_mapping_says_are_found_in_the_mapping() {
    let table = [
        ("stored=\"J/N\"", "stored=\"J\"", "4:33 CB0301 this is not a pair of texts"),
        ("of=\"Customer\"", "of=\"Custmer\"", "5:20 CB0210 there is no class `Custmer`"),
        ("of=\"is_blocked\"", "of=\"r1\"", "7:26 CB0210 there is no attribute `r1`"),
        ("of=\"customer\"", "of=\"a3\"", "14:23 CB0210 there is no relation to one `a3`"),
        ("of=\"kind\">", "of=\"knd\">", "3:19 CB0210 there is no enumeration `knd`"),
        ("of=\"gas\"", "of=\"gsa\"", "3:44 CB0210 there is no value `gsa`"),
        ("of=\"flag\"", "of=\"c2\"", "4:19 CB0210 there is no type `c2`"),
        ("of=\"c2\"", "of=\"Customer\"", "9:20 CB0210 class `Customer` is mapped twice"),
        ("of=\"kind\" col", "of=\"number\" col", "11:26 CB0210 attribute `number` is mapped twice"),
        ("column=\"SRT\"", "column=\"nr\"", "11:40 CB0103 column `nr` is used twice"),
        ("country=\"NL\"", "country=\"XX\"", "2:51 CB0303 telephone numbers of `XX` are not known"),
    ];
    for (from, to, expected) in table {
        let company = mapping(&COMPANY.replacen(from, to, 1));
        let (_, findings) = read(&[("m.xml", &logical(PACK)), ("n.xml", &company)]);
        let in_mapping: Vec<_> = findings.iter().filter(|it| it.starts_with("n.xml")).collect();
        assert_eq!(in_mapping, [&format!("n.xml:{expected}")], "{to}: {findings:?}");
    }
}

#[test]
fn two_files_map_different_classes_into_different_databases() {
    let file = |database: &str, class: &str, table: &str| {
        mapping(&format!(
            "<business-objects-mapping database=\"{database}\" country=\"NL\">\
             <class-mapping of=\"{class}\" table=\"{table}\">\
             <attribute-mapping of=\"{table}\" column=\"X\"/></class-mapping>\
             </business-objects-mapping>"
        ))
    };
    let classes = r#"<business-objects>
        <class id="c1" name="A" key="a"><attribute id="a1" name="a" type="int" required="yes"/>
        </class>
        <class id="c2" name="B" key="b"><attribute id="a2" name="b" type="int" required="yes"/>
        </class></business-objects>"#;
    let files = [&logical(classes), &file("one", "A", "a"), &file("two", "B", "b")];
    let named = [("m.xml", files[0].as_str()), ("n.xml", files[1]), ("o.xml", files[2])];
    let (model, findings) = read(&named);
    assert_eq!(findings, [""; 0]);
    let databases: Vec<&str> = model.classes().map(|class| class.database.as_str()).collect();
    assert_eq!(databases, ["one", "two"]);
}
