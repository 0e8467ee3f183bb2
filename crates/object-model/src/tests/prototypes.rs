//! Types that attributes have in common.

use super::{class, file, mistakes, sound};
use crate::{AttributeType, Form, Model, Stored};

/// A file with these types on its line 3, and a class with an attribute on its line 6.
fn with(types: &str, attribute: &str) -> String {
    let attribute = format!("<attribute id=\"a\" name=\"a\" column=\"A\" {attribute}/>");
    format!("{types}\n{}", class("", &attribute))
}

fn stored(types: &str, attribute: &str) -> (AttributeType, Stored) {
    let model = sound(&with(types, attribute));
    let attribute = &model.class("A").expect("it is there").attributes()[1];
    (attribute.ty.clone(), attribute.stored.clone())
}

const FLAGS: &str = "<type name=\"old_flag\" base=\"flag\" missing=\"?\"/>\
                     <type name=\"flag\" type=\"bool\" stored=\"J/N\" missing=\"!\"/>\
                     <type name=\"dutch\" missing=\"0\" zone=\"Europe/Amsterdam\"/>\
                     <type name=\"time\" type=\"instant\" base=\"dutch\"/>";

#[test]
fn an_attribute_has_what_its_type_and_the_base_of_that_say() {
    let flags = |yes: &str, no: &str| Form::Flags { yes: yes.into(), no: no.into() };
    let table = [
        ("of=\"flag\"", flags("J", "N"), "!"),
        ("of=\"old_flag\"", flags("J", "N"), "?"),
        ("of=\"old_flag\" stored=\"X/\"", flags("X", ""), "?"),
        ("of=\"flag\" missing=\"0\"", flags("J", "N"), "0"),
    ];
    for (attribute, form, missing) in table {
        let (ty, stored) = stored(FLAGS, attribute);
        assert_eq!((ty.word(), stored.form), ("bool", form), "{attribute}");
        assert_eq!(stored.missing, [missing], "{attribute}");
    }
    for attribute in ["of=\"dutch\" type=\"instant\"", "of=\"time\""] {
        let (ty, stored) = stored(FLAGS, attribute);
        let zone = stored.zone.expect("there is one");
        assert_eq!((ty.word(), zone.iana_name()), ("instant", Some("Europe/Amsterdam")));
        assert_eq!(stored.missing, ["0"]);
    }
}

#[test]
fn types_give_lengths_decimals_and_lists() {
    let list = "<enum name=\"e\"><value name=\"x\"/></enum>";
    let types = "<type name=\"code\" type=\"text\" length=\"4\"/>\
                 <type name=\"money\" type=\"decimal\" decimals=\"2\"/>\
                 <type name=\"kind\" type=\"choice\" enum=\"e\"/>";
    let types = format!("{types}{list}");
    let ty = |attribute: &str| stored(&types, attribute).0;
    assert!(matches!(ty("of=\"code\""), AttributeType::Text(Some(4))));
    assert!(matches!(ty("of=\"code\" length=\"5\""), AttributeType::Text(Some(5))));
    assert!(matches!(ty("of=\"money\""), AttributeType::Decimal(2)));
    assert!(matches!(ty("of=\"kind\""), AttributeType::Choice(list) if list.values.len() == 1));
}

#[test]
fn types_are_those_of_all_files() {
    let types = file(FLAGS);
    let objects = file(&with("", "of=\"flag\""));
    let files = [("a.xml", objects.as_bytes()), ("b.xml", types.as_bytes())];
    let (model, findings) = Model::read(files);
    assert_eq!(findings, []);
    assert_eq!(model.class("A").map(|class| class.attributes().len()), Some(2));
    let (_, findings) = Model::read([("a.xml", types.as_bytes()), ("b.xml", types.as_bytes())]);
    let first = findings.first().map(ToString::to_string);
    assert_eq!(first.as_deref(), Some("b.xml:3:13: type `old_flag` is declared twice"));
    assert_eq!(findings.len(), 4);
}

#[test]
fn an_attribute_without_type_is_found() {
    let hint = "(say `type`, or `of` a type that has one)";
    let expected = format!("6:1 CB0208 the attribute has no type {hint}");
    assert_eq!(mistakes(&with("", "")), [expected.as_str()]);
    assert_eq!(mistakes(&with("<type name=\"t\" missing=\"0\"/>", "of=\"t\"")), [expected]);
    // what could not be read may have been the type
    let found = mistakes(&with("", "tpye=\"int\""));
    assert!(found.len() == 1 && found[0].contains("CM0206"), "{found:?}");
}

#[test]
fn a_name_that_no_type_has_is_found_with_the_nearest() {
    assert_eq!(
        mistakes(&with(FLAGS, "of=\"flga\"")),
        ["6:43 CB0208 type `flga` is unknown (did you mean `flag`?)"]
    );
    assert_eq!(
        mistakes(&with(&FLAGS.replace("base=\"flag\"", "base=\"flga\""), "of=\"old_flag\"")),
        ["3:29 CB0208 type `flga` is unknown (did you mean `flag`?)"]
    );
}

#[test]
fn types_that_build_on_themselves_are_found_once() {
    let own = "<type name=\"t\" base=\"t\"/>";
    assert_eq!(mistakes(&with(own, "of=\"t\"")), ["3:22 CB0208 type `t` builds on itself"]);
    let circle = "<type name=\"s\" base=\"v\"/>\n<type name=\"t\" base=\"u\"/>\n\
                  <type name=\"u\" base=\"v\"/>\n<type name=\"v\" base=\"t\" type=\"int\"/>";
    assert_eq!(mistakes(&with(circle, "of=\"s\"")), ["5:22 CB0208 type `v` builds on itself"]);
}

#[test]
fn a_long_chain_of_types_is_read() {
    let link = |number: usize| format!("<type name=\"t{number}\" base=\"t{}\"/>\n", number + 1);
    let links: String = (0..20_000).map(link).collect();
    let types = format!("{links}<type name=\"t20000\" type=\"date\" stored=\"julian\"/>");
    assert_eq!(stored(&types, "of=\"t0\"").1.form, Form::JulianDay);
}

#[test]
fn an_unsound_type_is_found_where_it_is_and_not_where_it_is_used() {
    let table = [
        ("type=\"bool\" stored=\"J\"", "this is not a pair of texts"),
        ("type=\"int\" length=\"3\"", "a int has no `length`"),
        ("type=\"decimal\"", "a decimal says how many decimals it has"),
        ("type=\"choice\" enum=\"e\"", "enumeration `e` is unknown"),
        ("type=\"instant\" zone=\"CEST\"", "there is no time zone `CEST`"),
    ];
    for (options, expected) in table {
        let types = format!("<type name=\"t\" {options}/><type name=\"u\" base=\"t\"/>");
        let found = mistakes(&with(&types, "of=\"u\""));
        assert_eq!(found.len(), 1, "{options}: {found:?}");
        assert!(found[0].starts_with("3:") && found[0].contains(expected), "{found:?}");
    }
}

#[test]
fn what_does_not_go_together_is_found_where_it_meets() {
    assert_eq!(
        mistakes(&with(FLAGS, "of=\"flag\" type=\"text\"")),
        ["6:43 CB0301 a text has no `stored` \
          (`stored` belongs to: bool, int, money, date, instant)"]
    );
    assert_eq!(
        mistakes(&with(FLAGS, "of=\"flag\" missing=\"J\"")),
        ["6:58 CB0301 `J` is how a value is stored (write other texts than those)"]
    );
    let key = with(FLAGS, "type=\"int\"").replace("required", "of=\"dutch\" required");
    let found = mistakes(&key);
    assert!(found[0].contains("a int has no `zone`"), "{found:?}");
    assert!(found[1].contains("a key is never missing"), "{found:?}");
}
