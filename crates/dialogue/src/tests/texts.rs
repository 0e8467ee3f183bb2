//! Texts are those of the language and the channel of a conversation.

use super::*;

/// A script in English, Dutch and German, with these things in it.
fn script_of(channels: &str, body: &str) -> String {
    script(channels, body).replace("language=\"en\"", "language=\"en\" languages=\"nl de\"")
}

/// Mistakes, each with what is said about it.
pub(crate) const MISTAKES: &[(&str, &str)] = &[
    (
        "<end id='a' outcome='x'><say>Hi<in language='es'>Hola</in></say></end>",
        "CG0901 s.xml:3:46: the script does not declare the language `es`\n    it has en, nl, \
         de: add it to `languages`",
    ),
    (
        "<end id='a' outcome='x'><say>Hi<in>Hoi</in></say></end>",
        "CG0901 s.xml:3:32: for which language or channel is it?\n    say `language`, `channel`, \
         or both",
    ),
    (
        "<end id='a' outcome='x'><say>Hi<in language='nl'>Hoi</in><in language='NL'>Dag</in></say>\
         </end>",
        "CG0102 s.xml:3:58: the text stands here twice for the same language and channel",
    ),
    (
        "<end id='a' outcome='x'><say>Hi<in language='en'>Hello</in></say></end>",
        "CG0102 s.xml:3:32: the text stands here twice for the same language and channel",
    ),
    (
        "<end id='a' outcome='x'><say>Hi<in language='nl' channel='ivr'>Hoi</in></say></end>",
        "CG0103 s.xml:3:59: the script does not run on `ivr`\n    known: `agent`",
    ),
    (
        "<end id='a' outcome='x'><say>Hi<in language='nl'> </in></say></end>",
        "CG0403 s.xml:3:32: the text is empty",
    ),
    (
        "<end id='a' outcome='x'><say channels='agent ivr'>Hi</say></end>",
        "CG0103 s.xml:3:40: the script does not run on `ivr`\n    known: `agent`",
    ),
    // a value is checked in each language
    (
        "<ask id='a' type='text' required='no'><say>?</say><next to='b'/></ask>\
         <end id='b' outcome='x'><say>Hi<in language='nl'>Hoi <v of='a'/></in></say></end>",
        "CG0403 s.xml:3:131: `a` may be missing\n    give a default with `.or(…)`",
    ),
    (
        "<ask id='a' type='choice'><say>?</say><choice value='x'>X<in language='nl'>\
         <v of='language'/></in></choice><next to='b'/></ask><end id='b' outcome='x'/>",
        "CG0403 s.xml:3:58: the text is empty\nCG0403 s.xml:3:76: `choice` has no values in it",
    ),
    (
        "<end id='a' outcome='x'><note>Hi<in language='nl' recording='welcome'>Hoi</in></note>\
         </end>",
        "CG0403 s.xml:3:62: `note` is not played",
    ),
    (
        "<end id='a' outcome='x'><say><v of='language' format='short'/></say></end>",
        "CG0403 s.xml:3:55: only a date or an instant is written short",
    ),
    (
        "<end id='a' outcome='x'><say><v of='true' format='spelled'/></say></end>",
        "CG0403 s.xml:3:51: only a text or a whole number is written spelled",
    ),
    (
        "<ask id='a' type='text'><say>?</say><low>1</low><high>2</high><next to='b'/></ask>\
         <end id='b' outcome='x'/>",
        "CG0401 s.xml:3:37: a question of type text has no `low` and `high`",
    ),
    (
        "<end id='a' outcome='x'/><test name='t' language='es'><ended outcome='x'/></test>",
        "CG0506 s.xml:3:51: the script does not declare `es`\n    it has en, nl, de",
    ),
    (
        "<input name='language'/><end id='a' outcome='x'/>",
        "CG0101 s.xml:3:14: `language` cannot be a name in expressions\n    use letters, digits \
         and `_`, at most 40, and no word of the language",
    ),
];

#[test]
fn every_mistake_of_a_text_is_named_at_its_place() {
    for (body, expected) in MISTAKES {
        let said = lines(&check(&script_of("agent", body)).expect_err("it has mistakes"));
        assert_eq!(said, *expected, "{body}");
    }
    let end = "<end id='a' outcome='x'/>";
    let declared = |languages: &str| {
        let text = script_of("agent", end).replace("nl de", languages);
        lines(&check(&text).expect_err("it has mistakes"))
    };
    let twice = "CG0102 s.xml:2:53: the language `NL` stands twice";
    assert_eq!(declared("nl NL"), twice);
    let none = "CG0901 s.xml:2:53: `nl_BE` is no language\n    name it as BCP 47 does: en, nl-BE";
    assert_eq!(declared("nl_BE"), none);
}

/// A conversation in a language.
fn session<'s>(script: &'s Script, channel: Channel, language: &str) -> Session<'s> {
    let (state, events, effects) = (State::default(), Vec::new(), Vec::new());
    let mut session = Session { script, state, events, effects, now: now(), requests: 0 };
    let (id, request) = ("s1".into(), "r0".into());
    let language = language.to_owned();
    let start = Start { session: id, request, channel, language, ..Start::default() };
    session.input(Input::Start(start)).expect("it starts");
    session
}

/// One of everything that is shown.
const ALL: &str = "<ask id='a' type='date'><say>When?<in language='nl'>Wanneer?</in></say>\
    <note>Ask.<in language='nl'>Vraag het.</in></note><next to='b'/></ask>\
    <ask id='b' type='choice'><say>On <v of='a'/>?<in language='nl'>Op <v of='a' format='short'/>, \
    in het <v of='language' format='spelled'/>?</in></say>\
    <choice value='x'>One<in language='nl'>Een</in></choice>\
    <choice value='y'>Two</choice><next to='c'/></ask>\
    <ask id='c' type='scale' min='1' max='5'><say>You chose <v of='b'/>.<in language='nl'>U koos \
    <v of='b'/>.</in></say><low>bad<in language='nl'>slecht</in></low><high>good</high>\
    <check test='c gt 1' kind='soft'>So bad?<in language='nl'>Zo slecht?</in></check>\
    <next to='d'/></ask>\
    <ask id='d' type='consent'><say>May we?<in language='nl'>Mogen we?</in></say>\
    <say>Really?</say><next to='e'/></ask>\
    <do id='e' wait='5'><invoke name='order' operation='erp.create_service_order'>\
    <title>Order<in language='nl'>Opdracht</in></title><set name='customer' value='language'/>\
    <set name='connection' value=\"''\"/><set name='kind' value=\"''\"/>\
    <set name='urgency' value=\"''\"/></invoke><next to='f'/></do>\
    <end id='f' outcome='x'/>";

fn texts(view: &View) -> String {
    let texts = view.prompts.iter().map(|it| format!("{}: {}", it.language, it.text));
    texts.collect::<Vec<_>>().join(" | ")
}

#[test]
fn a_conversation_is_in_the_nearest_language_and_what_is_missing_in_the_scripts_own() {
    let script = compiled(&script_of("agent", ALL));
    let mut dutch = session(&script, Channel::Agent, "nl-BE");
    assert_eq!(dutch.view().language, "nl");
    assert_eq!(texts(&dutch.view()), "nl: Wanneer? | nl: Vraag het.");
    dutch.answers(&[("a", "2026-03-01")]);
    assert_eq!(texts(&dutch.view()), "nl: Op 01-03-2026, in het n l?");
    let Shown::Question(question) = dutch.view().shown else { panic!("a question") };
    let labels: Vec<_> = question.choices.iter().map(|it| &*it.label).collect();
    assert_eq!(labels, ["Een", "Two"]);
    dutch.answers(&[("b", "x")]);
    assert_eq!(texts(&dutch.view()), "nl: U koos Een.");
    let Shown::Question(question) = dutch.view().shown else { panic!("a question") };
    let QuestionKind::Typed(Typed::Scale { low, high, .. }) = question.kind else {
        panic!("a scale")
    };
    assert_eq!([&*low, &*high], ["slecht", "good"]);
    let doubt = dutch.answer("c", "1").expect_err("it is doubted");
    assert_eq!(doubt.to_string(), "Zo slecht?");
    dutch.answers(&[("c", "2"), ("d", "true")]);
    assert_eq!(dutch.view().actions[0].title, "Opdracht");
    let trail: Vec<_> = dutch.view().trail.into_iter().map(|it| it.label).collect();
    assert_eq!(trail, ["1 maart 2026", "Een", "2", "ja"]);
}

#[test]
fn what_was_said_for_a_consent_is_kept_with_the_languages_it_was_said_in() {
    let script = compiled(&script_of("agent", ALL));
    let wording = |language: &str| {
        let mut session = session(&script, Channel::Agent, language);
        session.answers(&[("a", "2026-03-01"), ("b", "x"), ("c", "2"), ("d", "false")]);
        let kept = session.events.iter().find_map(|event| match event {
            Event::Answered { wording: Some(wording), .. } => Some(wording.clone()),
            _ => None,
        });
        kept.map(|it| (it.language, it.text)).expect("a consent is kept")
    };
    assert_eq!(wording("nl"), ("nl en".into(), "Mogen we? Really?".into()));
    assert_eq!(wording("de"), ("en".into(), "May we? Really?".into()));
}

#[test]
fn the_language_is_part_of_the_session_and_an_older_one_has_the_scripts_own() {
    let script = compiled(&script_of("agent", ALL));
    let german = session(&script, Channel::Agent, "de");
    let Event::Started(started) = &german.events[0] else { panic!("it started") };
    assert_eq!(started.language, "de");
    let stored = serde_json::to_string(&german.events[0]).expect("JSON");
    let older = stored.replace("\"language\":\"de\",", "");
    assert_ne!(older, stored);
    let event: Event = serde_json::from_str(&older).expect("an event");
    let view = View::of(&script, &State::replay([&event])).expect("it started");
    assert_eq!(view.language, "en");
}

#[test]
fn a_text_is_for_the_channels_that_it_names() {
    let body = "<ask id='a' type='yes-no'><say>Both</say><say channels='agent'>Desk</say>\
        <next to='b'/></ask><end id='b' outcome='x'/>";
    let script = compiled(&script_of("agent", body));
    assert_eq!(texts(&session(&script, Channel::Agent, "").view()), "en: Both | en: Desk");
    let body = "<info id='a'><say recording='welcome'>Hi<in channel='agent'>Good day</in>\
        <in language='nl' channel='ivr'>Hoi</in></say><say channels='agent'>Desk</say>\
        <note>N</note><next to='b'/></info><end id='b' outcome='x'/>";
    let script = compiled(&script_of("agent ivr", body));
    let said = |channel, language: &str| texts(&session(&script, channel, language).view());
    assert_eq!(said(Channel::Agent, "nl"), "en: Good day | en: Desk | en: N");
    assert_eq!(said(Channel::Ivr, "nl"), "nl: Hoi");
    assert_eq!(said(Channel::Ivr, "de"), "en: Hi");
}

#[test]
fn the_telephone_plays_the_recording_of_the_language_and_passes_over_what_has_none() {
    let body = "<info id='a'><say recording='welcome'>Hi<in language='nl'>Hoi</in>\
        <in language='de'>Tag</in></say><next to='b'/></info><end id='b' outcome='x'/>";
    let script = compiled(&script_of("ivr", body));
    let played = |language: &str| {
        let mut said = session(&script, Channel::Ivr, language).view().prompts.remove(0);
        let Some(Spoken::Recording(id)) = said.spoken.pop() else { panic!("it is recorded") };
        (said.text, id)
    };
    assert_eq!(played("nl"), ("Hoi".into(), "nl/welcome".into()));
    assert_eq!(played("de"), ("Hi".into(), "welcome".into()));
    assert_eq!(played("en"), ("Hi".into(), "welcome".into()));
    let document = Document::read("s.xml", script_of("ivr", body), dtd()).expect("it is sound");
    assert_eq!(
        lines(&lint(&document, &scope())),
        "CG0903 s.xml:3:14: the text is not recorded in de\n    put the recording into \
         `prompts/LANGUAGE`; until then, another is played"
    );
    let other = script_of("ivr", body).replace("language=\"en\"", "language=\"fr\"");
    let said = lines(&check(&other).expect_err("it is not recorded in its own language"));
    assert_eq!(said, "CG0207 s.xml:3:30: `welcome` is not recorded in `fr`");
}

#[test]
fn texts_that_are_missing_are_counted_where_they_are_many() {
    let advice = |channels: &str, body: &str| {
        let document = Document::read("s.xml", script_of(channels, body), dtd()).expect("a script");
        compile(&document, &scope()).expect("it is sound");
        let findings = lint(&document, &scope());
        findings.into_iter().filter(|it| it.code == codes::UNTRANSLATED).collect::<Vec<_>>()
    };
    let body = "<ask id='a' type='choice'><say>Hi<in language='nl'>Hoi</in></say><note>N</note>\
        <choice value='x'>X<in language='nl'>X</in><in language='de'>X</in></choice>\
        <choice value='y'>42</choice><next to='b'/></ask><end id='b' outcome='x'/>";
    assert_eq!(
        lines(&advice("agent", body)),
        "CG0902 s.xml:3:27: the text is missing in de\n    say it in `in`; without that, it is \
         said in another language"
    );
    // a text for one channel is missing on the other
    let body = "<info id='a'><say recording='welcome'>Hi<in language='nl' channel='agent'>Hoi</in>\
        <in language='de'>Tag</in></say><next to='b'/></info><end id='b' outcome='x'/>";
    assert!(lines(&advice("agent ivr", body)).contains("missing in nl"));
    let says = "<say>Hi</say>".repeat(25);
    let many = format!("<info id='a'>{says}<next to='b'/></info><end id='b' outcome='x'/>");
    let many = advice("agent", &many);
    assert_eq!(many.len(), 21);
    assert!(many[0].to_string().contains("5 more texts are missing in one of these languages"));
}
