//! Attributes that no column holds.

use caruso_expression::{Schema, Type};

use super::{class, mistakes, sound};
use crate::{Formula, Member, RollUpFunction};

const MEMBERS: &str = r#"<attribute id="a" name="a" column="A" type="text" required="yes"/>
<attribute id="b" name="b" column="B" type="bool"/>
DERIVED
<to-one id="r" name="up" class="A" column="R"/>
<to-many id="s" name="down" class="A" inverse="up"/>"#;

fn with(derived: &str) -> String {
    class("", &MEMBERS.replace("DERIVED", derived))
}

#[test]
fn what_is_derived_has_the_type_of_what_it_is_made_of() {
    let model = sound(&with(
        r#"<derived id="1" name="both" value="a + '!'"/>
           <derived id="2" name="above" value="up.k"/>
           <derived id="3" name="is_top" value="not has(up)"/>
           <roll-up id="4" name="count" of="down"/>
           <roll-up id="5" name="sum" of="down" function="sum" attribute="k" when="b"/>"#,
    ));
    let types = [
        ("both", Type::Text),
        ("above", Type::Int.optional()),
        ("is_top", Type::Bool),
        ("count", Type::Int),
        ("sum", Type::Int.optional()),
    ];
    for (name, ty) in types {
        assert_eq!(model.member("A", name), Some(ty), "{name}");
    }
    let class = model.class("A").expect("it is there");
    let Some(Member::Derived(sum)) = class.member("sum") else { panic!("{class:?}") };
    let Formula::RollUp(sum) = &sum.formula else { panic!("{sum:?}") };
    assert_eq!((sum.relation.as_str(), sum.function), ("down", RollUpFunction::Sum));
    assert!(sum.when.is_some());
}

#[test]
fn what_cannot_be_derived_is_found_at_its_place() {
    let table = [
        (
            r#"<derived id="1" name="x" value="down"/>"#,
            "7:33 CB0213 this is list of object `A`, which no attribute holds",
        ),
        (r#"<derived id="1" name="a" value="a"/>"#, "7:23 CB0101 member `a` is used twice"),
        (
            r#"<derived id="1" name="x" value="aa"/>"#,
            "7:33 CE0201 `aa` is not known here (did you mean `a`?)",
        ),
        (
            r#"<roll-up id="1" name="x" of="up"/>"#,
            "7:30 CB0213 `up` is no relation to many (known: `down`)",
        ),
        (
            r#"<roll-up id="1" name="x" of="down" function="sum"/>"#,
            "7:1 CB0213 only a count is of no attribute (name one: `attribute=\"…\"`)",
        ),
        (
            r#"<roll-up id="1" name="x" of="down" attribute="c"/>"#,
            "7:47 CB0213 `A` has no attribute `c` (did you mean `k`?)",
        ),
        (
            r#"<roll-up id="1" name="x" of="down" attribute="a" function="sum"/>"#,
            "7:47 CB0213 a text has no sum",
        ),
        (
            r#"<roll-up id="1" name="x" of="down" attribute="b" function="least"/>"#,
            "7:47 CB0213 a bool has no least",
        ),
        (
            r#"<roll-up id="1" name="x" of="down" when="a"/>"#,
            "7:42 CE0301 `a` is text, but bool is wanted here",
        ),
    ];
    for (derived, expected) in table {
        assert_eq!(mistakes(&with(derived)), [expected], "{derived}");
    }
    // derived attributes are not made of each other
    let twice = r#"<derived id="1" name="x" value="k"/><derived id="2" name="y" value="x"/>"#;
    let expected = "7:69 CB0213 `x` is derived itself (name what it is made of)";
    assert_eq!(mistakes(&with(twice)), [expected]);
}
