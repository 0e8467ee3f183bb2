use std::collections::BTreeSet;

use super::{DTD, HEAD, complaints, dtd, lines, read};
use crate::{Document, Dtd, codes};

#[test]
fn all_mistakes_of_a_file_come_at_once_with_place_and_hint() {
    let text = "<!DOCTYPE dinner SYSTEM 'dinner.dtd'>\n\
        <dinner id='a' style='gardn' gusts='x'>\n\
        \x20 <titel>T</titel>\n\
        \x20 <starter>bread <dish like='soop'/> <dish id='soup'/></starter>\n\
        \x20 <main><sauce/></main>\n\
        \x20 <main/>\n\
        \x20 <dessert><sauce> </sauce></dessert><starter/>\n\
        </dinner>";
    assert_eq!(
        complaints(text),
        "\
CM0208 d.xml:2:23: `gardn` is not a value of `style`
    did you mean `garden`?
CM0206 d.xml:2:30: `dinner` has no attribute `gusts`
    did you mean `guests`?
CM0201 d.xml:3:3: element `titel` is unknown
    did you mean `title`?
CM0204 d.xml:4:12: `starter` cannot hold text
    `starter` holds (dish*)
CM0210 d.xml:4:30: nothing in the file has the id `soop`
    did you mean `soup`?
CM0203 d.xml:5:3: `main` is incomplete
    expected `dish`; `main` holds (dish, sauce?)
CM0202 d.xml:5:9: `sauce` is not allowed here in `main`
    expected `dish`
CM0203 d.xml:6:3: `main` is incomplete
    expected `dish`; `main` holds (dish, sauce?)
CM0204 d.xml:7:19: `sauce` is always empty
    `sauce` holds EMPTY
CM0202 d.xml:7:38: `starter` is not allowed here in `dinner`
    expected the end of `dinner`"
            .lines()
            .collect::<Vec<_>>()
            .join("\n")
    );
}

#[test]
fn the_tree_after_findings_holds_what_is_right() {
    let text = format!(
        "{HEAD}<dinner id='a' style='x'><title>T</title><oops><dish/></oops>\
        <main><dish kind='a b' price='1'/></main></dinner>"
    );
    let (document, findings) = Document::recover("d.xml", text, &dtd());
    let root = document.expect("the structure is whole").root;
    assert_eq!(findings.len(), 3, "{}", lines(&findings));
    let names: Vec<&str> = root.elements().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["title", "main"]);
    assert_eq!(root.value("style"), None);
    let dish = root.child("main").and_then(|it| it.child("dish")).expect("the dish");
    assert_eq!((dish.value("kind"), dish.value("price")), (None, Some("1")));
}

#[test]
fn a_lost_structure_gives_no_tree_and_no_follow_up_findings() {
    let body = "<dinner id='a'><title>T<main><dish like='b'/></main></dinner>";
    let findings = read(body).expect_err("title is not closed");
    assert_eq!(
        lines(&findings),
        "\
CM0102 d.xml:2:16: `title` is not closed
    expected `</title>` before `</dinner>`
CM0202 d.xml:2:24: `main` is not allowed here in `title`
    expected the end of `title`"
    );
}

/// Every code of this crate, with a text that provokes it.
fn provocations() -> Vec<(&'static str, Vec<u8>)> {
    let whole = |body: &str| format!("{HEAD}{body}").into_bytes();
    let inside = |inner: &str| {
        whole(&format!("<dinner id='a'><title>T</title><main><dish/></main>{inner}</dinner>"))
    };
    let deep = "<starter><dish>".to_owned() + &"<dish>".repeat(300);
    vec![
        (codes::NOT_UTF8, b"<dinner>\xff".to_vec()),
        (codes::TOO_LARGE, vec![b' '; crate::MAX_FILE_BYTES + 1]),
        (codes::TOO_DEEP, inside(&deep)),
        (codes::TOO_MANY, inside(&"<x/>".repeat(crate::MAX_FINDINGS + 5))),
        (codes::CHARACTER, whole("<dinner>\0")),
        (codes::SYNTAX, whole("<dinner id='a'")),
        (codes::END_TAG, whole("<dinner id='a'></title></dinner>")),
        (codes::TAG, inside("<dessert><dish kind=a/></dessert>")),
        (codes::DUPLICATE_ATTRIBUTE, inside("<starter><dish kind='a' kind='b'/></starter>")),
        (codes::REFERENCE, inside("<starter><dish>&nbsp;</dish></starter>")),
        (codes::OUTSIDE_ROOT, [inside(""), b"<dish/>".to_vec()].concat()),
        (codes::NO_ROOT, whole(" ")),
        (codes::DECLARATION, b"<?xml encoding='latin1'?>".to_vec()),
        (codes::DOCTYPE, b"<dinner/>".to_vec()),
        (
            codes::SUBSET,
            b"<!DOCTYPE dinner SYSTEM 'dinner.dtd' [<!ENTITY a 'b'>]><dinner/>".to_vec(),
        ),
        (codes::UNKNOWN_ELEMENT, inside("<cheese/>")),
        (codes::NOT_ALLOWED, inside("<title/>")),
        (codes::INCOMPLETE, inside("<main/>")),
        (codes::TEXT_NOT_ALLOWED, inside("wine")),
        (codes::WRONG_ROOT, whole("<dish/>")),
        (codes::UNKNOWN_ATTRIBUTE, inside("<starter hot='yes'/>")),
        (codes::MISSING_ATTRIBUTE, whole("<dinner/>")),
        (codes::WRONG_VALUE, inside("<starter><dish kind=''/></starter>")),
        (codes::DUPLICATE_ID, inside("<starter><dish id='a'/></starter>")),
        (codes::UNKNOWN_ID, inside("<starter><dish like='b'/></starter>")),
    ]
}

/// The codes of DTDs, each with a declaration that provokes it.
fn dtd_provocations() -> Vec<(&'static str, String)> {
    let many = vec!["a"; crate::MAX_MODEL_POSITIONS + 1].join(",");
    vec![
        (codes::DTD_SYNTAX, "<!ELEMENT a ANY>".into()),
        (codes::DTD_DUPLICATE, "<!ELEMENT a EMPTY><!ELEMENT a EMPTY>".into()),
        (codes::DTD_AMBIGUOUS, "<!ELEMENT a ((a, a) | (a, b))><!ELEMENT b EMPTY>".into()),
        (codes::DTD_UNDECLARED, "<!ELEMENT a (b)>".into()),
        (codes::DTD_LIMIT, format!("<!ELEMENT a ({many})>")),
    ]
}

#[test]
fn every_code_is_provoked_by_a_sample() {
    let mut seen = BTreeSet::new();
    for (code, content) in provocations() {
        let (_, findings) = Document::recover("d.xml", content, &dtd());
        assert!(findings.iter().any(|it| it.code == code), "{code}: {}", lines(&findings));
        seen.insert(code);
    }
    for (code, text) in dtd_provocations() {
        let findings = Dtd::parse("a.dtd", &text).expect_err("the DTD is faulty");
        assert!(findings.iter().any(|it| it.code == code), "{code}: {}", lines(&findings));
        seen.insert(code);
    }
    let all: BTreeSet<&str> = codes::ALL.iter().map(|(code, _)| *code).collect();
    assert_eq!(seen, all);
}

#[test]
fn a_faulty_dtd_is_refused_with_the_place_of_each_fault() {
    let text = "<!ENTITY % e 'x'>\n<!ENTITY % e 'y'>\n<!ELEMENT a (b, %f;)>\n\
        <!ELEMENT b (#PCDATA | c)>\n<!ATTLIST q x ENTITY #IMPLIED>\n\
        <!ATTLIST a i ID #REQUIRED j ID #IMPLIED k (u | v) 'w'>\n<!NOTATION n SYSTEM 'n'>";
    let findings = Dtd::parse("a.dtd", text).expect_err("the DTD is faulty");
    let places: Vec<String> =
        findings.iter().map(|it| format!("{}:{} {}", it.line, it.column, it.code)).collect();
    let expected = [
        "2:1 CM0302",
        "3:17 CM0304",
        "3:20 CM0301",
        "4:26 CM0301",
        "5:15 CM0301",
        "6:52 CM0301",
        "7:1 CM0301",
    ];
    assert_eq!(places, expected, "{}", lines(&findings));
}

#[test]
fn entities_that_grow_without_end_are_refused() {
    let mut text = "<!ENTITY % e0 'aaaaaaaaaa'>".to_owned();
    for level in 1..20 {
        let before = format!("%e{};", level - 1).repeat(10);
        text += &format!("<!ENTITY % e{level} '{before}'>");
    }
    text += "<!ELEMENT a (%e19;)>";
    let findings = Dtd::parse("a.dtd", &text).expect_err("the DTD is hostile");
    assert!(findings.iter().any(|it| it.code == codes::DTD_LIMIT), "{}", lines(&findings));
}

#[test]
fn a_dtd_names_its_elements() {
    let dtd = Dtd::parse("dinner.dtd", DTD).expect("sound");
    let names: Vec<&str> = dtd.element_names().collect();
    assert_eq!(names, ["dessert", "dinner", "dish", "em", "main", "sauce", "starter", "title"]);
    assert_eq!(dtd.name(), "dinner.dtd");
}
