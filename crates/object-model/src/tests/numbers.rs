use proptest::prelude::*;

use crate::phone::{Country, Error, normalize};

fn in_country(text: &str, country: &str) -> Result<String, Error> {
    let country = Country::by_code(country).expect("the country is known");
    normalize(text, country).map(|number| number.as_str().to_owned())
}

#[test]
fn every_writing_of_a_number_is_the_same_number() {
    let mobile = [
        "0612345678",
        "06-12345678",
        "06-12 34 56 78",
        "06 1234 5678",
        "(06) 12.34.56.78",
        "06/12345678",
        "+31612345678",
        "+31 6 12 34 56 78",
        "+31 (0)6 12345678",
        "+31 06 12345678",
        "0031612345678",
        "0031 (0)6-12345678",
        "31612345678",
        "tel:+31612345678",
        "tel. 06-12345678",
        "Telefoon: 06 12345678",
        "T 06-12345678",
        "GSM 0612345678",
        "  06\u{a0}12\u{2011}34\u{2013}56 78 ",
    ];
    for text in mobile {
        assert_eq!(in_country(text, "NL").as_deref(), Ok("+31612345678"), "{text}");
    }
}

#[test]
fn numbers_of_each_country_have_its_lengths() {
    let table = [
        ("030-5550100", "NL", "+31305550100"),
        ("0348-551204", "NL", "+31348551204"),
        ("0800-1234", "NL", "+318001234"),
        ("0900 1234567", "NL", "+319001234567"),
        ("+32 470 12 34 56", "NL", "+32470123456"),
        ("02 555 12 12", "BE", "+3225551212"),
        ("0470/12.34.56", "BE", "+32470123456"),
        ("0171 5550123", "DE", "+491715550123"),
        ("0049 30 55501234", "NL", "+493055501234"),
        ("+1 212 555 0100", "NL", "+12125550100"),
        ("+44 20 7946 0958", "NL", "+442079460958"),
    ];
    for (text, country, number) in table {
        assert_eq!(in_country(text, country).as_deref(), Ok(number), "{text}");
    }
}

#[test]
fn what_is_no_number_is_never_guessed() {
    let table = [
        ("", Error::Empty),
        ("-", Error::Empty),
        ("+", Error::Empty),
        ("onbekend", Error::Character('o')),
        ("eva@example.nl", Error::Character('e')),
        ("0612345678 thuis", Error::Character('t')),
        ("06+12345678", Error::Character('+')),
        ("06-1234567", Error::Length),
        ("06-123456789", Error::Length),
        ("5550100", Error::Length),
        ("612345678", Error::Length),
        ("+31 6 1234567", Error::Length),
        ("+12345678901234567", Error::Length),
        ("+123", Error::Length),
        ("anonymous", Error::Character('a')),
    ];
    for (text, error) in table {
        assert_eq!(in_country(text, "NL"), Err(error), "{text}");
    }
}

#[test]
fn a_number_is_not_shown_by_its_debug_form() {
    let country = Country::by_code("NL").expect("it is known");
    assert_eq!(format!("{:?}", normalize("0612345678", country)), "Ok(Number(…))");
}

proptest! {
    #[test]
    fn normalizing_is_total_and_stable(text in "[0-9+() ./a-z-]{0,20}") {
        if let Ok(number) = in_country(&text, "NL") {
            prop_assert!(number.starts_with('+') && (8..=16).contains(&number.len()));
            prop_assert_eq!(in_country(&number, "NL"), Ok(number.clone()));
            prop_assert_eq!(in_country(&number, "DE"), Ok(number));
        }
    }
}
