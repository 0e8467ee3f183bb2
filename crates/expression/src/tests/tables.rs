use super::{check, filter, value};
use crate::{EvalError, Missing, Type, codes};

fn word(code: &str) -> &'static str {
    let words = [
        (codes::SYNTAX, "syntax"),
        (codes::NAME, "name"),
        (codes::TYPE, "type"),
        (codes::CHOICE, "choice"),
    ];
    words.iter().find(|(known, _)| *known == code).map_or("other", |(_, word)| word)
}

/// `code text: message (hint)` of each error; the text is the part of the source that it covers.
fn mistakes(source: &str, expected: Option<&Type>) -> Vec<String> {
    let errors = check(source, Missing::MustBeGuarded, expected).expect_err(source);
    let shown = |error: crate::Error| {
        let hint = error.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
        format!("{} {}: {}{hint}", word(error.code), &source[error.at], error.message)
    };
    errors.into_iter().map(shown).collect()
}

#[test]
fn expressions_have_the_values_that_the_language_promises() {
    let table = [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("7 / 2", "3"),
        ("-7 / 2", "-3"),
        ("-7 % 2", "-1"),
        ("10 - 3 - 2", "5"),
        ("0x1f", "31"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("1.1 + 2.2 == 3.3", "true"),
        ("rate", "1.10"),
        ("rate + 1", "2.10"),
        ("rate * 3 eq 3.3", "true"),
        ("rate == 1.1", "true"),
        ("2 == 2.0", "true"),
        ("9007199254740993 == 9007199254740993.0", "true"),
        ("9007199254740993 == 9007199254740992.0", "false"),
        ("count gt 2 and count le 3", "true"),
        ("not count eq 3 or is_open", "true"),
        ("not (count eq 3) and is_open", "false"),
        ("!is_open || count != 3", "false"),
        ("is_open ? 'a' : 'b'", "a"),
        ("count == 1 ? 'a' : count == 3 ? 'b' : 'c'", "b"),
        ("'ab' + 'c' == 'abc'", "true"),
        ("size(text)", "5"),
        ("text.size()", "5"),
        ("size(tags)", "2"),
        ("text.startsWith('Gr')", "true"),
        ("text.endsWith('gr')", "false"),
        ("text.contains('ß')", "true"),
        ("'\\u00df' + '\\x41\\101\\n' == 'ßAA\n'", "true"),
        ("'late' in tags", "true"),
        ("topic in ['moving', 'fault']", "true"),
        ("count in [1, 2]", "false"),
        ("count in [1.0, 3.0]", "true"),
        ("topic eq 'fault'", "true"),
        ("'fault' ne topic", "false"),
        ("string(topic) + '!'", "fault!"),
        ("string(1.10) + string(-3) + string(true)", "1.10-3true"),
        ("string(today) + ' ' + string(now)", "2026-03-01 2026-03-01T12:00:00Z"),
        ("int('42') + int(1.9) + int(-1.9)", "42"),
        ("today gt '2026-02-28'", "true"),
        ("now lt '2026-03-01T13:00:00+02:00'", "false"),
        ("customer.name", "Eva de Vries"),
        ("customer.connections.exists(c, c.medium == 'gas')", "true"),
        ("customer.connections.all(c, c.since lt today)", "true"),
        ("size(customer.connections.filter(c, c.usage.or(0) gt 10))", "1"),
        ("customer.connections.map(c, string(c.medium))", "gas, heat"),
        ("tags.map(t, t.size())", "3, 4"),
        ("null == null", "true"),
    ];
    for (source, expected) in table {
        let value = value(source).unwrap_or_else(|error| panic!("{source}: {error}"));
        assert_eq!(value.to_string(), expected, "{source}");
    }
}

#[test]
fn a_missing_value_compares_false_and_negation_makes_it_true() {
    let table = [
        ("level == 1", "false"),
        ("level != 1", "false"),
        ("!(level == 1)", "true"),
        ("not (level lt 1)", "true"),
        ("level == null", "true"),
        ("has(level)", "false"),
        ("level + 1 gt 0", "false"),
        ("level in [1, 2]", "false"),
        ("not (level in [1, 2])", "true"),
        ("level.or(7) eq 7", "true"),
        ("caller.name == 'x'", "false"),
        ("has(caller.landlord.name)", "false"),
        ("caller.landlord == null", "true"),
        ("customer.is_life_support", ""),
        ("not customer.is_life_support", "true"),
        ("customer.is_life_support or true", "true"),
        ("customer.notes.contains('x')", "false"),
        ("caller.connections.all(c, c.medium == 'gas')", "true"),
        ("caller.connections.exists(c, true)", "false"),
        ("moving lt today or moving ge today", "false"),
    ];
    for (source, expected) in table {
        let value = filter(source).unwrap_or_else(|error| panic!("{source}: {error}"));
        assert_eq!(value.to_string(), expected, "{source}");
    }
}

#[test]
fn a_guard_makes_a_missing_value_usable() {
    let sound = [
        "has(level) and level gt 1",
        "level == null or level gt 1",
        "level != null && level gt 1",
        "not has(level) or level gt 1",
        "!(has(level) && is_open) || level gt 1",
        "has(level) ? level gt 1 : false",
        "level == null ? 0 gt 1 : level gt 1",
        "has(level) and (is_open or level gt 1)",
        "(has(level) and is_open or has(level) and count == 1) and level gt 1",
        "level.or(0) gt 1",
        "has(caller.landlord.notes) and caller.name == caller.landlord.notes",
        "caller.landlord.notes.or('') == ''",
        "has(caller) and caller.name == 'x' and caller.notes == null",
        "customer.connections.exists(c, has(c.usage) and c.usage gt 1)",
    ];
    for source in sound {
        check(source, Missing::MustBeGuarded, Some(&Type::Bool)).expect(source);
    }
    let unsound = [
        ("level gt 1", "level"),
        ("has(level) or level gt 1", "level"),
        ("level gt 1 and has(level)", "level"),
        ("(has(level) and level gt 1) or level gt 2", "level"),
        ("has(level) ? true : level gt 1", "level"),
        ("(has(level) or is_open) and level gt 1", "level"),
        ("caller.name == 'x'", "caller"),
        ("has(caller) and caller.notes == 'x'", "caller.notes"),
        ("customer.is_life_support", "customer.is_life_support"),
        ("customer.connections.exists(c, c.usage gt 1)", "c.usage"),
        ("customer.connections.all(c, has(c.usage)) and moving lt today", "moving"),
    ];
    for (source, place) in unsound {
        let errors = check(source, Missing::MustBeGuarded, Some(&Type::Bool)).expect_err(source);
        assert_eq!(errors.len(), 1, "{source}: {errors:?}");
        assert_eq!(errors[0].code, codes::MISSING, "{source}");
        assert_eq!(&source[errors[0].at.clone()], place, "{source}");
    }
}

const MISTAKES: [(&str, &[&str]); 24] = [
    ("cuont gt 1", &["name cuont: `cuont` is not known here (did you mean `count`?)"]),
    (
        "customer.segmnet == 'x'",
        &["name segmnet: `Customer` has no `segmnet` (did you mean `segment`?)"],
    ),
    (
        "customer.segment eq 'busines'",
        &["choice 'busines': `segment` has no value `busines` (did you mean `business`?)"],
    ),
    ("topic in ['fault', 'x']", &["choice 'x': `topic` has no value `x` (it has: fault, moving)"]),
    ("count eq '3'", &["type count eq '3': int does not compare with text"]),
    (
        "topic == customer.segment",
        &["type topic == customer.segment: choice `topic` does not compare with choice `segment`"],
    ),
    (
        "topic lt 'moving'",
        &["type topic lt 'moving': two of choice `topic` do not compare this way"],
    ),
    ("count = 3", &["syntax =: `=` means nothing here (write `==` or `eq` to compare)"]),
    ("count", &["type count: `count` is int, but bool is wanted here"]),
    ("count and is_open", &["type count: `count` is int, not a condition"]),
    (
        "text + 1 == 'x'",
        &["type text + 1: text and int do not compute this way \
             (make a text of the other side with `string(…)`)"],
    ),
    (
        "rate / 3 gt 0",
        &["type rate / 3: decimal and int do not compute this way \
             (only whole numbers divide, a decimal would be rounded)"],
    ),
    (
        "today gt '2026-02-30'",
        &["type '2026-02-30': `2026-02-30` is not a date (write it as 2026-01-31)"],
    ),
    ("contians(text)", &["name contians: there is no function `contians`"]),
    (
        "text.contians('a')",
        &["name contians: there is no function `contians` (did you mean `contains`?)"],
    ),
    (
        "contains(text, 'a')",
        &["name contains: there is no function `contains` (write `value.contains(…)`)"],
    ),
    ("text.contains()", &["type contains: `contains` takes 1 argument, 0 given"]),
    (
        "tags.exists(count, true)",
        &["name count: `count` already means something here \
             (take another name for the element)"],
    ),
    (
        "tags[0] == 'x'",
        &["syntax [: lists are not read by position (ask with `in`, `exists` or `all`)"],
    ),
    (
        "cuont gt 1 and rate eq 'x' or txt == ''",
        &[
            "name cuont: `cuont` is not known here (did you mean `count`?)",
            "type rate eq 'x': decimal does not compare with text",
            "name txt: `txt` is not known here (did you mean `text`?)",
        ],
    ),
    ("null gt 1", &["type null gt 1: null is neither less nor greater (ask with `== null`)"]),
    ("count eq", &["syntax : the expression ends where a value is expected"]),
    ("1 eq not true", &["syntax not: `not` needs parentheses here (write `(not …)`)"]),
    ("'abc", &["syntax 'abc: the text does not end (close it with ')"]),
];

#[test]
fn mistakes_name_their_place_and_what_to_write() {
    for (source, expected) in MISTAKES {
        assert_eq!(mistakes(source, Some(&Type::Bool)), expected, "{source}");
    }
}

#[test]
fn the_place_decides_the_type() {
    let segment = Type::choice("segment", ["household", "business"]);
    let fits = [
        ("'business'", segment.clone()),
        ("is_open ? 'business' : 'household'", segment.clone()),
        ("customer.segment", segment.clone()),
        ("'2026-01-31'", Type::Date),
        ("count", Type::Decimal),
        ("null", Type::Text.optional()),
        ("customer.notes", Type::Text.optional()),
        ("text", Type::Text.optional()),
    ];
    for (source, ty) in fits {
        check(source, Missing::MustBeGuarded, Some(&ty)).expect(source);
    }
    let unfit = [
        ("'busines'", segment, codes::CHOICE),
        ("null", Type::Text, codes::TYPE),
        ("customer.notes", Type::Text, codes::MISSING),
        ("rate", Type::Int, codes::TYPE),
    ];
    for (source, ty, code) in unfit {
        let errors = check(source, Missing::MustBeGuarded, Some(&ty)).expect_err(source);
        assert_eq!(errors[0].code, code, "{source}");
    }
}

#[test]
fn what_has_no_value_is_an_error_with_its_place() {
    let table = [
        ("1 / 0", EvalError::DivisionByZero(0..5)),
        ("1 % (count - 3)", EvalError::DivisionByZero(0..14)),
        ("9223372036854775807 + 1", EvalError::Overflow(0..23)),
        ("-(-9223372036854775808)", EvalError::Overflow(0..22)),
        ("0.00000000000000000001 * 0.00000000000000000001", EvalError::Overflow(0..47)),
        ("99999999999999999999999999.0 + 0.001", EvalError::Overflow(0..36)),
        ("int('12a')", EvalError::NotANumber(4..9)),
    ];
    for (source, error) in table {
        assert_eq!(value(source), Err(error), "{source}");
    }
}

#[test]
fn a_deciding_part_wins_over_an_error_in_another() {
    for source in [
        "1 / 0 == 1 or true",
        "true or 1 / 0 == 1",
        "not (1 / 0 == 1 and false)",
        "tags.exists(t, t == 'late' or 1 / 0 == 1)",
        "not tags.all(t, t == 'late' and 1 / 0 == 1 or t == 'x')",
    ] {
        assert_eq!(value(source), Ok(true.into()), "{source}");
    }
    assert_eq!(value("1 / 0 == 1 or false"), Err(EvalError::DivisionByZero(0..5)));
}

#[test]
fn bound_constants_are_read_as_if_they_were_written() {
    let bound = |source: &str| {
        let constant = |name: &str| match name {
            "topic" => Some(crate::Literal::Text("moving".into())),
            "day" => Some(crate::Literal::Text("2026-03-01".into())),
            _ => None,
        };
        let expression = crate::parse(source).expect(source).bind("argument", &constant);
        let schema = super::Utilities { missing: Missing::ComparesFalse };
        crate::check(&expression, &schema, Some(&Type::Bool))
    };
    let source = "topic in [argument.topic] or not (today ne argument.day)";
    let checked = bound(source).expect("it is sound");
    assert_eq!(checked.evaluate(&super::values(), crate::Budget::default()), Ok(true.into()));
    let errors = bound("topic eq argument.day").expect_err("a day is no topic");
    assert_eq!((errors[0].code, errors[0].at.clone()), (codes::CHOICE, 9..21));
    let errors = bound("topic eq argument.other").expect_err("it is not there");
    assert_eq!(errors[0].message, "`argument` is not known here");
}

#[test]
fn a_bound_list_of_texts_has_its_type_even_when_it_is_empty() {
    let expression = |source: &str, texts: &[&str]| {
        let texts = crate::Literal::Texts(texts.iter().map(|text| (*text).to_owned()).collect());
        crate::parse(source).expect(source).bind("user", &|_| Some(texts.clone()))
    };
    let schema = super::Utilities { missing: Missing::MustBeGuarded };
    let outcome = |source: &str, texts: &[&str]| {
        let checked = crate::check(&expression(source, texts), &schema, Some(&Type::Bool))?;
        let value = checked.evaluate(&super::values(), crate::Budget::default());
        Ok::<bool, Vec<crate::Error>>(value == Ok(true.into()))
    };
    for source in ["'late' in user.roles", "text in user.roles", "user.roles.exists(r, r eq text)"]
    {
        assert_eq!(outcome(source, &["late", "Grüße"]), Ok(true), "{source}");
        assert_eq!(outcome(source, &["a"]), Ok(false), "{source}");
        assert_eq!(outcome(source, &[]), Ok(false), "{source}");
    }
    assert_eq!(outcome("size(user.roles) == 0", &[]), Ok(true));
    // its elements are texts, also where the values of a choice are looked for
    let errors = outcome("topic in user.roles", &["moving"]).expect_err("a text is no topic");
    assert_eq!(errors[0].message, "choice `topic` does not compare with text");
    assert_eq!(expression("text in user.roles", &["a", "'"]).to_string(), r"text in ['a', '\'']");
    assert_eq!(expression("size(user.roles)", &[]).to_string(), "size([])");
}
