//! No input makes the reader panic.

use proptest::prelude::*;

use super::{DTD, HEAD, dtd};
use crate::{Document, Dtd};

const SAMPLE: &str = r#"<dinner id="a" guests="anna bram" style="formal"><!-- wine -->
<title>A &lt; b &amp; ü</title><starter><dish id="soup" price="1 &lt; 2">Soup <em>hot</em>
<![CDATA[<raw>]]></dish></starter><main><dish like="soup"/><sauce/></main>
<?note x?><dessert><dish kind="k">&#233;</dish></dessert></dinner>"#;

/// Pieces that mutations put in: markup, half markup, and odd characters.
const PIECES: &[&str] = &[
    "<",
    ">",
    "</",
    "/>",
    "&",
    ";",
    "&lt;",
    "&#0;",
    "&#xD800;",
    "&x;",
    "\"",
    "'",
    "=",
    " ",
    "\r",
    "\u{feff}",
    "\u{0}",
    "ü",
    "<!--",
    "-->",
    "--",
    "<![CDATA[",
    "]]>",
    "<?",
    "?>",
    "<?xml ?>",
    "<!DOCTYPE",
    "[",
    "]",
    "<dish>",
    "</dish>",
    "<dinner id='a'>",
    "<x y='z'>",
    "id='a'",
    "%e;",
    "<!ELEMENT a (b|c)*>",
    "<!ATTLIST a b CDATA #IMPLIED>",
    "(",
    ")",
    "|",
    ",",
    "#PCDATA",
    "*",
];

/// Cuts, doubles and inserts at characters of `text`; every number is some place in it.
fn mutate(text: &str, edits: &[(usize, usize, usize)]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for (kind, at, what) in edits {
        let at = at % (chars.len() + 1);
        let piece = PIECES[what % PIECES.len()];
        match kind % 3 {
            0 => drop(chars.splice(at..at, piece.chars())),
            1 => drop(chars.drain(at..chars.len().min(at + what % 9))),
            _ => {
                let end = chars.len().min(at + what % 40);
                let copy = chars[at..end].to_vec();
                chars.splice(at..at, copy);
            }
        }
    }
    chars.into_iter().collect()
}

fn edits() -> impl Strategy<Value = Vec<(usize, usize, usize)>> {
    prop::collection::vec((0..3_usize, any::<usize>(), any::<usize>()), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_mutated_document_is_read_or_complained_about(edits in edits()) {
        let text = mutate(&format!("{HEAD}{SAMPLE}"), &edits);
        let (document, findings) = Document::recover("d.xml", &text, &dtd());
        prop_assert!(document.is_some() || !findings.is_empty());
        let lines = u32::try_from(text.matches('\n').count()).expect("a short text") + 1;
        for finding in &findings {
            prop_assert!(finding.line <= lines && finding.column >= 1);
        }
        prop_assert!(findings.is_sorted());
    }

    #[test]
    fn a_mutated_dtd_is_parsed_or_complained_about(edits in edits()) {
        let text = mutate(DTD, &edits);
        if let Err(findings) = Dtd::parse("d.dtd", &text) {
            prop_assert!(!findings.is_empty());
        }
    }

    #[test]
    fn any_bytes_are_read_or_complained_about(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let result = Document::read("d.xml", &bytes, &dtd());
        prop_assert!(result.is_err());
    }
}

#[test]
fn the_sample_without_mutation_is_valid() {
    assert!(Document::read("d.xml", format!("{HEAD}{SAMPLE}"), &dtd()).is_ok());
}
