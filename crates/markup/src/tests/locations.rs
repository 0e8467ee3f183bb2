use super::{dtd, read};
use crate::{Document, Node};

#[test]
fn a_byte_of_a_value_is_found_again_in_the_file_after_references_and_tabs() {
    let body = "<dinner id='a'><title>ü &lt; T</title><starter>\
        <dish\n price='a &lt; b &amp;&amp;\tc&#233;&#xe9; end'/></starter></dinner>";
    let document = read(body).expect("the sample is valid");
    let dish = document.root.child("starter").and_then(|it| it.child("dish")).expect("a dish");
    let price = dish.attribute("price").expect("its price");
    assert_eq!(price.value, "a < b && céé end");
    assert_eq!(price.location.to_string(), "d.xml:3:9");
    let column = |part: &str| {
        let place = price.location_at(price.value.find(part).expect("a part"));
        assert_eq!(place.line, 3);
        place.column
    };
    assert_eq!((column("<"), column("b"), column("&&"), column("c")), (11, 16, 18, 29));
    assert_eq!(column("end"), 43);
    assert_eq!(price.location_at(usize::MAX).column, 46);

    let title = document.root.child("title").expect("a title");
    let [Node::Text(text)] = title.children.as_slice() else { panic!("one text") };
    assert_eq!(text.location_at(text.value.find('T').expect("a T")).to_string(), "d.xml:2:30");
    assert_eq!(text.finding_at(0, "CM0208", "odd").to_string(), "d.xml:2:23: odd");
}

#[test]
fn line_ends_of_every_system_become_newlines_and_keep_their_lines() {
    let text = "<?xml version='1.0'?>\r\n<!DOCTYPE dinner SYSTEM 'dinner.dtd'>\r\n<dinner id='a'>\
        <title>one\r\ntwo</title>\r\n<main><dish/></main></dinner>";
    let document = Document::read("d.xml", text, &dtd()).expect("the sample is valid");
    let title = document.root.child("title").expect("a title");
    let [Node::Text(text)] = title.children.as_slice() else { panic!("one text") };
    assert_eq!(text.value, "one\ntwo");
    assert_eq!(text.location_at(4).to_string(), "d.xml:4:1");
    assert_eq!(document.root.child("main").expect("main").location.to_string(), "d.xml:5:1");
}

#[test]
fn defaults_stand_at_their_element_and_types_are_normalized() {
    let body = "<dinner id=' a ' guests=' anna\n\tbram '><title> A\n  b </title><main><dish>\
        <![CDATA[<x>]]> &amp; y</dish></main></dinner>";
    let document = read(body).expect("the sample is valid");
    let root = &document.root;
    assert_eq!(root.value("style"), Some("garden"));
    assert_eq!(root.value("version"), Some("1"));
    assert_eq!(root.value("id"), Some("a"));
    assert_eq!(root.value("guests"), Some("anna bram"));
    let style = root.attribute("style").expect("a default");
    assert_eq!(style.location_at(3), root.location);
    let guests = root.attribute("guests").expect("guests");
    assert_eq!(guests.location_at(5).to_string(), "d.xml:3:2");
    assert_eq!(root.child("title").expect("a title").text(), "A b");
    let dish = root.child("main").and_then(|it| it.child("dish")).expect("a dish");
    assert_eq!(dish.text(), "<x> & y");
}

#[test]
fn a_byte_order_mark_is_no_column() {
    let text = "\u{feff}<!DOCTYPE dinner SYSTEM 'dinner.dtd'><diner id='a'/>";
    let findings = Document::read("d.xml", text, &dtd()).expect_err("an unknown element");
    assert!(findings.iter().all(|it| (it.line, it.column) == (1, 38)), "{findings:?}");
}
