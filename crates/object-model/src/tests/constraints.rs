//! Constraints, what is unique, indexes.

use std::collections::BTreeMap;

use caruso_expression::Value;

use super::{class, member_mistakes, mistakes, sound};
use crate::{Class, Data, Model, broken};

const MEMBERS: &str = "<attribute id=\"a\" name=\"began\" column=\"A\" type=\"date\"/>\n\
                       <attribute id=\"b\" name=\"ended\" column=\"B\" type=\"date\"/>\n\
                       <to-one id=\"r\" name=\"parent\" class=\"A\" column=\"R\"/>\n\
                       <to-many id=\"s\" name=\"parts\" class=\"A\" inverse=\"parent\"/>\n";

/// A constraint, on line 9 behind these members.
fn constraint(test: &str) -> String {
    let message = "<message language=\"en\">It ends too early.</message>";
    format!("{MEMBERS}<constraint id=\"t\" name=\"t\" test=\"{test}\">{message}</constraint>\n")
}

fn model(members: &str) -> Model {
    sound(&class("", members))
}

fn only(model: &Model) -> &Class {
    model.class("A").expect("it is there")
}

fn breaks(test: &str, values: &[(&str, Value)]) -> bool {
    let model = model(&constraint(test));
    let values: BTreeMap<String, Value> =
        values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    !broken(only(&model), &values).is_empty()
}

fn date(text: &str) -> Value {
    Value::Date(text.parse().expect("a date"))
}

#[test]
fn a_constraint_has_a_test_and_what_people_read() {
    let model = model(&constraint("ended ge began"));
    let [constraint] = only(&model).constraints() else { panic!("there is one") };
    assert_eq!((constraint.id.as_str(), constraint.name.as_str()), ("t", "t"));
    assert_eq!(constraint.messages.text("en"), Some("It ends too early."));
}

#[test]
fn a_constraint_holds_when_its_test_is_true_and_not_otherwise() {
    let (early, late) = (date("2026-01-30"), date("2026-01-31"));
    let table = [
        ("ended ge began", vec![("began", early.clone()), ("ended", late.clone())], false),
        ("ended ge began", vec![("began", late.clone()), ("ended", early.clone())], true),
        // a comparison with a missing value is false
        ("ended ge began", vec![("began", early.clone())], true),
        ("ended ge began", vec![("began", early.clone()), ("ended", Value::Null)], true),
        ("not has(ended) or ended ge began", vec![("began", early.clone())], false),
        ("not (ended lt began)", vec![("began", early.clone())], false),
        ("has(parent) or k gt 5", vec![("parent", Value::from("7"))], false),
        ("has(parent) or k gt 5", vec![("k", Value::Int(6))], false),
        ("has(parent) or k gt 5", vec![("k", Value::Int(5))], true),
        ("parent == null", vec![("parent", Value::from("7"))], true),
    ];
    for (test, values, expected) in table {
        assert_eq!(breaks(test, &values), expected, "{test} {values:?}");
    }
}

#[test]
fn a_test_without_outcome_counts_as_broken() {
    let most = [("k", Value::Int(i64::MAX))];
    assert!(breaks("k + 1 gt 0", &most));
    let twice = "[1, 2, 3, 4, 5, 6, 7, 8, 9].all(X, Y)";
    let nested = ["a", "b", "c", "d", "e"]
        .iter()
        .fold("k gt 0".to_owned(), |body, name| twice.replace('X', name).replace('Y', &body));
    assert!(breaks(&nested, &most), "59,049 comparisons are too many");
    assert!(!breaks(&twice.replace('X', "a").replace('Y', "k gt a"), &most));
}

#[test]
fn a_test_stays_within_the_object() {
    let hint = "(it may use the attributes of its class, and `has(…)` of relations to one)";
    let table = [
        ("k gt 0 and parent.k gt 0", 46),
        ("has(parent.began)", 39),
        ("parts.exists(p, p.k gt 0)", 35),
        ("size(parts) gt 0", 40),
        ("has(parts)", 39),
    ];
    for (test, column) in table {
        let expected = format!("9:{column} CB0305 the test looks into other objects here {hint}");
        assert_eq!(member_mistakes(&constraint(test)), [expected], "{test}");
    }
    assert_eq!(
        member_mistakes(&constraint("endde ge began")),
        ["9:35 CE0201 `endde` is not known here (did you mean `ended`?)"]
    );
    assert_eq!(
        member_mistakes(&constraint("k")),
        ["9:35 CE0301 `k` is int, but bool is wanted here"]
    );
}

#[test]
fn a_member_with_another_mistake_is_no_second_one() {
    let lists = "<unique name=\"u\" attributes=\"began\"/><index attributes=\"k began\"/>";
    let members = [&constraint("ended ge began"), lists].concat();
    let found = member_mistakes(&members.replace("\"A\" type=\"date\"", "\"A\" of=\"day\""));
    assert_eq!(found, ["5:47 CB0208 type `day` is unknown"]);
}

#[test]
fn constraints_have_names_and_ids_of_their_own() {
    let message = "<message language=\"en\">No.</message></constraint>";
    let members = format!(
        "{MEMBERS}<constraint id=\"t\" name=\"t\" test=\"k gt 0\">{message}\n\
         <constraint id=\"t\" name=\"u\" test=\"k gt 0\">{message}\n\
         <unique name=\"t\" attributes=\"began\"/>"
    );
    assert_eq!(
        member_mistakes(&members),
        ["10:17 CB0102 id `t` is used twice", "11:15 CB0101 constraint `t` is used twice"]
    );
    // members may be called like them
    assert_eq!(member_mistakes(&constraint("k gt 0").replace("name=\"t\"", "name=\"k\"")), [""; 0]);
}

#[test]
fn what_is_unique_and_indexes_name_attributes_and_relations_to_one() {
    let lists = "<unique name=\"u\" attributes=\"parent began\"/><index attributes=\"ended\"/>\
                 <index attributes=\"began  parent\"/>";
    let model = model(&format!("{MEMBERS}{lists}"));
    assert_eq!(only(&model).unique(), [["parent", "began"]]);
    assert_eq!(only(&model).indexes(), [vec!["ended"], vec!["began", "parent"]]);
    let table = [
        ("bgean", "9:20 CB0209 `A` has no `bgean` (did you mean `began`?)"),
        ("k parts", "9:22 CB0209 `parts` is a relation to many"),
        ("k ended k", "9:28 CB0209 `k` stands twice"),
    ];
    for (names, expected) in table {
        let index = format!("{MEMBERS}<index attributes=\"{names}\"/>");
        assert_eq!(member_mistakes(&index), [expected]);
    }
}

#[test]
fn rows_of_data_keep_constraints_and_what_is_unique() {
    let unique = "<unique name=\"u\" attributes=\"began parent\"/>";
    let model = model(&[&constraint("not (ended lt began)"), unique].concat());
    let rows = "k,began,ended,parent\n\
                1,2026-01-31,2026-01-30,\n\
                2,2026-01-31,,1\n\
                3,2026-01-31,,1\n\
                4,2026-01-31,,\n\
                5,x,1000-01-01,1\n";
    let findings = Data::read(&model, [("A.csv", rows.as_bytes())]).expect_err("mistakes");
    let shown: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "A.csv:2:1: `t`: the constraint does not hold",
            "A.csv:4:1: two rows have the same `began` and `parent`",
            "A.csv:6:1: `began`: this is not a date such as 2026-01-31",
        ]
    );
    assert_eq!(mistakes(&class("", "<unique name=\"u\" attributes=\"k\"/>")), [""; 0]);
}
