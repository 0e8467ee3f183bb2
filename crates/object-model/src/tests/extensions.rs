//! Files that add to what others declare.

use caruso_expression::{Schema, Type};

use crate::{Member, Model};

const HEAD: &str = "<!DOCTYPE business-objects SYSTEM \"business-objects.dtd\">";

const PACK: &str = r#"<business-objects database="d" country="NL">
<enum name="kind"><value name="gas" stored="G"/></enum>
<class id="c" name="Customer" table="KLANT" key="number">
  <label language="en">Customer</label><label language="nl">Klant</label>
  <attribute id="c1" name="number" column="NR" type="text" required="yes"/>
  <attribute id="c2" name="kind" column="SOORT" type="choice" enum="kind"/>
</class>
<class id="v" name="Vip" extends="Customer" where="kind eq 'gas'"/>
</business-objects>"#;

const COMPANY: &str = r#"<business-objects database="d" country="NL">
<enum-extension of="kind"><value name="heat" stored="W"/></enum-extension>
<class id="a" name="Area" table="GEBIED" key="code">
  <attribute id="a1" name="code" column="CODE" type="text" required="yes"/>
</class>
<class-extension of="Customer">
  <label language="en">Member</label>
  <attribute id="x1" name="score" column="SCORE" type="int"/>
  <derived id="x2" name="is_warm" value="kind eq 'heat'"/>
  <to-one id="x3" name="area" class="Area" column="GEBIED"/>
  <constraint id="x4" name="score" test="not has(score) or score ge 0">
    <message language="en">No score is below zero.</message></constraint>
</class-extension>
</business-objects>"#;

fn read(files: &[&str]) -> (Model, Vec<String>) {
    let files: Vec<(String, String)> = files
        .iter()
        .enumerate()
        .map(|(index, text)| (format!("{index}.xml"), format!("{HEAD}\n{text}")))
        .collect();
    let (model, findings) =
        Model::read(files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())));
    let shown = |it: crate::Finding| {
        let hint = it.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
        format!("{}:{}:{} {} {}{hint}", it.file, it.line, it.column, it.code, it.message)
    };
    (model, findings.into_iter().map(shown).collect())
}

#[test]
fn what_a_file_adds_is_as_if_it_stood_there() {
    let mapping = "<class-mapping of=\"Customer\"><attribute-mapping of=\"score\" \
                   column=\"PUNTEN\"/></class-mapping></business-objects-mapping>";
    let mapping = format!("<business-objects-mapping>{mapping}");
    // the company's file may come first
    for files in [[COMPANY, PACK], [PACK, COMPANY]] {
        let (model, findings) = read(&files);
        assert_eq!(findings, [""; 0]);
        let customer = model.class("Customer").expect("it is there");
        let labels = ["en", "nl"].map(|language| customer.labels.text(language));
        assert_eq!(labels, [Some("Member"), Some("Klant")]);
        assert_eq!(customer.constraints().len(), 1);
        for class in ["Customer", "Vip"] {
            assert_eq!(model.member(class, "is_warm"), Some(Type::Bool), "{class}");
            assert_eq!(model.member(class, "score"), Some(Type::Int.optional()), "{class}");
        }
    }
    let head = HEAD.replace("business-objects SYSTEM", "business-objects-mapping SYSTEM");
    let files = [PACK, COMPANY].map(|text| format!("{HEAD}\n{text}"));
    let files =
        [files[0].as_str(), files[1].as_str(), &format!("{head}\n{mapping}")].map(str::to_owned);
    let names = ["p.xml", "c.xml", "m.xml"];
    let (model, findings) = Model::read(names.into_iter().zip(files.iter().map(String::as_bytes)));
    assert_eq!(findings, []);
    let customer = model.class("Customer").expect("it is there");
    let Some(Member::Attribute(score)) = customer.member("score") else { panic!("{customer:?}") };
    assert_eq!(score.column, "PUNTEN");
}

#[test]
fn what_cannot_be_added_is_found_at_its_place() {
    let after = |from: &str, to: &str| read(&[PACK, &COMPANY.replacen(from, to, 1)]).1;
    let table: &[(&str, &str, &str)] = &[
        (
            "of=\"Customer\"",
            "of=\"Custmer\"",
            "1.xml:7:22 CB0215 there is no class `Custmer` (did you mean `Customer`?)",
        ),
        (
            "of=\"kind\"",
            "of=\"kinds\"",
            "1.xml:3:21 CB0215 there is no enumeration `kinds` (did you mean `kind`?)",
        ),
        ("name=\"score\"", "name=\"number\"", "1.xml:9:28 CB0101 member `number` is used twice"),
        ("column=\"SCORE\"", "column=\"NR\"", "1.xml:9:43 CB0103 column `NR` is used twice"),
        ("stored=\"W\"", "stored=\"G\"", "1.xml:3:54 CB0105 stored form `G` is used twice"),
    ];
    for (from, to, expected) in table {
        assert_eq!(after(from, to)[0], *expected, "{to}");
    }
}
