//! Scripts with what companies put on them.

use super::*;

const BASE: &str = "<!DOCTYPE script SYSTEM \"dialogue-script.dtd\">\n\
<script id='s' version='1.0' language='en' channels='agent' start='a'><title>Theirs</title>\
<input name='customer' class='Customer'/><computed name='is_known' value='has(customer)'/>\
<section><title>First</title>\
<ask id='a' type='yes-no'><say>Is it urgent?</say><next when='a' to='soon'/><next to='b'/></ask>\
</section>\
<info id='soon'><say>Soon.</say><next to='b'/></info>\
<ask id='b' type='text' max='20'><say>What is it?</say><next to='end'/></ask>\
<end id='end' outcome='done'/>\
<test name='urgent'><answer step='a' value='true'/><at step='soon'/></test>\
<test name='not urgent'><answer step='a' value='false'/><at step='b'/></test></script>";

const OWN: &str = "<title>Ours</title>\
<ask id='a' type='yes-no'><say>Is somebody in danger?</say><next when='a' to='call'/>\
<next to='b'/></ask><info id='call'><say>Call 112.</say><next to='b'/></info>\
<without step='soon'/><without name='is_known'/>\
<test name='urgent'><answer step='a' value='true'/>\
<at step='call'><say>Call 112.</say></at></test>";

fn overlay(file: &str, attributes: &str, body: &str) -> Document {
    let text = format!(
        "<!DOCTYPE overlay SYSTEM \"dialogue-script.dtd\">\n\
         <overlay script='s' {attributes}>{body}</overlay>"
    );
    Document::read_part(file, text, dtd()).unwrap_or_else(|it| panic!("{}", lines(&it)))
}

fn base() -> Document {
    Document::read("s.xml", BASE, dtd()).expect("it is valid")
}

fn found(overlays: &[Document]) -> String {
    let (_, findings) = overlaid(&base(), overlays);
    lines(&findings)
}

#[test]
fn steps_are_put_in_the_place_of_others_added_and_taken_out() {
    let own = overlay("own.xml", "of='1.0' version='1.0-own'", OWN);
    let (document, findings) = overlaid(&base(), [&own]);
    assert!(findings.is_empty(), "{}", lines(&findings));
    let script = compile(&document, &scope()).unwrap_or_else(|it| panic!("{}", lines(&it)));
    assert_eq!((script.version.as_str(), script.title().as_str()), ("1.0-own", "Ours"));
    let run = script.run_tests();
    let failures: Vec<_> = run.tests.iter().flat_map(|it| &it.failures).collect();
    assert!(failures.is_empty(), "{failures:?}");
    assert_eq!(run.tests.len(), 2, "one of theirs, and ours in the place of the other");
    let mut session = Session::start(&script, Channel::Agent, true);
    assert_eq!(session.view().section, "First", "it stands where the other stood");
    session.answers(&[("a", "true"), ("call", ""), ("b", "gas")]);
    assert!(matches!(session.view().shown, Shown::End { .. }));
    let theirs = compile(&base(), &scope()).expect("it is sound");
    assert_ne!(theirs.reference().digest, script.reference().digest);
}

#[test]
fn an_overlay_is_put_on_the_version_for_which_it_was_written() {
    let first = overlay("a.xml", "of='1.0' version='1.0-own'", OWN);
    let body = "<info id='call'><say>Call us.</say><next to='b'/></info><without test='urgent'/>";
    let second = overlay("b.xml", "of='1.0-own' version='1.0-branch'", body);
    for overlays in [[&first, &second], [&second, &first]] {
        let (document, findings) = overlaid(&base(), overlays);
        assert!(findings.is_empty(), "{}", lines(&findings));
        let script = compile(&document, &scope()).expect("it is sound");
        assert_eq!(script.version.as_str(), "1.0-branch");
        let mut session = Session::start(&script, Channel::Agent, true);
        session.answers(&[("a", "true")]);
        assert_eq!(session.view().prompts[0].text, "Call us.");
    }
    let late = overlay("late.xml", "of='0.9' version='0.9-own'", "");
    let late = found(std::slice::from_ref(&late));
    assert_eq!(
        late,
        "CG0412 late.xml:2:25: there is no version 0.9: the script is 1.0\n    \
         look at what has changed in the script, then name its version"
    );
    let again = found(&[first, overlay("c.xml", "of='1.0' version='1.0-c'", "")]);
    assert_eq!(
        again,
        "CG0412 c.xml:2:25: two overlays are written for version 1.0\n    \
         write one of them for the version of a.xml"
    );
}

#[test]
fn what_does_not_fit_is_found_where_it_stands() {
    let with = |body: &str| found(&[overlay("o.xml", "of='1.0' version='2'", body)]);
    assert_eq!(
        with("<without step='son'/>"),
        "CG0412 o.xml:2:57: the script has no step `son`\n    did you mean `soon`?"
    );
    assert!(with("<without test='urgnt'/>").contains("did you mean `urgent`?"));
    assert!(with("<without name='customr'/>").contains("did you mean `customer`?"));
    assert!(with("<without/>").contains("one thing is taken out"));
    assert!(with("<without step='b' test='urgent'/>").contains("one thing is taken out"));
    // what leads to it still stands in the script
    let dangling = with("<without step='soon'/>");
    assert!(dangling.starts_with("CM") && dangling.contains("s.xml:2:280: "), "{dangling}");
    let twice =
        with("<section><title>T</title><info id='b'><say>.</say><next to='end'/></info></section>");
    assert!(twice.contains("the id `b` is used twice"), "{twice}");
    let same = found(&[overlay("o.xml", "of='1.0' version='1.0'", "")]);
    assert!(same.contains("what comes of the overlay is another version"), "{same}");
    let alone = compile(&overlay("o.xml", "of='1.0' version='2'", ""), &scope());
    assert!(alone.is_err_and(|it| it[0].message == "this is no script, but a part of one"));
}
