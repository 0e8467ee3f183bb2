use caruso_markup::{Dtd, codes as markup};

use super::*;

const UTILITIES: &str = include_str!("../../../../examples/utilities/routing.xml");

fn scope() -> Scope {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    Scope {
        scripts: names(&[
            "main-menu",
            "fault-report",
            "moving-house",
            "keep-place",
            "place-in-line",
        ]),
        prompts: names(&[
            "waiting-music",
            "all-lines-busy",
            "call-back-promised",
            "call-back-offer",
            "leave-a-message",
        ]),
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
    let told = routing.queues["moving"].announcement.as_ref().expect("who moves is told");
    assert_eq!((told.after, told.every), (Duration::from_secs(30), Duration::from_secs(90)));
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
        "routing.xml:25:65: the dialogue script `fault-raport` is unknown\n    \
            did you mean `fault-report`?",
        "routing.xml:39:14: no team serves the queue `moving`\n    name it in `serves` of a team",
        "routing.xml:39:29: the prompt `wating-music` is unknown\n    \
            did you mean `waiting-music`?",
        "routing.xml:40:46: `0` is not a number of callers\n    expected 1 to 10000",
        "routing.xml:40:78: `a while` is not a duration for `wrap-up-time`\n    \
            expected 1s to 3600s, such as 20s or 2m",
        "routing.xml:54:37: the queue `mving` is unknown\n    did you mean `moving`?",
        "routing.xml:56:30: the number `0305550100` is declared twice",
        "routing.xml:56:41: `desk` is not a telephone number",
    ];
    let (of_form, of_meaning) = findings(&text);
    assert_eq!(of_form, [markup::WRONG_VALUE, markup::UNKNOWN_ID]);
    assert_eq!(of_meaning, expected);
}

/// A file with these declarations and this requirement.
fn asking(declarations: &str, needs: &str) -> String {
    let title = "<title language=\"en\">X</title>";
    format!(
        "<!DOCTYPE routing SYSTEM \"routing.dtd\"><routing><reasons><reason id=\"break\">{title}\
         </reason></reasons>\n{declarations}\n<queue id=\"q\" music=\"waiting-music\" \
         script=\"main-menu\">{title}\n{needs}\n<disposition id=\"done\">{title}</disposition>\
         </queue>\n<team id=\"t\" serves=\"q\"/>\
         <number called=\"1\" script=\"main-menu\" fallback=\"q\"/></routing>"
    )
}

const DECLARED: &str = "<skill id=\"gas\"/><attribute name=\"language\" values=\"nl en\" \
    default=\"nl\"/><attribute name=\"urgent\" type=\"bool\" default=\"false\"/>";

#[test]
fn what_is_wrong_with_a_requirement_is_found_at_its_place() {
    for (when, expected) in [
        ("skill.gass ge 2", "4:20: `skill` has no `gass`\n    did you mean `gas`?"),
        ("skill.gas ge 'much'", "4:14: int does not compare with text"),
        ("contact.language eq 'fr'", "4:34: "),
        ("contact.urgent ge 2", "4:14: "),
        ("skill.gas + 1", "4:14: "),
        ("agent.gas ge 2", "4:14: "),
        ("skill.gas ge", "4:26: "),
        ("skill.gas ge 3 and skill.gas gt 5", "4:33: this holds for no level of the skill `gas`"),
        ("0 le skill.gas", "4:14: this holds for every level of the skill `gas`"),
    ] {
        let (of_form, found) = findings(&asking(DECLARED, &format!("<needs when=\"{when}\"/>")));
        assert!(of_form.is_empty(), "{of_form:?}");
        assert_eq!(found.len(), 1, "{when}: {found:?}");
        let expected = format!("routing.xml:{expected}");
        assert!(found[0].starts_with(&expected), "{when}: {}", found[0]);
    }
    let sound = "contact.urgent or skill.gas ge 2 and contact.language in ['nl']";
    let needs = format!("<needs when=\"{sound}\"><relax after=\"30s\" when=\"true\"/></needs>");
    assert_eq!(findings(&asking(DECLARED, &needs)), (vec![], vec![]));
}

#[test]
fn steps_come_one_after_the_other_and_are_not_too_many() {
    let needs = "<needs when=\"true\"><relax after=\"30s\" when=\"true\"/>\
        <relax after=\"30s\" when=\"true\"/><relax after=\"soon\" when=\"true\"/></needs>";
    let (_, found) = findings(&asking("", needs));
    assert!(found[0].contains("does not come after the one before"), "{found:?}");
    assert!(found[1].contains("`soon` is not a duration for `after`"), "{found:?}");
    assert_eq!(found.len(), 2);
    let many: String =
        (1..=16).map(|it| format!("<relax after=\"{it}s\" when=\"true\"/>")).collect();
    let (_, found) = findings(&asking("", &format!("<needs when=\"true\">{many}</needs>")));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("at most 16 requirements"), "{found:?}");
}

#[test]
fn a_priority_by_something_else_than_a_whole_number_is_found() {
    let by = |name: &str| {
        asking(&format!("{DECLARED}<attribute name=\"vip\" type=\"int\" default=\"0\"/>"), "")
            .replace("<queue id=\"q\"", &format!("<queue id=\"q\" priority-by=\"{name}\""))
    };
    for (name, hint) in [("vap", "did you mean `vip`?"), ("language", "known: `vip`")] {
        let (_, found) = findings(&by(name));
        let message = format!("3:28: `{name}` is no contact attribute of type int\n    {hint}");
        assert_eq!(found, [format!("routing.xml:{message}")]);
    }
    assert_eq!(findings(&by("vip")), (vec![], vec![]));
    let aged = by("vip").replace("<routing>", "<routing age=\"2h\">");
    assert!(findings(&aged).1[0].contains("`2h` is not a duration for `age`"));
}

#[test]
fn an_unknown_skill_that_is_preferred_is_found() {
    let text = asking(DECLARED, "").replace("<queue id=\"q\"", "<queue id=\"q\" prefer=\"gass\"");
    let (_, found) = findings(&text);
    let message = "3:23: the skill `gass` is unknown\n    did you mean `gas`?";
    assert_eq!(found, [format!("routing.xml:{message}")]);
}

/// Three queues, `a`, `b` and `c`, with these overflows.
fn overflowing(overflows: [&str; 3]) -> String {
    let title = "<title language=\"en\">X</title>";
    let queue = |(id, overflow): (&str, &str)| {
        format!(
            "<queue id=\"{id}\" music=\"waiting-music\" script=\"main-menu\">{title}\n\
             {overflow}\n<disposition id=\"done\">{title}</disposition></queue>"
        )
    };
    let queues: String = ["a", "b", "c"].into_iter().zip(overflows).map(queue).collect();
    format!(
        "<!DOCTYPE routing SYSTEM \"routing.dtd\"><routing><reasons><reason id=\"break\">{title}\
         </reason></reasons>{queues}<team id=\"t\" serves=\"a b c\"/>\
         <number called=\"1\" script=\"main-menu\" fallback=\"a\"/></routing>"
    )
}

#[test]
fn hours_that_cannot_be_read_are_found_at_their_place() {
    let hours = |zone: &str, open: &str, closed: &str, queue: &str, overflow: &str| {
        let text = overflowing([overflow, "", ""]);
        let hours =
            format!("<hours id=\"office\" zone=\"{zone}\"><open {open}/>{closed}</hours><queue ");
        let text = text.replacen("<queue ", &hours, 1);
        text.replacen("<queue id=\"a\"", &format!("<queue id=\"a\" {queue}"), 1)
    };
    let open = "days=\"mon-fri sun\" from=\"08:00\" to=\"17:30\"";
    let closed = "<overflow on=\"closed\" say=\"waiting-music\"/>";
    let office = "hours=\"office\"";
    let sound = hours("Europe/Madrid", open, "<closed on=\"12-25\"/>", office, closed);
    assert_eq!(findings(&sound), (Vec::new(), Vec::new()));
    for (text, expected) in [
        (hours("Mars", open, "", office, closed), "there is no time zone `Mars`"),
        (
            hours("UTC", "days=\"mon-funday\" from=\"08:00\" to=\"09:00\"", "", office, closed),
            "`mon-funday` is no day of the week",
        ),
        (
            hours("UTC", "days=\"mon\" from=\"8:00\" to=\"24:01\"", "", office, closed),
            "`8:00` is no time of day",
        ),
        (
            hours("UTC", "days=\"mon\" from=\"08:00\" to=\"24:01\"", "", office, closed),
            "`24:01` is no time of day",
        ),
        (
            hours("UTC", "days=\"mon\" from=\"22:00\" to=\"06:00\"", "", office, closed),
            "`06:00` is not later than the beginning",
        ),
        (hours("UTC", open, "<closed on=\"02-30\"/>", office, closed), "`02-30` is no day"),
        (hours("UTC", open, "", office, ""), "what becomes of calls outside of the hours"),
        (hours("UTC", open, "", "", closed), "so it is never closed"),
        (hours("UTC", open, "", "hours=\"b\"", closed), "there are no hours `b`"),
    ] {
        let (_, found) = findings(&text);
        assert!(found.iter().any(|it| it.contains(expected)), "{expected}: {found:?}");
    }
}

#[test]
fn an_overflow_that_is_not_whole_is_found_at_its_place() {
    for (overflow, expected) in [
        ("on=\"full\"", "2:15: the overflow has none of `to`, `say` and `take`\n    expected `to`"),
        ("on=\"full\" to=\"b\" say=\"waiting-music\"", "2:15: the overflow has more than one of"),
        ("on=\"wait\" to=\"b\"", "2:15: the overflow `wait` needs a time\n    say it in"),
        ("on=\"full\" after=\"5m\" to=\"b\"", "2:28: the overflow `full` has no `after`"),
        ("on=\"wait\" after=\"2h\" to=\"b\"", "2:28: `2h` is not a duration for `after`"),
        ("on=\"full\" say=\"misic\"", "2:26: the prompt `misic` is unknown"),
        ("on=\"full\" to=\"b\"/><overflow on=\"full\" to=\"c\"", "2:43: the overflow `full` is d"),
    ] {
        let (of_form, found) = findings(&overflowing([&format!("<overflow {overflow}/>"), "", ""]));
        assert!(of_form.is_empty(), "{of_form:?}");
        assert_eq!(found.len(), 1, "{overflow}: {found:?}");
        let expected = format!("routing.xml:{expected}");
        assert!(found[0].starts_with(&expected), "{overflow}: {}", found[0]);
    }
    let text = overflowing(["<overflow on=\"full\" to=\"d\"/>", "", ""]);
    assert_eq!(findings(&text).0, [markup::UNKNOWN_ID]);
}

#[test]
fn a_pause_stands_once_and_has_a_length() {
    let paused = |pauses: &str| {
        overflowing(["", "", ""]).replace("</reasons>", &format!("</reasons>{pauses}"))
    };
    let sound = "<pause after=\"rejected\" for=\"30s\"/><pause after=\"no-answer\" for=\"1h\"/>";
    assert_eq!(findings(&paused(sound)), (vec![], vec![]));
    for (pauses, expected) in [
        ("<pause after=\"rejected\" for=\"2h\"/>", "`2h` is not a duration for `for`"),
        (&sound.replace("no-answer", "rejected"), "the pause after `rejected` is declared twice"),
    ] {
        let (_, found) = findings(&paused(pauses));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(expected), "{found:?}");
    }
}

#[test]
fn dispositions_and_wrap_up_go_together() {
    let disposition = "<disposition id=\"done\"><title language=\"en\">X</title></disposition>";
    let queue = |wrap_up: &str, has_some: bool| {
        let text = overflowing(["", "", ""]);
        let text = text.replacen("<queue id=\"a\"", &format!("<queue id=\"a\" {wrap_up}"), 1);
        if has_some { text } else { text.replacen(disposition, "", 1) }
    };
    for (wrap_up, has_some, expected) in [
        ("wrap-up=\"none\"", false, None),
        ("wrap-up=\"timed\"", true, None),
        ("wrap-up=\"none\"", true, Some("nobody is asked for the dispositions")),
        ("wrap-up=\"required\"", false, Some("the queue has no disposition")),
        ("", false, Some("the queue has no disposition")),
    ] {
        let (of_form, found) = findings(&queue(wrap_up, has_some));
        assert!(of_form.is_empty(), "{of_form:?}");
        assert_eq!(found.len(), usize::from(expected.is_some()), "{wrap_up}: {found:?}");
        assert!(expected.is_none_or(|expected| found[0].contains(expected)), "{found:?}");
    }
}

#[test]
fn a_preferred_agent_whom_nothing_names_is_found() {
    for (given, expected) in [
        ("for=\"20s\"", "2:23: nothing says which agent is preferred"),
        ("for=\"11m\" by=\"manager\"", "2:23: `11m` is not a duration for `for`"),
        ("for=\"20s\" within=\"2y\"", "2:36: `2y` is not a duration for `within`"),
    ] {
        let (_, found) = findings(&overflowing([&format!("<preferred-agent {given}/>"), "", ""]));
        assert_eq!(found.len(), 1, "{given}: {found:?}");
        assert!(found[0].starts_with(&format!("routing.xml:{expected}")), "{}", found[0]);
    }
    let sound = "<preferred-agent for=\"20s\" by=\"manager\" within=\"7d\"/>";
    assert_eq!(findings(&overflowing([sound, "", ""])), (vec![], vec![]));
}

#[test]
fn an_overflow_in_a_circle_is_found_once() {
    let to = |queue: &str| format!("<overflow on=\"full\" to=\"{queue}\"/>");
    let (a, b, c) = (to("a"), to("b"), to("c"));
    let circle = |path: &str| format!("the overflow leads in a circle: {path}\n");
    for (overflows, at, path) in [
        ([&a, "", ""], "2:25", "a → a"),
        ([&b, &c, &a], "2:25", "a → b → c → a"),
        ([&b, &c, &b], "4:25", "b → c → b"),
    ] {
        let (_, found) = findings(&overflowing(overflows));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(&format!("routing.xml:{at}: {}", circle(path))), "{found:?}");
    }
    let waits = "<overflow on=\"wait\" after=\"5m\" to=\"a\"/>";
    let (_, found) = findings(&overflowing([&b, waits, ""]));
    assert!(found[0].contains("a → b → a"), "whatever the cases: {found:?}");
    let sound = format!("{c}<overflow on=\"unserved\" say=\"waiting-music\"/>");
    let both = format!("{b}<overflow on=\"wait\" after=\"1h\" to=\"c\"/>");
    assert_eq!(findings(&overflowing([&both, &sound, ""])), (vec![], vec![]));
}

#[test]
fn what_is_declared_wrongly_is_found_at_its_place() {
    for (declared, expected) in [
        ("<skill id=\"gas-fitting\"/>", "2:12: expressions cannot use `gas-fitting`"),
        ("<skill id=\"and\"/>", "2:12: expressions cannot use `and`"),
        ("<skill id=\"a\"/><skill id=\"a\"/>", "2:27: the skill `a` is declared twice"),
        ("<attribute name=\"a\" default=\"x\"/>", "2:18: the choice `a` has no values"),
        ("<attribute name=\"a\" values=\"x y x\" default=\"x\"/>", "2:33: the value `x` is"),
        ("<attribute name=\"a\" values=\"x y\" default=\"z\"/>", "2:43: the default `z` is no"),
        ("<attribute name=\"a\" type=\"int\" default=\"z\"/>", "2:41: the default `z` is no"),
        ("<attribute name=\"a\" type=\"bool\" values=\"x\" default=\"true\"/>", "2:41: only a"),
    ] {
        let (_, found) = findings(&asking(declared, ""));
        assert_eq!(found.len(), 1, "{declared}: {found:?}");
        let expected = format!("routing.xml:{expected}");
        assert!(found[0].starts_with(&expected), "{declared}: {}", found[0]);
    }
}

#[test]
fn rules_of_calls_that_agents_make_are_found_wrong_at_their_place() {
    let title = "<title language=\"en\">Service</title>";
    let sound = format!(
        "<outbound country=\"NL\" allow=\"+31\"><purpose id=\"a\" queue=\"a\">{title}</purpose>"
    );
    for (from, to, expected) in [
        ("\"NL\"", "\"UK\"", "20: telephone numbers of `UK` are not known\n    known: `NL`"),
        ("\"+31\"", "\"+31 0032\"", "35: `0032` is not how an international number begins"),
        ("\"+31\"", "\"+31\" deny=\"0900\"", "42: `0900` is not how an international"),
        ("\"+31\"", "\"+31\" ring-time=\"5s\"", "47: `5s` is not a duration for `ring-t"),
        ("\"+31\"", "\"+31\" phone-purpose=\"b\"", "51: there is no purpose `b`"),
        ("\"+31\"", "\"+31\" phone-agents=\"all\"", "50: it is not said what calls from"),
        ("queue=\"a\"", "queue=\"a\" attempts=\"0\"", "72: `0` is not a number of calls"),
        ("queue=\"a\"", "queue=\"a\" within=\"1h\"", "70: it is not said how often"),
        ("queue=\"a\"", "queue=\"a\" hours=\"b\"", "69: there are no hours `b`"),
    ] {
        let outbound = sound.replace(from, to);
        let text = overflowing(["", "", ""]);
        let text = text.replace("</routing>", &format!("\n{outbound}</outbound></routing>"));
        let line = text.lines().count();
        let (of_form, found) = findings(&text);
        assert!(of_form.is_empty(), "{of_form:?}");
        assert_eq!(found.len(), 1, "{to}: {found:?}");
        let expected = format!("routing.xml:{line}:{expected}");
        assert!(found[0].starts_with(&expected), "{to}: {}", found[0]);
    }
}

#[test]
fn a_callback_that_means_nothing_is_found_at_its_place() {
    let title = "<title language=\"en\">Service</title>";
    let outbound = format!(
        "<outbound country=\"NL\" allow=\"+31\"><purpose id=\"service\" queue=\"a\">{title}\
         </purpose></outbound></routing>"
    );
    let of = |given: &str, outbound: &str| {
        let callback = format!("<callback by=\"back\" say=\"waiting-music\" {given}/>");
        findings(&overflowing([&callback, "", ""]).replace("</routing>", outbound))
    };
    for (given, expected) in [
        (
            "purpose=\"servce\"",
            "there is no purpose `servce` of calls\n    did you mean `service`?",
        ),
        (
            "purpose=\"service\" attempts=\"0\"",
            "`0` is not a number of calls\n    expected 1 to 10",
        ),
        ("purpose=\"service\" again=\"5s\"", "`5s` is not a duration for `again`"),
        ("purpose=\"service\" expires=\"8d\"", "`8d` is not a duration for `expires`"),
        ("purpose=\"service\" offer=\"waiting-music\"", "the callback has no `script`"),
        ("purpose=\"service\" script=\"main-menu\"", "the callback has no `offer`"),
        ("purpose=\"service\" offer=\"x\" script=\"main-menu\"", "the prompt `x` is unknown"),
    ] {
        let (of_form, found) = of(given, &outbound);
        assert!(of_form.is_empty(), "{of_form:?}");
        assert_eq!(found.len(), 1, "{given}: {found:?}");
        assert!(found[0].starts_with("routing.xml:2:") && found[0].contains(expected), "{found:?}");
    }
    let (_, found) = of("purpose=\"service\"", "</routing>");
    assert!(found[0].contains("declare it in `outbound`"), "{found:?}");
    assert_eq!(of("purpose=\"service\"", &outbound), (vec![], vec![]));
}

#[test]
fn a_voicemail_that_means_nothing_is_found_at_its_place() {
    let take = "<overflow on=\"full\" take=\"message\"/>";
    let of = |given: &str, overflow: &str| {
        let voicemail = format!("<voicemail say=\"waiting-music\" {given}/>{overflow}");
        findings(&overflowing([&voicemail, "", ""]))
    };
    for (given, overflow, expected) in [
        ("longest=\"4s\"", take, "`4s` is not a duration for `longest`"),
        ("silence=\"2m\"", take, "`2m` is not a duration for `silence`"),
        ("keep=\"10m\"", take, "`10m` is not a duration for `keep`"),
        ("", "", "nobody ever leaves a message in this queue"),
        (
            "",
            "<overflow on=\"full\" take=\"message\" say=\"waiting-music\"/>",
            "the overflow has more than one of `to`, `say` and `take`",
        ),
    ] {
        let (of_form, found) = of(given, overflow);
        assert!(of_form.is_empty(), "{of_form:?}");
        assert_eq!(found.len(), 1, "{given}: {found:?}");
        assert!(found[0].starts_with("routing.xml:2:") && found[0].contains(expected), "{found:?}");
    }
    let (_, found) = findings(&overflowing([take, "", ""]));
    assert!(found[0].contains("the queue does not say how messages are taken"), "{found:?}");
    assert_eq!(of("", take), (vec![], vec![]));
    let (of_form, _) = of("key=\"A\"", take);
    assert_eq!(of_form.len(), 1, "no such key");
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
    assert_eq!(parse_duration("7d"), Some(604_800));
    for wrong in ["", "s", "20", "-1s", "+1s", "1.5m", "9999999s", "1 m"] {
        assert_eq!(parse_duration(wrong), None, "{wrong}");
    }
}

#[test]
fn destinations_outside_are_numbers_that_may_be_called_and_no_own_ones() {
    let title = "<title language=\"en\">Partner</title>";
    let text = overflowing(["", "", ""]).replace("called=\"1\"", "called=\"1 0305550100\"");
    let of = |given: &str| {
        let outbound = format!(
            "<outbound country=\"NL\" allow=\"+31\" deny=\"+31900\"><purpose id=\"a\" queue=\"a\">\
             {title}</purpose>\n{given}</outbound></routing>"
        );
        findings(&text.replace("</routing>", &outbound))
    };
    let one =
        |number: &str| format!("<destination id=\"p\" number=\"{number}\">{title}</destination>");
    assert_eq!(of(&one("020 123 4567")), (vec![], vec![]));
    for (number, expected) in [
        ("112", "`112` is not a telephone number\n    no short or emergency numbers"),
        ("a friend", "`a friend` is not a telephone number"),
        ("+44 20 7946 0958", "`+44 20 7946 0958` begins as numbers do that may not be called"),
        ("0900 1234", "`0900 1234` begins as numbers do that may not be called"),
        ("+31 30 555 0100", "`+31 30 555 0100` is a number of yours, which customers call"),
        ("0305550100", "`0305550100` is a number of yours, which customers call"),
    ] {
        let (of_form, found) = of(&one(number));
        assert!(of_form.is_empty(), "{of_form:?}");
        assert_eq!(found.len(), 1, "{number}: {found:?}");
        assert!(found[0].contains(&format!(":29: {expected}")), "{number}: {}", found[0]);
    }
    let twice = format!("{}{}", one("0201234567"), one("0201234568"));
    assert!(of(&twice).1[0].contains("destination"), "{:?}", of(&twice));
}
