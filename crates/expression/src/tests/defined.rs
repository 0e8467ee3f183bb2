//! Names that stand for expressions.

use std::collections::BTreeMap;

use crate::{Definition, Hit, Rule, Schema, Type, check, codes, parse};

struct Defining {
    types: BTreeMap<String, Type>,
    definitions: BTreeMap<String, Definition>,
}

impl Schema for Defining {
    fn variable(&self, name: &str) -> Option<Type> {
        self.types.get(name).cloned()
    }

    fn member(&self, _class: &str, _name: &str) -> Option<Type> {
        None
    }

    fn variables(&self) -> Vec<String> {
        self.types.keys().cloned().collect()
    }

    fn members(&self, _class: &str) -> Vec<String> {
        Vec::new()
    }

    fn definition(&self, name: &str) -> Option<&Definition> {
        self.definitions.get(name)
    }

    fn values_of(&self, record: &str) -> Option<Vec<String>> {
        (record == "advice").then(|| vec!["tariff".to_owned(), "bonus".to_owned()])
    }
}

fn table(rules: &[(&str, &str)], hit: Hit, is_complete: bool) -> Definition {
    let of = |text: &str| parse(text).expect("an expression");
    let rule = |(when, value): &(&str, &str)| Rule {
        when: (!when.is_empty()).then(|| of(when)),
        value: of(value),
    };
    Definition { rules: rules.iter().map(rule).collect(), hit, is_complete }
}

fn schema() -> Defining {
    let types = [
        ("usage", Type::Int.optional()),
        ("people", Type::Int),
        ("medium", Type::choice("medium", ["gas", "heat"])),
        ("tags", Type::Text.list()),
    ];
    let one = |text: &str| table(&[("", text)], Hit::First, false);
    let definitions = [
        ("doubled", one("usage * 2")),
        ("fourfold", one("doubled + doubled")),
        ("known", one("has(usage) ? usage : null")),
        ("advice.tariff", table(&[("people gt 4", "'gas'"), ("", "'heat'")], Hit::First, false)),
        ("advice.bonus", table(&[("people gt 4", "5"), ("people lt 9", "6")], Hit::Only, true)),
    ];
    Defining {
        types: types.map(|(name, ty)| (name.to_owned(), ty)).into(),
        definitions: definitions.map(|(name, it)| (name.to_owned(), it)).into(),
    }
}

/// The type, or the mistakes: what is said, where, and in whose definition.
fn said(source: &str, expected: Option<&Type>) -> String {
    let expression = parse(source).expect("an expression");
    match check(&expression, &schema(), expected) {
        Ok(checked) => checked.type_of().to_string(),
        Err(errors) => {
            let errors = errors.into_iter().map(|it| {
                let of = it.defined_by.map(|of| format!(" in {of}")).unwrap_or_default();
                format!("{}: {}{of}", &source[it.at], it.message)
            });
            errors.collect::<Vec<_>>().join("; ")
        }
    }
}

#[test]
fn a_name_is_checked_as_if_its_expression_stood_there() {
    let medium = Type::choice("medium", ["gas", "heat"]);
    let table = [
        ("people + doubled", None, "doubled: `usage` may be missing in doubled"),
        ("has(usage) and doubled gt 3", None, "bool"),
        ("has(usage) ? fourfold : 0", None, "int"),
        ("1 + fourfold", None, "fourfold: `usage` may be missing in doubled"),
        ("known", None, "int that may be missing"),
        ("has(known) and known gt 3", None, "bool"),
        ("advice.tariff", None, "text"),
        ("advice.tariff", Some(&medium), "choice `medium`"),
        ("advice.tariff eq medium", None, "bool"),
        ("medium eq advice.tariff", None, "bool"),
        ("advice.bonus", None, "int that may be missing"),
        ("advice.bonus.or(3) + 1", None, "int"),
        ("has(advice.bonus) and advice.bonus gt 5", None, "bool"),
        ("advice", None, "advice: `advice` is no value by itself"),
        ("advice.tarif eq 'x'", None, "advice: `advice` is no value by itself"),
        (
            "tags.exists(advice, advice eq 'x')",
            None,
            "advice: `advice` already means something \
          here",
        ),
        ("tags.exists(t, t eq advice.tariff)", None, "bool"),
    ];
    let found: Vec<String> = table.iter().map(|(source, ty, _)| said(source, *ty)).collect();
    assert_eq!(found, table.map(|(.., expected)| expected));
}

#[test]
fn names_that_grow_without_bound_are_refused() {
    let mut schema = schema();
    let one = |text: String| Definition::of(parse(&text).expect("an expression"));
    schema.definitions.insert("d0".to_owned(), one("people".to_owned()));
    schema.definitions.insert("n0".to_owned(), one("people".to_owned()));
    for level in 1..200 {
        let (below, doubled) = (level - 1, format!("d{0} + d{0}", level - 1));
        schema.definitions.insert(format!("d{level}"), one(doubled));
        schema.definitions.insert(format!("n{level}"), one(format!("1 + n{below}")));
    }
    let codes = |name: &str| match check(&parse(name).expect("a name"), &schema, None) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.into_iter().map(|it| it.code).collect(),
    };
    assert_eq!(codes("d8"), [""; 0]);
    assert_eq!(codes("d30"), [codes::LIMIT]);
    assert_eq!(codes("n60"), [""; 0]);
    assert_eq!(codes("n199"), [codes::LIMIT]);
}
