//! Code and pages belong together: the checkout is searched for codes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::*;

/// Letters and digits of a code.
const LENGTH: usize = 6;

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All files below a folder with one of these endings, without tests and what belongs to pages.
fn sources(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        let name = path.file_name().expect("an entry has a name").to_string_lossy().into_owned();
        let is_skipped = matches!(
            name.trim_end_matches(".rs"),
            "tests" | "explain" | "target" | "node_modules" | "dist"
        );
        if is_skipped {
            continue;
        }
        if path.is_dir() {
            sources(&path, endings, found);
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
}

fn codes_in(text: &str) -> BTreeSet<String> {
    let bytes = text.as_bytes();
    let is_word = |at: Option<&u8>| at.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let is_code = |start: usize, word: &[u8]| {
        word[0] == b'C'
            && word[1].is_ascii_uppercase()
            && word[2..].iter().all(u8::is_ascii_digit)
            && !is_word(start.checked_sub(1).and_then(|before| bytes.get(before)))
            && !is_word(bytes.get(start + LENGTH))
    };
    let words = bytes.windows(LENGTH).enumerate().filter(|(start, word)| is_code(*start, word));
    words.map(|(_, word)| String::from_utf8_lossy(word).into_owned()).collect()
}

fn codes_of_the_product() -> BTreeSet<String> {
    let mut files = Vec::new();
    for folder in ["crates", "proto"] {
        sources(&checkout().join(folder), &[".rs", ".proto"], &mut files);
    }
    let text = |path: &PathBuf| fs::read_to_string(path).expect("a source is text");
    files.iter().flat_map(|path| codes_in(&text(path))).collect()
}

/// Code and meaning of every line of a `codes.rs`.
fn meanings() -> BTreeMap<String, String> {
    let mut files = Vec::new();
    sources(&checkout().join("crates"), &["codes.rs"], &mut files);
    let mut meanings = BTreeMap::new();
    for file in files {
        let text = fs::read_to_string(file).expect("a source is text");
        for entry in text.split(" = \"").skip(1) {
            let Some((code, rest)) = entry.split_once("\": \"") else { continue };
            let Some((meaning, _)) = rest.split_once("\";") else { continue };
            let words: Vec<_> = meaning.split_whitespace().filter(|word| *word != "\\").collect();
            let meaning = words.join(" ").trim_end_matches('.').to_owned();
            assert_eq!(meanings.insert(code.to_owned(), meaning), None, "{code} means two things");
        }
    }
    meanings
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let explained: BTreeSet<_> = all_pages().map(|page| page.code.to_owned()).collect();
    let codes = codes_of_the_product();
    assert!(codes.len() > 100, "the sources are found");
    let missing: Vec<_> = codes.difference(&explained).collect();
    assert!(missing.is_empty(), "codes without a section in docs/errors: {missing:?}");
    let left: Vec<_> = explained.difference(&codes).collect();
    assert!(left.is_empty(), "sections in docs/errors of codes that nothing says: {left:?}");
}

#[test]
fn no_code_has_two_pages_and_an_area_has_its_letters_to_itself() {
    let mut seen = BTreeSet::new();
    let mut letters = BTreeSet::new();
    for area in AREAS {
        let codes: Vec<_> = pages(area).map(|page| page.code).collect();
        assert!(codes.is_sorted(), "{}: in order", title(area));
        assert!(codes.iter().all(|code| seen.insert(*code)), "{}: no page twice", title(area));
        let own: BTreeSet<_> = codes.iter().map(|code| &code[..2]).collect();
        assert_eq!(own.len(), 1, "{}: {own:?}", title(area));
        assert!(own.into_iter().all(|own| letters.insert(own)), "{}: letters", title(area));
    }
}

#[test]
fn every_page_says_what_happened_why_and_what_to_do() {
    for page in all_pages() {
        let paragraphs: Vec<_> = page.text.split("\n\n").collect();
        let starts = |word: &str| paragraphs.iter().position(|it| it.starts_with(word));
        let (why, what) = (starts("Why: "), starts("What to do: "));
        assert!(why.is_some_and(|why| why > 0) && what > why, "{}", page.code);
        assert!(!page.title.ends_with('.'), "{}: a title is no sentence", page.code);
    }
}

#[test]
fn a_title_is_the_meaning_that_stands_in_the_code() {
    let meanings = meanings();
    let pages = all_pages().filter(|page| meanings.contains_key(page.code));
    let titles: BTreeMap<_, _> =
        pages.map(|page| (page.code.to_owned(), page.title.to_owned())).collect();
    assert!(meanings.len() > 80, "the tables are found");
    assert_eq!(titles, meanings);
}

#[test]
fn every_file_of_pages_is_compiled_in() {
    let mut files = Vec::new();
    sources(&checkout().join("docs/errors"), &[".md"], &mut files);
    files.retain(|path| !path.ends_with("README.md"));
    let text = |path: PathBuf| fs::read_to_string(path).expect("a page is text");
    let files: BTreeSet<_> = files.into_iter().map(text).collect();
    let areas: BTreeSet<_> = AREAS.iter().map(|area| (*area).to_owned()).collect();
    assert_eq!(files, areas);
}

#[test]
fn a_page_as_it_is_printed() {
    let page = all_pages().find(|page| page.code == "CM0209").expect("it has a page");
    insta::assert_snapshot!(shown(page, Format::Text), @r"
    CM0209: Two elements of the file have the same id

    An id is given twice in one file, so nobody can say which element is meant by it.

    Why: a step or queue was copied and its id was not changed.

    What to do: give one of them another id, and see whether a `next` or `fallback` should follow.
    ");
    let document: serde_json::Value =
        serde_json::from_str(&shown(page, Format::Json)).expect("it is JSON");
    assert_eq!(document["code"], "CM0209");
    assert_eq!(document["title"], page.title);
    assert_eq!(document["text"], page.text);
}

#[test]
fn the_list_has_every_code_under_its_area() {
    let text = list(Format::Text);
    assert!(text.starts_with("XML files and their DTDs\n  CM0001  The file is not UTF-8 text"));
    assert!(all_pages().all(|page| text.contains(&format!("\n  {}  {}\n", page.code, page.title))));
    let document: serde_json::Value =
        serde_json::from_str(&list(Format::Json)).expect("it is JSON");
    let codes = document["codes"].as_array().expect("a list");
    assert_eq!(codes.len(), all_pages().count());
}

#[test]
fn an_unknown_code_is_an_error_that_names_those_near_to_it() {
    assert_eq!(near("CM201")[0], "CM0201");
    assert_eq!(near("CL0109"), ["CL0101", "CL0102", "CL0103"]);
    assert_eq!(hint("SOUP"), "; `caruso explain` lists all");
    let options = Options { code: Some("cl0109".to_owned()) };
    let error = explain(&options, Format::Text).expect_err("there is none");
    let expected = "there is no code `cl0109`; near to it: CL0101, CL0102, CL0103";
    assert_eq!(error.to_string(), expected);
}
