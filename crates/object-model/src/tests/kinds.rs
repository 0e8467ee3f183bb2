//! Classes that are a kind of another one.

use caruso_expression::Value;

use super::{mistakes, sound};
use crate::{Member, Model, Part, Revision};

const PARTIES: &str = r#"<enum name="kind"><value name="person" stored="P"/>
                         <value name="company" stored="B"/></enum>
<class id="p" name="Party" table="RELATIE" key="number" revision="VERSIE">
  <attribute id="p1" name="number" column="NR" type="int" required="yes"/>
  <attribute id="p2" name="kind" column="SOORT" type="choice" enum="kind" required="yes"/>
  <attribute id="p3" name="phone" column="TEL" type="text" search="phone"/>
  <index attributes="phone"/>
  <rule action="read" attributes="phone"/>
</class>
<class id="c" name="Company" extends="Party" where="kind eq 'company'">
  <attribute id="c1" name="vat" column="BTW" type="text" required="yes"/>
  <unique name="vat" attributes="vat"/>
</class>
<class id="l" name="Large" extends="Company" table="GROOT" key-columns="RELATIENR">
  <attribute id="l1" name="manager" column="TEL" type="text"/>
  <to-one id="l2" name="parent" class="Company" column="HOOFD"/>
</class>"#;

fn model() -> Model {
    sound(PARTIES)
}

#[test]
fn a_kind_has_what_its_base_has() {
    let model = model();
    let large = model.class("Large").expect("it is there");
    let names: Vec<&str> = large.member_names().collect();
    assert_eq!(names, ["number", "kind", "phone", "vat", "manager", "parent"]);
    assert_eq!(
        (large.table.as_str(), &large.revision),
        ("RELATIE", &Revision::Column("VERSIE".into()))
    );
    let part = Part { schema: None, table: "GROOT".into(), key: vec!["RELATIENR".into()] };
    assert_eq!(large.parts, [part]);
    assert_eq!(large.fixed(), [("kind", &Value::from("company"))]);
    assert_eq!(large.rules().len(), 1);
    let Some(Member::Attribute(phone)) = large.member("phone") else { panic!("{large:?}") };
    assert!(phone.search.is_none(), "its numbers are those of a Party");
    let family: Vec<&str> = model.family(model.class("Company").expect("it is there")).collect();
    assert_eq!(family, ["Company", "Party", "Large"]);
    assert!(model.is_a("Large", "Party") && !model.is_a("Party", "Large"));
}

#[test]
fn a_table_holds_what_all_that_are_in_it_have() {
    let holders: Vec<_> = model().holders().collect();
    let [large, party] = holders.as_slice() else { panic!("{holders:?}") };
    let columns = |class: &crate::Class| {
        let columns = class.attributes().iter().map(|it| (it.column.clone(), it.is_required));
        columns.collect::<Vec<_>>()
    };
    let column = |name: &str, is_required| (name.to_owned(), is_required);
    assert_eq!(
        columns(party),
        [column("NR", true), column("SOORT", true), column("TEL", false), column("BTW", false)]
    );
    assert_eq!((party.unique().len(), party.indexes().len()), (1, 1));
    assert_eq!(large.table, "GROOT");
    assert_eq!(columns(large), [column("RELATIENR", true), column("TEL", false)]);
    let relations: Vec<_> = large.to_one().iter().map(|it| (&*it.class, &it.columns[0])).collect();
    assert_eq!(relations, [("Company", &"RELATIENR".to_owned()), ("Company", &"HOOFD".to_owned())]);
}

#[test]
fn what_a_kind_cannot_say_is_found_at_its_place() {
    let after = |from: &str, to: &str| mistakes(&PARTIES.replacen(from, to, 1));
    let table: &[(&str, &str, &str)] = &[
        (
            "extends=\"Party\"",
            "extends=\"Prty\"",
            "12:39 CB0214 class `Prty` is unknown (did you mean `Party`?)",
        ),
        (
            " where=\"kind eq 'company'\"",
            "",
            "12:1 CB0214 nothing tells its objects from other `Party` (say `where`, or name a \
             `table` of its own with `key-columns`)",
        ),
        (
            "extends=\"Party\"",
            "extends=\"Large\"",
            "16:37 CB0214 class `Large` would be a kind of itself",
        ),
        (
            " key-columns=\"RELATIENR\"",
            "",
            "16:53 CB0214 the key takes 1 of its columns, not 0 (name them in `key-columns`, in \
             the order of the key)",
        ),
        (
            "extends=\"Party\"",
            "extends=\"Party\" key=\"vat\"",
            "12:51 CB0214 the `key` is that of `Party`",
        ),
        (
            "where=\"kind eq 'company'\"",
            "where=\"kind eq 'firm'\"",
            "12:61 CE0302 `kind` has no value `firm` (it has: person, company)",
        ),
        ("column=\"BTW\"", "column=\"TEL\"", "13:41 CB0103 column `TEL` is used twice"),
        (
            "name=\"Party\" ",
            "name=\"Party\" where=\"number gt 1\" ",
            "5:35 CB0214 `where` stands without `extends`",
        ),
        (
            "key=\"number\" ",
            "",
            "5:1 CB0204 the class has no key (say `key`, or `extends` a class that has one)",
        ),
    ];
    for (from, to, expected) in table {
        assert_eq!(after(from, to), [*expected], "{to}");
    }
}

const DOCUMENTS: &str = r#"<class id="d" name="Document" abstract="yes" key="number">
  <attribute id="d1" name="number" column="NR" type="text" required="yes"/>
  <attribute id="d2" name="amount" type="int"/>
  <to-one id="d3" name="corrects" class="Document"/>
  <index attributes="amount"/>
</class>
<class id="i" name="Invoice" extends="Document" table="FACTUUR">
  <attribute-mapping of="amount" column="BEDRAG"/>
  <to-one-mapping of="d3" column="VAN"/>
  <attribute id="i1" name="is_paid" column="BETAALD" type="bool"/>
</class>
<class id="l" name="Letter" extends="Document" table="BRIEF">
  <attribute-mapping of="amount" column="WAARDE"/>
  <to-one-mapping of="corrects"><column name="VAN"/></to-one-mapping>
</class>
<class id="m" name="Mail" extends="Letter" table="POST" key-columns="BRIEFNR"/>"#;

#[test]
fn each_kind_of_an_abstract_class_has_a_table_with_all_of_it() {
    let model = sound(DOCUMENTS);
    let document = model.class("Document").expect("it is there");
    assert!(document.is_abstract);
    let variants: Vec<&str> = model.variants(document).map(|it| it.name.as_str()).collect();
    assert_eq!(variants, ["Invoice", "Letter"]);
    let holders: Vec<_> = model.holders().collect();
    let tables: Vec<&str> = holders.iter().map(|it| it.table.as_str()).collect();
    assert_eq!(tables, ["FACTUUR", "BRIEF", "POST"]);
    let columns: Vec<&str> = holders[0].attributes().iter().map(|it| &*it.column).collect();
    assert_eq!((columns, holders[0].indexes().len()), (vec!["NR", "BEDRAG", "BETAALD"], 1));
    let relation = &holders[1].to_one()[0];
    assert_eq!(
        (&*relation.name, relation.columns.as_slice()),
        ("corrects", &["VAN".to_owned()][..])
    );
    assert!(model.neighbour(&holders[1], relation).is_none(), "it leads to no one table");
    let family: Vec<&str> = model.family(document).collect();
    assert_eq!(family, ["Document", "Invoice", "Letter", "Mail"]);
    assert!(model.is_a("Mail", "Document"));
}

#[test]
fn a_mapping_file_says_in_which_columns_kinds_hold_what_an_abstract_class_says() {
    let bare = DOCUMENTS.replace("  <attribute-mapping of=\"amount\" column=\"BEDRAG\"/>\n", "");
    let classes = super::file(&bare);
    let mapping = "<!DOCTYPE business-objects-mapping SYSTEM \"business-objects.dtd\">\
        <business-objects-mapping><class-mapping of=\"Invoice\">\
        <attribute-mapping of=\"amount\" column=\"SOM\"/></class-mapping>\
        </business-objects-mapping>";
    let files = [("m.xml", classes.as_bytes()), ("map.xml", mapping.as_bytes())];
    let (model, findings) = Model::read(files);
    assert_eq!(findings, []);
    let invoice = model.class("Invoice").expect("it is there");
    let Some(Member::Attribute(amount)) = invoice.member("amount") else { panic!("{invoice:?}") };
    assert_eq!(amount.column, "SOM");
}

#[test]
fn what_an_abstract_class_cannot_say_is_found_at_its_place() {
    let table: &[(&str, &str, &str)] = &[
        ("abstract=\"yes\"", "abstract=\"yes\" table=\"D\"", "an abstract class has no `table`"),
        (
            "abstract=\"yes\"",
            "abstract=\"yes\" key-source=\"assigned\"",
            "the tables of its kinds would assign the same keys",
        ),
        (
            "name=\"corrects\"",
            "name=\"corrects\" kind-column=\"S\" kind=\"D\"",
            "a relation of an abstract class leads to one class",
        ),
        (" table=\"FACTUUR\"", "", "`Invoice` has no table, and `Document` has none"),
        (
            "table=\"FACTUUR\"",
            "table=\"FACTUUR\" where=\"is_paid\"",
            "`Document` has no table that `Invoice` is a part of",
        ),
        (
            "<attribute-mapping of=\"amount\" column=\"BEDRAG\"/>",
            "",
            "`Invoice` has no column for `amount` of `Document`",
        ),
        (
            "<attribute-mapping of=\"amount\" column=\"BEDRAG\"/>",
            "<attribute-mapping of=\"amount\" column=\"BEDRAG\" missing=\"0\"/>",
            "the `missing` is the same in all kinds",
        ),
        ("of=\"d3\"", "of=\"correct\"", "`Document` has no to-one `correct`"),
        (
            "key-columns=\"BRIEFNR\"/>",
            "key-columns=\"BRIEFNR\"><attribute-mapping of=\"amount\" column=\"X\"/></class>",
            "`Letter` holds `amount` itself",
        ),
        ("column=\"WAARDE\"", "column=\"NR\"", "column `NR` is used twice"),
        ("table=\"BRIEF\"", "table=\"FACTUUR\"", "table `FACTUUR` is used twice"),
    ];
    for (from, to, expected) in table {
        assert!(DOCUMENTS.contains(from), "{from}");
        let found = mistakes(&DOCUMENTS.replacen(from, to, 1));
        assert!(found.iter().any(|it| it.contains(expected)), "{expected}: {found:?}");
    }
    let alone = DOCUMENTS.split("<class id=\"i\"").next().expect("the first class");
    let found = mistakes(alone);
    assert!(found[0].contains("no class is a kind of `Document`"), "{found:?}");
}
