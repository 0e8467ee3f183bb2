//! Documents that somebody wrote to do harm: each is refused, with words, and none of the words
//! grow without bound.

use super::*;

const HEAD: &str = "<!DOCTYPE script SYSTEM \"dialogue-script.dtd\">\n";
const OPEN: &str = "<script id=\"s\" version=\"1\" language=\"en\" channels=\"agent\" \
    start=\"a\"><title>T</title>";
const END: &str = "<end id=\"a\" outcome=\"x\"/></script>";

/// Longest words of a finding, in characters.
const MOST_WORDS: usize = 2_000;

fn whole(body: &str) -> Vec<u8> {
    format!("{HEAD}{OPEN}{body}</script>").into_bytes()
}

/// A first question whose expression is this.
fn condition(expression: &str) -> Vec<u8> {
    let expression = expression.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    whole(&format!(
        "<ask id='a' type='integer'><say>?</say><next when=\"{expression}\" to='b'/>\
         <next to='b'/></ask><end id='b' outcome='x'/>"
    ))
}

fn text(text: &str) -> Vec<u8> {
    whole(&format!("<end id='a' outcome='x'><say>{text}</say></end>"))
}

fn doctype(doctype: &str) -> Vec<u8> {
    format!("{doctype}\n{OPEN}{END}").into_bytes()
}

/// Bytes that are no document at all, or no XML.
fn broken() -> Vec<(&'static str, Vec<u8>)> {
    let body = format!("{HEAD}{OPEN}{END}");
    let nested = format!("{HEAD}{}", "<script>".repeat(100_000));
    let cut = body.as_bytes()[..body.len() - 4].to_vec();
    let utf16: Vec<u8> = body.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        ("nothing", Vec::new()),
        ("blanks alone", vec![b' '; 4_096]),
        ("zeros", vec![0; 4_096]),
        ("a byte that is no UTF-8", [body.as_bytes(), &[0xff]].concat()),
        ("half a character", [body.as_bytes(), "ü".as_bytes().get(..1).unwrap_or(&[])].concat()),
        ("a surrogate in UTF-8", text("\u{0}").iter().copied().chain([0xed, 0xa0, 0x80]).collect()),
        ("UTF-16 without a word about it", utf16),
        ("a zero in a text", text("a\u{0}b")),
        ("a control character", text("a\u{1}b")),
        ("the end is cut off", cut),
        ("an element that is never closed", format!("{HEAD}{OPEN}<ask id='a'>").into_bytes()),
        ("closed in the wrong order", whole("<info id='a'><say>x</info></say>")),
        ("two roots", format!("{body}{OPEN}{END}").into_bytes()),
        ("text behind the root", format!("{body}more").into_bytes()),
        ("100,000 elements in each other", nested.into_bytes()),
        ("an attribute twice", whole("<end id='a' id='b' outcome='x'/>")),
        ("an attribute without quotes", whole("<end id=a outcome='x'/>")),
        ("< in an attribute", whole("<end id='a' outcome='<'/>")),
        ("a lone &", text("a & b")),
        ("]]> in a text", text("a ]]&gt; b ]]>")),
        ("a comment with --", text("<!-- a -- b -->")),
        ("CDATA without end", text("<![CDATA[ <say>")),
        ("a file of more than a MiB", text(&"a".repeat(1 << 20))),
        ("a name of 100,000 letters", whole(&format!("<{}/>", "a".repeat(100_000)))),
        ("1,000 attributes", whole(&format!("<end id='a' {}/>", attributes(1_000)))),
        ("20,000 unknown elements", whole(&"<x/>".repeat(20_000))),
    ]
}

fn attributes(count: usize) -> String {
    (0..count).map(|number| format!("a{number}='' ")).collect()
}

/// What XML has for harm: entities and subsets.
fn entities() -> Vec<(&'static str, Vec<u8>)> {
    let subset = |declarations: &str| {
        doctype(&format!("<!DOCTYPE script SYSTEM \"dialogue-script.dtd\" [{declarations}]>"))
    };
    let laughs: String = (1..10)
        .map(|at| format!("<!ENTITY l{at} \"{}\">", format!("&l{};", at - 1).repeat(10)))
        .collect();
    vec![
        ("an internal subset", subset("<!ELEMENT say ANY>")),
        ("a billion laughs", subset(&format!("<!ENTITY l0 \"ha\">{laughs}"))),
        ("an entity of itself", subset("<!ENTITY a \"&a;\">")),
        ("a file as an entity", subset("<!ENTITY a SYSTEM \"file:///etc/passwd\">")),
        ("an address as an entity", subset("<!ENTITY a SYSTEM \"http://127.0.0.1/\">")),
        ("a parameter entity", subset("<!ENTITY % a SYSTEM \"x\">%a;")),
        ("another DTD", doctype("<!DOCTYPE script SYSTEM \"other.dtd\">")),
        ("a DTD from the network", doctype("<!DOCTYPE script SYSTEM \"http://127.0.0.1/d.dtd\">")),
        ("a public DTD", doctype("<!DOCTYPE script PUBLIC \"-//X//Y\" \"dialogue-script.dtd\">")),
        ("no DTD", doctype("")),
        ("another root", doctype("<!DOCTYPE end SYSTEM \"dialogue-script.dtd\">")),
        ("an entity that nobody declared", text("&secret;")),
        ("a character that is none", text("&#xD800;")),
        ("a character beyond all", text("&#x110000;")),
        ("the character zero", text("&#0;")),
        ("a number without end", text(&format!("&#{};", "9".repeat(10_000)))),
        ("an instruction", whole("<?php system('rm -rf /') ?><end id='b' outcome='x'/>")),
    ]
}

/// Expressions.
fn expressions() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("40 KB of 1+1", condition(&format!("1{} gt 1", "+1".repeat(20_000)))),
        ("4,000 brackets", condition(&"(".repeat(4_000))),
        (
            "200 brackets that close",
            condition(&format!("{}a{} gt 1", "(".repeat(200), ")".repeat(200))),
        ),
        ("1,000 times not", condition(&format!("{}true", "not ".repeat(1_000)))),
        ("1,000 signs", condition(&format!("a gt {}1", "-".repeat(1_000)))),
        ("500 members", condition(&format!("a{} eq 1", ".x".repeat(500)))),
        ("a chain of ?", condition(&format!("{}true", "a gt 1 ? true : ".repeat(400)))),
        ("lists in lists", condition(&format!("{}{}", "[".repeat(500), "]".repeat(500)))),
        ("a number of 4,000 digits", condition(&format!("a eq {}", "9".repeat(4_000)))),
        ("a text that grows", condition(&format!("size({}) gt 1", "(a+a)".repeat(400)))),
        ("a name of 4,000 letters", condition(&format!("{} gt 1", "x".repeat(4_000)))),
        ("a text without end", condition("a eq \"x")),
        ("a text with every escape", condition("a eq '\\u{ffffffff}'")),
        ("a regular expression", condition("string(a).matches('(a*)*b')")),
        ("what reaches out", condition("system('ls') eq 1")),
        ("a month as seconds", condition("a gt duration('1mo')")),
        ("zero by zero", condition("1 / 0 gt 1")),
        ("all there is of all there is", condition(&all_of_all(12))),
    ]
}

fn all_of_all(depth: usize) -> String {
    let open: String = (0..depth).map(|at| format!("[1,2,3].all(x{at}, ")).collect();
    format!("{open}true{}", ")".repeat(depth))
}

/// Graphs of steps, and names for values.
fn graphs() -> Vec<(&'static str, Vec<u8>)> {
    let info = |from: usize, next: &str| format!("<info id='s{from}'><say>x</say>{next}</info>");
    let to = |to: usize| format!("<next to='s{to}'/>");
    let ring: String = (0..500).map(|at| info(at, &to((at + 1) % 500))).collect();
    let all: String = (0..60).map(to).collect();
    let dense: String = (0..60).map(|from| info(from, &all)).collect();
    let start = |steps: &str| whole(&steps.replace("'s0'", "'a'"));
    let doubling: String =
        (1..40).map(|at| format!("<computed name='c{at}' value='c{0} + c{0}'/>", at - 1)).collect();
    let last = "<end id='a' outcome='x'><say><v of='c39'/></say></end>";
    let rules = "<rule when='true'><set name='x' value='1'/></rule>".repeat(200);
    let orphans: String = (0..6_000).map(|at| format!("<end id='e{at}' outcome='x'/>")).collect();
    let itself = "<call id='a' script='s'><next to='b'/></call><end id='b' outcome='x'/>";
    let long = format!("<end id='a' outcome='x'/><end id='{}' outcome='x'/>", "b".repeat(10_000));
    vec![
        ("a ring of 500 steps", start(&ring)),
        ("every step leads to every step", start(&dense)),
        (
            "values that double 39 times",
            whole(&format!("<computed name='c0' value='1'/>{doubling}{last}")),
        ),
        ("a table of 200 rules", whole(&format!("<table name='t'>{rules}</table>{long}"))),
        ("6,000 steps that nobody reaches", whole(&format!("{long}{orphans}"))),
        ("a script that calls itself", whole(itself)),
        ("an id of 10,000 letters", whole(&long)),
    ]
}

/// Questions, languages and e-mails.
fn questions() -> Vec<(&'static str, Vec<u8>)> {
    let ask = |kind: &str, inner: &str| {
        let end = "<next to='b'/></ask><end id='b' outcome='x'/>";
        whole(&format!("<ask id='a' {kind}><say>?</say>{inner}{end}"))
    };
    let choices: String =
        (0..5_000).map(|at| format!("<choice value='c{at}'>x</choice>")).collect();
    let ends = "type='scale' min='-9223372036854775808' max='9223372036854775807'";
    let many = format!("language=\"en\" languages=\"{}\"", "xx ".repeat(1_000));
    let many = format!("{HEAD}{}{END}", OPEN.replace("language=\"en\"", &many));
    let email = "<do id='a'><email name='m' to='\"a@b.c\\r\\nBcc: d@e.f\"'><title>x</title>\
        <subject>x</subject></email><next to='b'/></do><end id='b' outcome='x'/>";
    vec![
        ("5,000 choices with one word", ask("type='choice' min='9'", &choices)),
        ("a number of any length", ask(&format!("type='digits' max='{}'", "9".repeat(400)), "")),
        ("a scale from one end to the other", ask(ends, "")),
        ("more decimals than there are", ask("type='decimal' decimals='4294967296'", "")),
        ("1,000 languages", many.into_bytes()),
        ("an e-mail that says nothing, to an address with a line break", whole(email)),
    ]
}

/// Pages.
fn pages() -> Vec<(&'static str, Vec<u8>)> {
    let asks = |count: usize| -> String {
        (0..count).map(|at| format!("<ask id='q{at}' type='text'><say>?</say></ask>")).collect()
    };
    let page = |inner: &str| {
        whole(&format!("<page id='a'>{inner}<next to='e'/></page><end id='e' outcome='x'/>"))
    };
    let items = |count: usize| -> String {
        (0..count).map(|at| format!("<item value='i{at}'>x</item>")).collect()
    };
    let matrix = |items: &str| {
        whole(&format!(
            "<matrix id='a' type='yes-no'><say>?</say>{items}<next to='e'/></matrix>\
             <end id='e' outcome='x'/>"
        ))
    };
    let inner = format!("<page id='b'>{}<next to='e'/></page>", asks(2));
    let itself = format!("<page id='a'>{}<next to='a'/></page><end id='e' outcome='x'/>", asks(2));
    let middle = format!("<page id='a'>{}<next to='q1'/></page><end id='e' outcome='x'/>", asks(3));
    vec![
        ("a page of 500 questions", page(&asks(500))),
        ("a page of one question", page(&asks(1))),
        ("a page without questions", page("<say>?</say>")),
        ("a page in a page", page(&format!("{}{inner}", asks(2)))),
        ("pages in each other, 1,000 deep", page(&"<page id='p'>".repeat(1_000))),
        ("a page that leads to itself", whole(&itself)),
        ("a page that leads into itself", whole(&middle)),
        ("an end on a page", page(&format!("{}<end id='x' outcome='x'/>", asks(2)))),
        ("a matrix of 5,000 items", matrix(&items(5_000))),
        ("a matrix of one item", matrix(&items(1))),
        ("a matrix of items of one name", matrix(&items(1).repeat(3))),
        ("a matrix on a page", page(&format!("{}<matrix id='m'/>", asks(2)))),
        (
            "a matrix with a name of 10,000 letters",
            matrix(&items(2).replace("i1", &"i".repeat(10_000))),
        ),
        ("questions of one id", page(&asks(1).repeat(2))),
    ]
}

/// Interrupts.
fn interrupts() -> Vec<(&'static str, Vec<u8>)> {
    let end = "<end id='a' outcome='x'/>";
    let interrupt = |number: usize, to: &str| {
        format!(
            "<interrupt id='i{number}' start='q{number}'><title>I</title>\
             <info id='q{number}'><say>x</say><next to='{to}'/></info></interrupt>"
        )
    };
    let ring: String = (0..12).map(|at| interrupt(at, &format!("i{}", (at + 1) % 12))).collect();
    let many: String = (0..1_000).map(|at| interrupt(at, &format!("i{at}"))).collect();
    let one =
        |attributes: &str| interrupt(0, "i0").replace("start=", &format!("{attributes} start="));
    let words = "a, ".repeat(10_000);
    vec![
        ("1,000 interrupts", whole(&format!("{end}{many}"))),
        ("interrupts that lead to each other in a ring", whole(&format!("{end}{ring}"))),
        (
            "an interrupt that leads into the conversation",
            whole(&format!("{end}{}", interrupt(0, "a"))),
        ),
        ("an interrupt that comes back to itself", whole(&format!("{end}{}", interrupt(0, "q0")))),
        (
            "an interrupt without steps",
            whole(&format!("{end}<interrupt id='i' start='a'><title>I</title></interrupt>")),
        ),
        ("an interrupt and nothing else", whole(&interrupt(0, "i0"))),
        (
            "interrupts in each other, 1,000 deep",
            whole(&format!(
                "{end}{}",
                "<interrupt id='i' start='i'><title>I</title>".repeat(1_000)
            )),
        ),
        (
            "10,000 words that are the same",
            whole(&format!("{end}{}", one(&format!("also='{words}'")))),
        ),
        ("a condition on an answer inside", whole(&format!("{end}{}", one("when='q0'")))),
        (
            "a channel of 10,000 letters",
            whole(&format!("{end}{}", one(&format!("channels='{}'", "x".repeat(10_000))))),
        ),
    ]
}

#[test]
fn hostile_documents_are_refused_in_a_few_words() {
    let all = [broken(), entities(), expressions(), graphs(), questions(), pages()];
    let all = [all.concat(), interrupts()].concat();
    assert!(all.len() >= 80, "{}", all.len());
    for (what, document) in all {
        let findings = match Document::read("s.xml", &document, dtd()) {
            Ok(document) => compile(&document, &scope()).map(|_| ()).expect_err(what),
            Err(findings) => findings,
        };
        assert!(!findings.is_empty(), "{what}");
        for finding in &findings {
            let words = finding.to_string().chars().count();
            assert!(words <= MOST_WORDS, "{what}: {words} characters");
        }
    }
}
