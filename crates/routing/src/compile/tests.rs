use caruso_markup::{Dtd, codes as markup};

use super::*;

const UTILITIES: &str = include_str!("../../../../examples/utilities/routing.xml");

fn scope() -> Scope {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    Scope {
        scripts: names(&["main-menu", "fault-report", "moving-house"]),
        prompts: names(&["waiting-music"]),
    }
}

/// The codes of the findings against the DTD, and those of meaning in full.
fn findings(text: &str) -> (Vec<&'static str>, Vec<String>) {
    let dtd = Dtd::parse("routing.dtd", crate::DTD).expect("the DTD is sound");
    let (document, of_form) = Document::recover("routing.xml", text, &dtd);
    let of_form = of_form.iter().map(|finding| finding.code).collect();
    let document = document.expect("the text has a root");
    let of_meaning = compile(&document, &scope()).err().into_iter().flatten();
    (of_form, of_meaning.map(|finding| finding.to_string()).collect())
}

fn utilities() -> Configuration {
    let dtd = Dtd::parse("routing.dtd", crate::DTD).expect("the DTD is sound");
    let document = Document::read("routing.xml", UTILITIES, &dtd).expect("the example is valid");
    compile(&document, &scope()).expect("the example makes sense")
}

#[test]
fn the_example_says_what_is_meant() {
    let routing = utilities();
    let faults = &routing.queues["faults"];
    assert_eq!(faults.title("en"), "Faults");
    assert_eq!(faults.title("nl"), "Faults");
    assert_eq!(faults.priority, 1);
    assert_eq!(faults.wrap_up, WrapUp::Required);
    assert_eq!(faults.wrap_up_time, Duration::from_secs(120));
    assert_eq!(faults.script.as_str(), "fault-report");
    assert_eq!(routing.numbers["+31305550100"], routing.numbers["0305550100"]);
    assert_eq!(routing.queues_of(["service", "night"]).len(), 2);
}

#[test]
fn every_mistake_is_found_at_its_place_with_the_nearest_name() {
    let text = UTILITIES
        .replace("id=\"break\"", "id=\"no-answer\"")
        .replace("id=\"training\"", "id=\"meeting\"")
        .replace("script=\"fault-report\"", "script=\"fault-raport\"")
        .replace(
            "music=\"waiting-music\" script=\"moving",
            "music=\"wating-music\" script=\"moving",
        )
        .replace(
            "maximum-length=\"100\" wrap-up=\"timed\"",
            "maximum-length=\"0\" wrap-up=\"tmed\"",
        )
        .replace("wrap-up-time=\"60s\"", "wrap-up-time=\"a while\"")
        .replace("serves=\"faults moving\"", "serves=\"faults mving\"")
        .replace("+31305550100", "0305550100 desk")
        .replace("fallback=\"faults\"", "fallback=\"fault\"");
    let expected = [
        "routing.xml:5:17: the reason `no-answer` is one that the system itself gives",
        "routing.xml:7:17: the reason `meeting` is declared twice",
        "routing.xml:11:65: the dialogue script `fault-raport` is unknown\n    \
            did you mean `fault-report`?",
        "routing.xml:20:14: no team serves the queue `moving`\n    name it in `serves` of a team",
        "routing.xml:20:29: the prompt `wating-music` is unknown\n    \
            did you mean `waiting-music`?",
        "routing.xml:21:46: `0` is not a number of callers\n    expected 1 to 10000",
        "routing.xml:21:78: `a while` is not a duration for `wrap-up-time`\n    \
            expected 1s to 3600s, such as 20s or 2m",
        "routing.xml:28:37: the queue `mving` is unknown\n    did you mean `moving`?",
        "routing.xml:30:30: the number `0305550100` is declared twice",
        "routing.xml:30:41: `desk` is not a telephone number",
    ];
    let (of_form, of_meaning) = findings(&text);
    assert_eq!(of_form, [markup::WRONG_VALUE, markup::UNKNOWN_ID]);
    assert_eq!(of_meaning, expected);
}

#[test]
fn every_code_has_a_meaning_and_a_place() {
    let codes: BTreeSet<&str> = codes::ALL.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes.len(), codes::ALL.len());
    assert!(codes::ALL.iter().all(|(_, meaning)| meaning.ends_with('.')));
}

#[test]
fn durations_are_whole_numbers_with_a_unit() {
    assert_eq!(parse_duration("20s"), Some(20));
    assert_eq!(parse_duration("2m"), Some(120));
    assert_eq!(parse_duration("1h"), Some(3600));
    for wrong in ["", "s", "20", "-1s", "+1s", "1.5m", "9999999s", "1 m"] {
        assert_eq!(parse_duration(wrong), None, "{wrong}");
    }
}
