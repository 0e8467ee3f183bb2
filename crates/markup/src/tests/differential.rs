//! The same verdicts as libxml2's validator. Each sample has the verdict recorded that
//! `xmllint --valid` gave; where xmllint is installed its verdict is asked for again, so that
//! the record is kept honest. Where it is absent only the record is compared.

use std::process::{Command, Stdio};

use crate::{Document, Dtd};

/// What xmllint says of a sample, and whether this reader agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Valid,
    Invalid,
    /// xmllint accepts what XML 1.0 or our own rules refuse.
    ValidButRefused,
}
use Verdict::{Invalid, Valid, ValidButRefused};

/// The declarations of `r` and of whatever else a sample needs, the document, the verdict.
const SAMPLES: &[(&str, &str, Verdict)] = &[
    // content models, among them those that greedy matchers get wrong
    ("<!ELEMENT r (a?|b)>", "<r/>", Valid),
    ("<!ELEMENT r (a?|b)>", "<r><b/></r>", Valid),
    ("<!ELEMENT r (a?|b)>", "<r><a/><b/></r>", Invalid),
    ("<!ELEMENT r (a?)+>", "<r><a/><a/></r>", Valid),
    ("<!ELEMENT r (a?)+>", "<r/>", Valid),
    ("<!ELEMENT r ((a*|b*),c)>", "<r><b/><b/><c/></r>", Valid),
    ("<!ELEMENT r ((a*|b*),c)>", "<r><a/><b/><c/></r>", Invalid),
    ("<!ELEMENT r (a,b?,c*)>", "<r><a/><c/><c/></r>", Valid),
    ("<!ELEMENT r (a,b?,c*)>", "<r><b/></r>", Invalid),
    ("<!ELEMENT r (a,b?,c*)>", "<r/>", Invalid),
    ("<!ELEMENT r ((a,b)+|c)>", "<r><a/><b/><a/><b/></r>", Valid),
    ("<!ELEMENT r ((a,b)+|c)>", "<r><a/><b/><a/></r>", Invalid),
    ("<!ELEMENT r (a|b|c)*>", "<r><c/><a/><a/></r>", Valid),
    ("<!ELEMENT r (a)>", "<r><b/></r>", Invalid),
    ("<!ELEMENT r (a)>", "<r><x/></r>", Invalid),
    ("<!ELEMENT r (a)>", "<r> <a/> <!-- c --> <?p i?></r>", Valid),
    ("<!ELEMENT r (a)>", "<r>text<a/></r>", Invalid),
    ("<!ELEMENT r (a)>", "<r><![CDATA[ ]]><a/></r>", Invalid),
    ("<!ELEMENT r (a)>", "<r>&#32;<a/></r>", ValidButRefused),
    ("<!ELEMENT r EMPTY>", "<r></r>", Valid),
    ("<!ELEMENT r EMPTY>", "<r> </r>", Invalid),
    ("<!ELEMENT r EMPTY>", "<r><!-- c --></r>", Invalid),
    ("<!ELEMENT r (#PCDATA)>", "<r>a &lt; b &#233;</r>", Valid),
    ("<!ELEMENT r (#PCDATA)>", "<r><a/></r>", Invalid),
    ("<!ELEMENT r (#PCDATA|a|b)*>", "<r>x<b/>y<a/></r>", Valid),
    ("<!ELEMENT r (#PCDATA|a|b)*>", "<r><c/></r>", Invalid),
    ("<!ENTITY % m 'a|b'><!ELEMENT r (%m;)*>", "<r><a/><b/></r>", Valid),
    ("<!ENTITY % m 'a|b'><!ELEMENT r (%m;)*>", "<r><c/></r>", Invalid),
    ("<!ENTITY % m '<!ELEMENT r (a)>'> %m;", "<r><a/></r>", Valid),
    // attributes
    ("<!ELEMENT r (a)>", "<r x='1'><a/></r>", Invalid),
    ("<!ELEMENT r EMPTY><!ATTLIST r x CDATA #REQUIRED>", "<r/>", Invalid),
    ("<!ELEMENT r EMPTY><!ATTLIST r x CDATA #REQUIRED>", "<r x=''/>", Valid),
    ("<!ELEMENT r EMPTY><!ATTLIST r x CDATA #FIXED '1'>", "<r x='2'/>", Invalid),
    ("<!ELEMENT r EMPTY><!ATTLIST r x CDATA #FIXED '1'>", "<r/>", Valid),
    ("<!ELEMENT r EMPTY><!ATTLIST r x (a|b) 'a'>", "<r x='c'/>", Invalid),
    ("<!ELEMENT r EMPTY><!ATTLIST r x (a|b) 'a'>", "<r x=' b '/>", Valid),
    ("<!ELEMENT r EMPTY><!ATTLIST r x NMTOKEN #IMPLIED>", "<r x='1-a.b'/>", Valid),
    ("<!ELEMENT r EMPTY><!ATTLIST r x NMTOKEN #IMPLIED>", "<r x='a b'/>", Invalid),
    ("<!ELEMENT r EMPTY><!ATTLIST r x NMTOKENS #IMPLIED>", "<r x=' a  b '/>", Valid),
    ("<!ELEMENT r EMPTY><!ATTLIST r x NMTOKENS #IMPLIED>", "<r x=''/>", Invalid),
    ("<!ELEMENT r (i*)>", "<r><i n='a'/><i n='b' to='a'/></r>", Valid),
    ("<!ELEMENT r (i*)>", "<r><i n='b' to='a'/><i n='a'/></r>", Valid),
    ("<!ELEMENT r (i*)>", "<r><i n='a'/><i n='a'/></r>", Invalid),
    ("<!ELEMENT r (i*)>", "<r><i to='a'/></r>", Invalid),
    ("<!ELEMENT r (i*)>", "<r><i n='1a'/></r>", Invalid),
    ("<!ELEMENT r (i*)>", "<r><i n='a' to=''/></r>", Invalid),
    // well-formedness
    ("<!ELEMENT r (a)>", "<r><a></r></a>", Invalid),
    ("<!ELEMENT r (a)>", "<r><a/>", Invalid),
    ("<!ELEMENT r (a)>", "<r><a/></r><r/>", Invalid),
    ("<!ELEMENT r (a)>", "<r><a/></r>x", Invalid),
    ("<!ELEMENT r (#PCDATA)>", "<r>a & b</r>", Invalid),
    ("<!ELEMENT r (#PCDATA)>", "<r>&nbsp;</r>", Invalid),
    ("<!ELEMENT r (#PCDATA)>", "<r>]]></r>", Invalid),
    ("<!ELEMENT r (#PCDATA)>", "<r>&#0;</r>", Invalid),
    ("<!ELEMENT r (#PCDATA)>", "<r><!-- a -- b --></r>", Invalid),
    ("<!ELEMENT r EMPTY><!ATTLIST r x CDATA #IMPLIED>", "<r x='<'/>", Invalid),
    ("<!ELEMENT r EMPTY><!ATTLIST r x CDATA #IMPLIED>", "<r x='1' x='2'/>", Invalid),
    ("<!ELEMENT r EMPTY><!ATTLIST r x CDATA #IMPLIED>", "<r x=1/>", Invalid),
    ("<!ELEMENT r EMPTY><!ATTLIST r x CDATA #IMPLIED>", "<r\tx = \"&quot;'\"\n/>", Valid),
    ("<!ELEMENT r (a)>", "<a/>", Invalid),
];

/// What every sample may use beside its own declarations.
const SHARED: &str = "<!ELEMENT a EMPTY><!ELEMENT b EMPTY><!ELEMENT c EMPTY><!ELEMENT i EMPTY>\
    <!ATTLIST i n ID #IMPLIED to IDREF #IMPLIED>";

#[test]
fn verdicts_agree_with_xmllint() {
    let has_xmllint = xmllint(&["--version"]).is_some();
    let directory = tempfile::tempdir().expect("a folder for the samples");
    let mut disagreements = Vec::new();
    for (number, (declarations, body, verdict)) in SAMPLES.iter().enumerate() {
        let dtd_text = format!("{declarations}{SHARED}");
        let text = format!("<!DOCTYPE r SYSTEM \"r{number}.dtd\">\n{body}");
        let ours = Dtd::parse(&format!("r{number}.dtd"), &dtd_text)
            .and_then(|dtd| Document::read("r.xml", &text, &dtd))
            .is_ok();
        if ours != (*verdict == Valid) {
            disagreements
                .push(format!("ours: {ours}, recorded {verdict:?}: {declarations} {body}"));
        }
        if has_xmllint {
            let path = |name: String| directory.path().join(name);
            std::fs::write(path(format!("r{number}.dtd")), &dtd_text).expect("a sample's DTD");
            std::fs::write(path(format!("r{number}.xml")), &text).expect("a sample");
            let file = path(format!("r{number}.xml")).display().to_string();
            let theirs = xmllint(&["--noout", "--nonet", "--valid", &file]) == Some(true);
            if theirs != (*verdict != Invalid) {
                disagreements
                    .push(format!("xmllint: {theirs}, {verdict:?}: {declarations} {body}"));
            }
        }
    }
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
}

/// Whether xmllint succeeded; `None` if it is not installed.
fn xmllint(arguments: &[&str]) -> Option<bool> {
    let mut command = Command::new("xmllint");
    let command = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().ok().map(|status| status.success())
}
