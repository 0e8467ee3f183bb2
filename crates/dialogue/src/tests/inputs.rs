//! Inputs that are no objects, and their types.

use super::*;

/// Each type, a value of it, and one that is none.
const TYPES: &[(&str, &str, &str)] = &[
    ("text", "x", ""),
    ("yes-no", "true", "yes"),
    ("integer", "12", "1.5"),
    ("decimal", "12.5", "12,5"),
    ("money", "12.50 EUR", "12.50"),
    ("date", "2026-12-01", "1.12.2026"),
    ("time", "14:30", "25:00"),
    ("instant", "2026-12-01T14:30:00Z", "2026-12-01"),
];

fn of(ty: &str, tests: &str) -> String {
    let body = format!(
        "<input name='x' type='{ty}' required='yes'/>\
         <end id='a' outcome='x'><note><v of='x'/></note></end>{tests}"
    );
    super::script("agent", &body)
}

#[test]
fn an_input_is_taken_as_a_value_of_its_type_and_of_no_other() {
    for (ty, value, _) in TYPES {
        let script = compiled(&of(ty, ""));
        for (other, theirs, _) in TYPES {
            let datum = compiled(&of(other, "")).read_input("x", theirs).expect("a value");
            let start = Input::Start(Start {
                inputs: BTreeMap::from([("x".to_owned(), datum)]),
                ..Start::default()
            });
            let taken = handle(&script, &State::default(), &start, now());
            // whole numbers are decimals
            let fits = ty == other || (*ty, *other) == ("decimal", "integer");
            assert_eq!(taken.is_ok(), fits, "{other} as {ty}");
        }
        assert!(script.read_input("x", value).is_ok(), "{ty}");
    }
}

#[test]
fn what_a_test_gives_is_of_the_type_of_the_input() {
    for (ty, good, bad) in TYPES {
        let of = |value: &str| {
            let test = format!(
                "<test name='t'><given name='x' value='{value}'/><ended outcome='x'/></test>"
            );
            check(&of(ty, &test))
        };
        let script = of(good).unwrap_or_else(|it| panic!("{ty}: {}", lines(&it)));
        assert!(script.run_tests().has_passed(), "{ty}");
        if !bad.is_empty() {
            let said = lines(&of(bad).expect_err("it is none"));
            assert!(said.starts_with("CG0503"), "{said}");
        }
    }
    let twofold = "<input name='x' class='Customer' type='text'/><end id='a' outcome='x'/>";
    let said = lines(&check(&super::script("agent", twofold)).expect_err("one is enough"));
    assert!(said.starts_with("CG0102 s.xml:3:40"), "{said}");
}
