//! A sample for every code, and a page.

use super::{class, file, sound};
use crate::{Data, Model, codes};

/// Codes and files that provoke them; of a class, what to replace by what.
const CLASSES: &[(&str, &str, &str)] = &[
    (codes::DUPLICATE_NAME, "name=\"b\"", "name=\"k\""),
    (codes::DUPLICATE_ID, "id=\"b\"", "id=\"k\""),
    (codes::DUPLICATE_COLUMN, "column=\"B\"", "column=\"V\""),
    (codes::DUPLICATE_TABLE, "table=\"U\"", "table=\"T\""),
    (codes::DUPLICATE_STORED, "stored=\"2\"", "stored=\"1\""),
    (codes::NAME, "name=\"b\"", "name=\"b-b\""),
    (codes::UNKNOWN_CLASS, "class=\"A\" column", "class=\"AA\" column"),
    (codes::UNKNOWN_INVERSE, "inverse=\"r\"", "inverse=\"b\""),
    (codes::UNKNOWN_ENUM, "enum=\"e\"", "enum=\"f\""),
    (codes::UNKNOWN_KEY, "key=\"k\"", "key=\"b\""),
    (codes::KEY_COLUMNS, "column=\"R\"/>", "><column name=\"R\"/><column name=\"S\"/></to-one>"),
    (codes::REVISION, "revision=\"V\"", "revision-of=\"x\""),
    (codes::CHANGED_AT, "revision=\"V\"", "changed-at=\"k\""),
    (codes::TYPE, "of=\"p\"", "of=\"q\""),
    (codes::MEMBERS, "attributes=\"b\"", "attributes=\"s\""),
    (codes::UNMAPPED, "column=\"R\"", ""),
    (codes::DERIVED, "of=\"s\"", "of=\"r\""),
    (codes::KIND, "table=\"U\"", "table=\"U\" extends=\"A\""),
    (codes::EXTENSION, "of=\"A\"", "of=\"AA\""),
    (codes::ABSTRACT, "table=\"U\"", "table=\"U\" abstract=\"yes\""),
    (codes::UNFIT_OPTION, "enum=\"e\"", "enum=\"e\" length=\"1\""),
    (codes::SEARCH, "enum=\"e\"", "enum=\"e\" search-for=\"r\""),
    (codes::UNKNOWN_COUNTRY, "country=\"NL\"", "country=\"XX\""),
    (codes::UNKNOWN_ZONE, "zone=\"UTC\"", "zone=\"CEST\""),
    (codes::CONSTRAINT, "test=\"k gt 0\"", "test=\"r.k gt 0\""),
    (codes::RULE, "action=\"read\"", "action=\"raed\""),
];

const DATA: &[(&str, &str, &str)] = &[
    (codes::DATA_FILE, "B.csv", ""),
    (codes::DATA_COLUMN, "A.csv", "j\n"),
    (codes::DATA_VALUE, "A.csv", "k\nx\n"),
    (codes::DATA_KEY, "A.csv", "k\n1\n1\n"),
];

/// A sound file in which each of the replacements is a mistake.
fn whole() -> String {
    let list = "<enum name=\"e\"><value name=\"x\" stored=\"1\"/>\
                <value name=\"y\" stored=\"2\"/></enum>\
                <type name=\"p\" type=\"bool\"/>";
    let members = "<attribute id=\"b\" name=\"b\" column=\"B\" type=\"choice\" enum=\"e\"/>\
                   <attribute id=\"t\" name=\"t\" column=\"T\" type=\"instant\" zone=\"UTC\"/>\
                   <attribute id=\"o\" name=\"o\" column=\"O\" of=\"p\"/>\
                   <roll-up id=\"u\" name=\"u\" of=\"s\"/>\
                   <to-one id=\"r\" name=\"r\" class=\"A\" column=\"R\"/>\
                   <to-many id=\"s\" name=\"s\" class=\"A\" inverse=\"r\"/>\
                   <constraint id=\"n\" name=\"n\" test=\"k gt 0\">\
                   <message language=\"en\">No.</message></constraint>\
                   <index attributes=\"b\"/><rule action=\"read\"/>";
    let other = class("", "").replace("name=\"A\"", "name=\"C\"").replace("id=\"", "id=\"2");
    let other = other.replace("table=\"T\"", "table=\"U\"");
    let more = "<class-extension of=\"A\"/>";
    file(&[list, &class("", members), &other, more].concat())
}

fn codes_of(files: &[(&str, &str)]) -> Vec<&'static str> {
    let files = files.iter().map(|(name, text)| (*name, text.as_bytes()));
    let (_, findings) = Model::read(files);
    findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn every_code_is_provoked_by_a_sample() {
    assert_eq!(codes_of(&[("m.xml", &whole())]), [""; 0]);
    let mut provoked = Vec::new();
    for (code, from, to) in CLASSES {
        let found = codes_of(&[("m.xml", &whole().replace(from, to))]);
        assert!(found.contains(code), "{code}: {found:?}");
        provoked.push(*code);
    }
    let through = "<to-many id=\"m\" name=\"m\" class=\"Far\" inverse=\"a\" through=\"B\" \
                   onward=\"f\"/>";
    let ways = "<to-one id=\"1a\" name=\"a\" class=\"A\" column=\"A\"/>\
                <to-one id=\"1f\" name=\"f\" class=\"Far\" column=\"F\"/>";
    let between = class("", ways).replace("name=\"A\"", "name=\"B\"");
    let between = between.replace("id=\"c\"", "id=\"d\"").replace("id=\"k\"", "id=\"1k\"");
    let near = file(&[class("", through), between.replace("\"T\"", "\"U\"")].concat());
    let far = file(&class("", "").replace("name=\"A\"", "name=\"Far\"").replace("id=\"", "id=\"2"));
    let far = far.replace("database=\"d\"", "database=\"far\"");
    provoked.extend(codes_of(&[("near.xml", &near), ("far.xml", &far)]));
    let mapping = "<!DOCTYPE business-objects-mapping SYSTEM \"business-objects.dtd\">\
                   <business-objects-mapping><class-mapping of=\"AA\"/></business-objects-mapping>";
    provoked.extend(codes_of(&[("m.xml", &whole()), ("map.xml", mapping)]));
    let wrapped = class("", "").replace("id=\"c\"", "id=\"w\"");
    provoked.extend(codes_of(&[("w.xml", &file(&wrapped).replace("database=", "wrapper="))]));
    for (code, name, text) in DATA {
        let model = sound(&class("", ""));
        let findings = Data::read(&model, [(*name, text.as_bytes())]).err().unwrap_or_default();
        assert_eq!(findings.first().map(|finding| finding.code), Some(*code), "{name} {text}");
        provoked.push(*code);
    }
    provoked.sort_unstable();
    provoked.dedup();
    let all: Vec<&str> = codes::ALL.iter().map(|(code, _)| *code).collect();
    assert_eq!(provoked, all);
}

#[test]
fn every_code_has_a_page_with_its_meaning() {
    let pages = include_str!("../../../../docs/errors/business-objects.md");
    let headings = pages.lines().filter_map(|line| line.strip_prefix("## "));
    let meanings = codes::ALL
        .iter()
        .map(|(code, meaning)| format!("{code} {}", meaning.strip_suffix('.').unwrap_or(meaning)));
    assert_eq!(headings.collect::<Vec<_>>(), meanings.collect::<Vec<_>>());
}
