//! Attributes that are money.

use std::collections::BTreeMap;

use caruso_expression::{Currency, Type, Value};

use super::{class, member_mistakes, sound};
use crate::{AttributeType, Data, Form, Operation, UnitOfWork, WrittenMoney};

fn attribute(options: &str) -> String {
    format!("<attribute id=\"a\" name=\"a\" column=\"A\" type=\"money\" {options}/>")
}

const EURO: &str = "decimals=\"2\" currency=\"EUR\"";
const EACH: &str = "decimals=\"2\" currency-column=\"C\"";
const TEXT: &str = "decimals=\"2\" stored=\"EUR 1.234,50\"";

#[test]
fn money_has_one_currency_or_a_column_or_a_text_that_says_which() {
    let euro = Currency::of("EUR");
    for (options, currency, columns) in [(EURO, euro, 1), (EACH, None, 2), (TEXT, None, 1)] {
        let model = sound(&class("", &attribute(options)));
        let found = &model.class("A").expect("it is there").attributes()[1];
        let AttributeType::Money { decimals: 2, currency: said } = found.ty else {
            panic!("{:?}", found.ty)
        };
        assert_eq!((said, found.columns().count()), (currency, columns), "{options}");
        assert_eq!(model.member("A", "a"), Some(Type::Money(currency).optional()));
    }
    let types = "<type name=\"euro\" type=\"money\" decimals=\"2\" currency=\"EUR\"/>";
    let of = "<attribute id=\"a\" name=\"a\" column=\"A\" of=\"euro\"/>";
    let model = sound(&format!("{types}{}", class("", of)));
    assert_eq!(model.member("A", "a"), Some(Type::Money(euro).optional()));
    let types = types.replace("currency=\"EUR\"", "stored=\"1234,50 EUR\"");
    let model = sound(&format!("{types}{}", class("", of)));
    let form = &model.class("A").expect("it is there").attributes()[1].stored.form;
    assert_eq!(*form, Form::Money(WrittenMoney::of("1234,50 EUR").expect("a form")));
}

trait MemberOf {
    fn member(&self, class: &str, name: &str) -> Option<Type>;
}

impl MemberOf for crate::Model {
    fn member(&self, class: &str, name: &str) -> Option<Type> {
        caruso_expression::Schema::member(self, class, name)
    }
}

#[test]
fn what_is_said_of_money_must_make_sense() {
    let table = [
        ("decimals=\"2\"", "money says what its currency is (write `currency=\"EUR\"`"),
        ("currency=\"EUR\"", "money says how many decimals it has, 1 to 9"),
        ("decimals=\"2\" currency=\"EUT\"", "`EUT` is no currency"),
        ("decimals=\"2\" currency=\"eur\"", "`eur` is no currency (did you mean `EUR`?)"),
        ("decimals=\"2\" currency=\"EUR\" currency-column=\"C\"", "one currency, or a column"),
        ("decimals=\"2\" currency=\"EUR\" length=\"3\"", "money has no `length`"),
        ("decimals=\"2\" stored=\"EUR 12,50\"", "amounts of money are not stored like this"),
        ("decimals=\"2\" currency=\"EUR\" stored=\"EUR 1234,50\"", "and is said elsewhere too"),
        ("decimals=\"2\" currency-column=\"C\" stored=\"EUR 1234,50\"", "is said elsewhere too"),
    ];
    for (options, expected) in table {
        let found = member_mistakes(&attribute(options));
        assert_eq!(found.len(), 1, "{options}: {found:?}");
        assert!(found[0].contains("CB0301") && found[0].contains(expected), "{found:?}");
    }
    let found = member_mistakes(&attribute("decimals=\"2\" currency-column=\"A\""));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("CB0103"), "{found:?}");
    let text = "<attribute id=\"a\" name=\"a\" column=\"A\" type=\"text\" currency=\"EUR\"/>";
    assert!(member_mistakes(text)[0].contains("a text has no `currency`"));
}

#[test]
fn expressions_know_the_currency_and_figures_are_of_one() {
    let members = format!(
        "{}{}<to-one id=\"r\" name=\"up\" class=\"A\" column=\"R\"/>\
         <to-many id=\"s\" name=\"down\" class=\"A\" inverse=\"up\"/>",
        attribute(EURO),
        attribute(EACH).replace("=\"a\"", "=\"b\"").replace("\"A\"", "\"B\""),
    );
    let with = |derived: &str| members.replace("<to-one", &format!("{derived}<to-one"));
    let sum = "<roll-up id=\"u\" name=\"u\" of=\"down\" function=\"sum\" attribute=\"a\"/>";
    let model = sound(&class("", &with(sum)));
    let euro = Type::Money(Currency::of("EUR")).optional();
    assert_eq!(model.member("A", "u"), Some(euro.clone()));
    let model = sound(&class("", &with("<derived id=\"u\" name=\"u\" value=\"a * 2\"/>")));
    assert_eq!(model.member("A", "u"), Some(euro));
    let count = sum.replace("sum", "count").replace("\"a\"", "\"b\"");
    sound(&class("", &with(&count)));
    let found = member_mistakes(&with(&sum.replace("\"a\"", "\"b\"")));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("CB0213 `b` is money of several currencies"), "{found:?}");
    let wrong = "<constraint id=\"n\" name=\"n\" test=\"a gt '1 USD'\">\
                 <message language=\"en\">No.</message></constraint>";
    let found = member_mistakes(&format!("{members}{wrong}"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("money in EUR does not compare with money in USD"), "{found:?}");
}

#[test]
fn an_amount_of_another_currency_is_refused() {
    let money = |text: &str| Value::Money(text.parse().expect("money"));
    let table = [
        (EURO, money("12.5 EUR"), None),
        (EURO, money("12.50 USD"), Some("it is money in EUR")),
        (EURO, money("12.505 EUR"), Some("it has at most 2 decimals")),
        (EURO, Value::Int(1), Some("an amount with its currency is wanted, not a int")),
        (EACH, money("12.50 USD"), None),
        (EACH, money("12.505 USD"), Some("it has at most 2 decimals")),
        (TEXT, money("12.5 USD"), None),
        (TEXT, money("12.505 USD"), Some("it has at most 2 decimals")),
        (TEXT, money("9999999999999999.99 USD"), None),
        (TEXT, money("10000000000000000 USD"), Some("it is stored with at most 18 digits")),
    ];
    for (options, value, expected) in table {
        let model = sound(&class("", &attribute(options)));
        let attributes = BTreeMap::from([("a".to_owned(), value.clone())]);
        let (class, key, revision) = ("A".to_owned(), "1".to_owned(), "1".to_owned());
        let unit = UnitOfWork {
            idempotency_key: "k".into(),
            operations: vec![Operation::Update { class, key, revision, attributes }],
            reason: String::new(),
            contact: String::new(),
        };
        let found = unit.check(&model).err().map(|violations| violations[0].reason.clone());
        assert_eq!(found.as_deref(), expected, "{options} {value}");
    }
}

#[test]
fn files_have_amounts_with_currencies_or_of_the_only_one() {
    let read = |options: &str, text: &str| {
        let model = sound(&class("", &attribute(options)));
        let file = format!("k,a\n1,{text}\n");
        let data = Data::read(&model, [("A.csv", file.as_bytes())]);
        data.map(|data| data.rows("A")[0]["a"].to_string())
            .map_err(|findings| findings[0].message.clone())
    };
    assert_eq!(read(EURO, "12.50 EUR").as_deref(), Ok("12.50 EUR"));
    assert_eq!(read(EURO, "12.50").as_deref(), Ok("12.50 EUR"));
    assert_eq!(read(EACH, "12.50 USD").as_deref(), Ok("12.50 USD"));
    let no_money = "`a`: this is not an amount such as 12.50 EUR".to_owned();
    assert_eq!(read(EACH, "12.50"), Err(no_money.clone()));
    assert_eq!(read(EURO, "12.50 euro"), Err(no_money));
    assert_eq!(read(EURO, "12.50 USD"), Err("`a`: it is money in EUR".to_owned()));
}
