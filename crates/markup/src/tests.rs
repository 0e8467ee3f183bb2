mod differential;
mod findings;
mod locations;
mod robustness;

use crate::{Document, Dtd, Finding};

/// A small DTD that has one of everything.
const DTD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- a dinner -->
<!ENTITY % course "starter | main">
<!ENTITY % inline "em | dish">
<!ELEMENT dinner (title, (%course;)+, dessert?)>
<!ATTLIST dinner
    id      ID                    #REQUIRED
    guests  NMTOKENS              #IMPLIED
    style   (formal | garden)     'garden'
    version CDATA                 #FIXED "1">
<!ELEMENT title (#PCDATA)>
<!ELEMENT starter (dish*)>
<!ELEMENT main (dish, sauce?)>
<!ELEMENT dish (#PCDATA | %inline;)*>
<!ATTLIST dish id ID #IMPLIED like IDREF #IMPLIED price CDATA #IMPLIED kind NMTOKEN #IMPLIED>
<!ELEMENT em (#PCDATA)>
<!ELEMENT sauce EMPTY>
<!ELEMENT dessert (em?, (dish | sauce))>
"#;

const HEAD: &str = "<!DOCTYPE dinner SYSTEM \"../dtd/dinner.dtd\">\n";

fn dtd() -> Dtd {
    Dtd::parse("dinner.dtd", DTD).expect("the DTD of the tests is sound")
}

/// Reads `body` with the right declaration before it: its first line is line 2.
fn read(body: &str) -> Result<Document, Vec<Finding>> {
    Document::read("d.xml", format!("{HEAD}{body}"), &dtd())
}

/// All findings with their hints, one text.
fn complaints(content: impl AsRef<[u8]>) -> String {
    let (_, findings) = Document::recover("d.xml", content, &dtd());
    lines(&findings)
}

fn lines(findings: &[Finding]) -> String {
    let lines: Vec<String> = findings.iter().map(|it| format!("{} {it}", it.code)).collect();
    lines.join("\n")
}

#[test]
fn ids_of_parts_are_checked_in_what_came_of_them() {
    let part = "<dinner id='a'><title>T</title><main><dish like='b'>x</dish></main></dinner>";
    let text = format!("{HEAD}{part}");
    assert!(Document::read("d.xml", &text, &dtd()).is_err());
    let mut document = Document::read_part("d.xml", &text, &dtd()).expect("`b` is elsewhere");
    let found = lines(&document.check_ids(&dtd()));
    assert_eq!(
        found,
        "CM0210 d.xml:2:50: nothing in the file has the id `b`\n    did you mean `a`?"
    );
    let other = document.root.children[0].clone();
    document.root.children.push(other);
    document.root.children.extend(document.root.children.clone());
    assert!(lines(&document.check_ids(&dtd())).matches("has the id `b`").count() == 2);
    let twice =
        format!("{HEAD}<dinner id='a'><title>T</title><main><dish id='a'/></main></dinner>");
    let twice = Document::read_part("d.xml", twice, &dtd()).expect_err("in one part as well");
    assert!(lines(&twice).contains("the id `a` is used twice"));
}
