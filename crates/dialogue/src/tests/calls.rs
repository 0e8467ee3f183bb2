//! Scripts that call others.

use std::sync::Arc;

use super::*;

/// Asks who is there: with results, with something said at one end, and a way out of everything.
const WHO: &str = "<script id='who' version='1' language='en' channels='agent ivr' start='name'>\
    <title>Who</title>\
    <input name='topic' type='text' required='yes'/><input name='most' type='integer'/>\
    <computed name='limit' value='most.or(3)'/>\
    <table name='kind'><rule when='limit gt 5'><set name='is_large' value='true'/></rule>\
    <rule><set name='is_large' value='false'/></rule></table>\
    <ask id='name' type='choice' default='anna'><say recording='welcome'>About?</say>\
    <choice value='anna' key='1'>Anna</choice><choice value='bert' key='2'>Bert</choice>\
    <choice value='none' key='3'>Nobody</choice>\
    <no-input recording='welcome'>.</no-input><no-match recording='welcome'>.</no-match>\
    <next when=\"name eq 'none'\" to='lost'/><next when=\"name eq 'bert'\" to='known'/>\
    <next to='greet'/></ask>\
    <info id='greet'><note>About <v of='topic'/>, <v of='limit'/>, <v of='kind.is_large'/>: \
    <v of='name'/></note><next to='found'/></info>\
    <decide id='known'><next when='kind.is_large' to='away'/><next to='found'/></decide>\
    <end id='found' outcome='found'><result name='who' value='string(name)'/>\
    <result name='size' value='limit * 2'/></end>\
    <end id='lost' outcome='lost'><note>Nobody, then.</note>\
    <result name='who' value=\"'nobody'\"/></end>\
    <handoff id='away' queue='faults'><attribute name='who' value='name'/></handoff>\
    </script>";

/// A script that calls `who`, once or twice.
const CALLER: &str = "<input name='customer' class='Customer'/>\
    <computed name='twice' value='people * 2'/>\
    <ask id='a' type='integer'><say>?</say><next to='people'/></ask>\
    <ask id='people' type='integer'><say>?</say><next to='first'/></ask>\
    <call id='first' script='who'><with name='topic' value=\"'tea'\"/>\
    <with name='most' value='twice'/>\
    <next when=\"first.outcome eq 'lost'\" to='bye'/><next to='second'/></call>\
    <call id='second' script='who'><with name='topic' value='first.who'/>\
    <with name='most' value='first.size'/><next to='tell'/></call>\
    <info id='tell'><say><v of='first.who'/> <v of='first.size.or(0)'/> \
    <v of='second.who'/> <v of='second.size.or(0)'/> <v of='second.outcome'/></say>\
    <next to='bye'/></info><end id='bye' outcome='done'/>";

fn document(text: &str) -> Arc<Document> {
    let text = format!("<!DOCTYPE script SYSTEM \"dialogue-script.dtd\">\n{text}");
    let id = text.split("id='").nth(1).and_then(|it| it.split('\'').next()).expect("an id");
    let document = Document::read(&format!("{id}.xml"), &text, dtd());
    Arc::new(document.unwrap_or_else(|it| panic!("{}", lines(&it))))
}

/// Compiles a script among these others.
pub(super) fn calling(body: &str, others: &[&str]) -> Result<Script, Vec<Finding>> {
    let text = super::script("agent", body);
    let document = Document::read("s.xml", text, dtd())?;
    let mut scope = scope();
    for other in others {
        let other = self::document(other);
        let id = other.root.value("id").expect("it has one").to_owned();
        scope.scripts.insert(id, other);
    }
    scope.scripts.insert("s".to_owned(), Arc::new(document.clone()));
    compile(&document, &scope)
}

pub(super) fn said(body: &str, others: &[&str]) -> String {
    calling(body, others).map(drop).map_err(|it| lines(&it)).err().unwrap_or_default()
}

fn trail(session: &Session<'_>) -> Vec<String> {
    session.view().trail.into_iter().map(|it| it.step).collect()
}

#[test]
fn a_called_script_takes_over_and_gives_back_what_came_of_it() {
    let script = calling(CALLER, &[WHO]).unwrap_or_else(|it| panic!("{}", lines(&it)));
    let mut session = Session::start(&script, Channel::Agent, false);
    session.answers(&[("a", "1"), ("people", "2")]);
    assert_eq!(session.view().step, "first/name");
    session.answers(&[("first/name", "anna")]);
    assert_eq!(session.view().prompts[0].text, "About tea, 4, no: Anna");
    session.answers(&[("first/greet", "")]);
    session.answers(&[("second/name", "anna")]);
    assert_eq!(session.view().prompts[0].text, "About anna, 8, yes: Anna");
    session.answers(&[("second/greet", "")]);
    assert_eq!(session.view().prompts[0].text, "anna 8 anna 16 found");
    // what is said at an end is said, and passed
    session.answers(&[("second/name", "none")]);
    assert_eq!(session.view().step, "second/lost");
    session.answers(&[("second/lost", "")]);
    assert_eq!(session.view().prompts[0].text, "anna 8 nobody 0 lost");
    let expected = ["a", "people", "first/name", "first/greet", "second/name", "second/lost"];
    assert_eq!(trail(&session), expected);
    // an earlier answer changes what goes into both calls, and what comes out
    session.answers(&[("people", "1"), ("second/name", "bert")]);
    assert_eq!(session.view().prompts[0].text, "anna 4 bert 8 found");
    session.answers(&[("first/name", "none"), ("first/lost", "")]);
    assert_eq!(session.view().shown, Shown::End { outcome: "done".into() });
    let replayed = State::replay(&session.events);
    assert_eq!(View::of(&script, &replayed), Some(session.view()));
}

#[test]
fn a_hand_off_of_a_called_script_ends_the_conversation() {
    let script = calling(CALLER, &[WHO]).expect("it is sound");
    let mut session = Session::start(&script, Channel::Agent, false);
    session.answers(&[("a", "1"), ("people", "5"), ("first/name", "bert")]);
    let attributes = BTreeMap::from([("who".to_owned(), "bert".to_owned())]);
    assert_eq!(session.view().shown, Shown::HandOff { queue: "faults".into(), attributes });
}

#[test]
fn goals_of_called_scripts_have_the_id_of_the_call_before_them() {
    let who = "<script id='who' version='1' language='en' channels='agent' start='b'>\
        <title>Who</title><goal name='asked'/><goal name='over'/>\
        <ask id='b' type='yes-no'><say>?</say><next when='b' to='yes' goal='asked'/>\
        <next to='no'/></ask><end id='yes' outcome='x' goal='over'/><end id='no' outcome='x'/>\
        </script>";
    let body = "<call id='a' script='who'><next to='end'/></call><end id='end' outcome='x'/>\
        <test name='both'><answer step='a/b' value='true'/>\
        <reached goals='a/asked a/over'/><ended outcome='x'/></test>\
        <test name='none'><answer step='a/b' value='false'/><reached goals=''/></test>";
    let run = calling(body, &[who]).expect("it is sound").run_tests();
    let failures: Vec<_> = run.tests.into_iter().flat_map(|it| it.failures).collect();
    assert!(failures.is_empty(), "{}", lines(&failures));
}

#[test]
fn tests_know_the_steps_and_actions_of_called_scripts() {
    let order = "<script id='order' version='1' language='en' channels='agent' start='do'>\
        <title>Order</title><input name='kind' required='yes'/>\
        <do id='do' wait='5'><invoke name='job' \
        operation='erp.create_service_order'><title>Job</title><set name='customer' value=\"''\"/>\
        <set name='connection' value=\"''\"/><set name='kind' value='kind'/>\
        <set name='urgency' value=\"''\"/></invoke><next when='has(job)' to='ok'/>\
        <next to='not'/></do><end id='ok' outcome='ok'><result name='number' value='job.order'/>\
        </end><end id='not' outcome='not'/></script>";
    let call = |id: &str, next: &str| {
        format!(
            "<call id='{id}' script='order'><with name='kind' value=\"'{id}'\"/>\
             <next when='has({id}.number)' to='{next}'/><next to='failed'/></call>"
        )
    };
    let body = format!(
        "<info id='a'><say>.</say><next to='one'/></info>{}{}\
         <end id='fine' outcome='fine'><say><v of='one.number'/> <v of='two.number'/></say></end>\
         <end id='failed' outcome='failed'/>\
         <test name='two orders'><answer step='a'/><at step='one/do'/>\
         <sent action='one/job'><set name='kind' value=\"'one'\"/></sent>\
         <unsent action='two/job'/>\
         <done action='one/job'><set name='order' value=\"'1'\"/></done>\
         <sent action='two/job'><set name='kind' value=\"'two'\"/></sent>\
         <done action='two/job'><set name='order' value=\"'2'\"/></done>\
         <path steps='a one/do one/ok one two/do two/ok two fine'/>\
         <at step='fine'><say>1 2</say></at><ended outcome='fine'/></test>\
         <test name='one fails'><answer step='a'/><late action='one/job'/>\
         <passed steps='one/not one failed'/><ended outcome='failed'/></test>",
        call("one", "two"),
        call("two", "fine"),
    );
    let script = calling(&body, &[order]).unwrap_or_else(|it| panic!("{}", lines(&it)));
    let run = script.run_tests();
    let failures: Vec<String> =
        run.tests.iter().map(|it| lines(&it.failures)).filter(|it| !it.is_empty()).collect();
    assert_eq!(failures, [""; 0]);
    // transitions of the called script count where it stands
    let taken = run.transitions.iter().filter(|it| it.is_taken).count();
    assert_eq!((taken, run.transitions.len()), (4, 5));
    let wrong = body.replace("step='one/do'", "step='one/du'").replace("'two/job'/>", "'job'/>");
    let said = said(&wrong, &[order]);
    assert!(said.contains("the script has no step `one/du`\n    did you mean `one/do`?"), "{said}");
    assert!(said.contains("CG0502") && said.contains("no action `job`"), "{said}");
}

/// A caller of `other` with nothing else to it.
fn caller(with: &str) -> String {
    format!("<call id='a' script='other'>{with}<next to='b'/></call><end id='b' outcome='x'/>")
}

fn other(attributes: &str, body: &str) -> String {
    format!("<script id='other' version='1' {attributes}><title>O</title>{body}</script>")
}

const FINE: &str = "language='en' channels='agent' start='a'";

/// Scripts that cannot be called, or not like this, and what is said about it.
pub(super) const MISTAKES: &[(&str, &str, &str, &str)] = &[
    (
        "",
        FINE,
        "<related name='c' class='Connection' attribute='customer' to='x'/>\
         <input name='x' class='Customer'/><end id='a' outcome='x'/>",
        "CG0211 s.xml:3:22: `other` has mistakes of its own",
    ),
    (
        "",
        "language='de' channels='agent' start='a'",
        "<end id='a' outcome='x'/>",
        "CG0211 s.xml:3:22: `other` speaks `de`, this script `en`\n    call a script of the same \
         language",
    ),
    (
        "",
        "language='en' channels='ivr' start='a'",
        "<end id='a' outcome='x'/>",
        "CG0211 s.xml:3:22: `other` does not run on `agent`, as this script does\n    add `agent` \
         to the channels of `other`",
    ),
    (
        "",
        FINE,
        "<handoff id='a' queue='faults'/>",
        "CG0211 s.xml:3:22: `other` has no `end`, so that nothing can come after it\n    give it \
         an end, or hand off in this script",
    ),
    (
        "<with name='p' value='1'/><with name='p' value='1'/><with name='yy' value='1'/>",
        FINE,
        "<input name='p' type='date'/><input name='y' required='yes'/><end id='a' outcome='x'/>",
        "CG0206 s.xml:3:1: the input `y` must be handed over\n\
         CE0301 s.xml:3:51: `1` is int, but date that may be missing is wanted here\n\
         CG0102 s.xml:3:67: `p` is handed over twice\n\
         CE0301 s.xml:3:77: `1` is int, but date that may be missing is wanted here\n\
         CG0212 s.xml:3:93: the called script has no input `yy`\n    did you mean `y`?",
    ),
    (
        "<with name='p' value='agent'/>",
        FINE,
        "<input name='p' required='yes'/><end id='a' outcome='x'/>",
        "CE0303 s.xml:3:51: `agent` may be missing\n    ask `has(agent)` first or write \
         `agent.or(…)`",
    ),
];

#[test]
fn scripts_that_cannot_be_called_so_are_mistakes() {
    for (with, attributes, body, expected) in MISTAKES {
        assert_eq!(said(&caller(with), &[&other(attributes, body)]), *expected, "{body}");
    }
    assert_eq!(
        said(
            &caller("").replace("'other'", "'othr'"),
            &[&other(FINE, "<end id='a' outcome='x'/>")]
        ),
        "CG0210 s.xml:3:22: the application has no script `othr`\n    did you mean `other`?"
    );
    let results = "<decide id='a'><next when='has(agent)' to='b'/><next to='c'/></decide>\
        <end id='b' outcome='x'><result name='outcome' value='1'/>\
        <result name='r' value='1'/></end>\
        <end id='c' outcome='y'><result name='r' value='true'/><result name='r' value='2'/></end>";
    assert_eq!(
        said(results, &[]),
        "CG0102 s.xml:3:109: the result `outcome` is given already\n\
         CG0306 s.xml:3:211: another end gives `r` as another type than bool\n\
         CG0102 s.xml:3:232: the result `r` is given already"
    );
}

#[test]
fn a_script_that_comes_back_to_itself_is_a_mistake_that_names_the_way() {
    let calls = |id: &str, called: &str| {
        format!(
            "<script id='{id}' version='1' language='en' channels='agent' start='a'>\
             <title>T</title><call id='a' script='{called}'><next to='b'/></call>\
             <end id='b' outcome='x'/></script>"
        )
    };
    let (other, third) = (calls("other", "third"), calls("third", "s"));
    assert_eq!(
        said(&caller(""), &[&other, &third]),
        "CG0307 s.xml:3:22: the calls come back to `s`: `s`, `other`, `third`, `s`"
    );
    let own = caller("").replace("'other'", "'s'");
    assert_eq!(said(&own, &[]), "CG0307 s.xml:3:22: the calls come back to `s`: `s`, `s`");
    // who calls one that calls itself is told where to look
    let itself = calls("other", "other");
    let expected = "CG0211 s.xml:3:22: `other` has mistakes of its own";
    assert_eq!(said(&caller(""), &[&itself]), expected);
}

#[test]
fn what_is_called_has_limits() {
    let calls = |id: &str, called: &str, times: usize| {
        let calls = (0..times).map(|it| {
            let next = if it + 1 == times { "z".to_owned() } else { format!("c{}", it + 1) };
            format!("<call id='c{it}' script='{called}'><next to='{next}'/></call>")
        });
        format!(
            "<script id='{id}' version='1' language='en' channels='agent' start='c0'>\
             <title>T</title>{}<end id='z' outcome='x'/></script>",
            calls.collect::<String>()
        )
    };
    let end = "<script id='s0' version='1' language='en' channels='agent' start='a'>\
        <title>T</title><end id='a' outcome='x'/></script>";
    let (few, many) = (calls("s1", "s0", 70), calls("s2", "s1", 70));
    let others = [few.as_str(), &many, end];
    let call = |id: &str| caller("").replace("'other'", &format!("'{id}'"));
    assert_eq!(said(&call("s1"), &others), "");
    assert_eq!(said(&call("s2"), &others), "CG0211 s.xml:3:22: `s2` has mistakes of its own");
    let many = many.split("</title>").nth(1).and_then(|it| it.strip_suffix("</script>"));
    let many = many.expect("it has steps").replace("'c0'", "'a'");
    assert_eq!(
        said(&many, &others),
        "CG0105 s.xml:3:22: with all that it calls, the script has over 5000 steps"
    );
    let mut chain: Vec<String> =
        (1..10).map(|it| calls(&format!("s{it}"), &format!("s{}", it - 1), 1)).collect();
    chain.push(end.to_owned());
    let others: Vec<&str> = chain.iter().map(String::as_str).collect();
    assert_eq!(said(&call("s6"), &others), "");
    assert!(said(&call("s7"), &others).starts_with("CG0105"), "{}", said(&call("s7"), &others));
    let long = WHO.replace("'greet'", "'greet_who_is_there_and_ask_about_it'");
    let called = CALLER.replace("'first'", "'first_of_two'").replace("first.", "first_of_two.");
    let said = said(&called, &[&long]);
    assert!(said.starts_with("CG0105") && said.contains("is longer than 46 bytes"), "{said}");
}

#[test]
fn a_script_is_another_when_what_it_calls_changes() {
    let digest = |who: &str| calling(CALLER, &[who]).expect("it is sound").reference().digest;
    assert_eq!(digest(WHO), digest(WHO));
    assert_ne!(digest(WHO), digest(&WHO.replace("limit * 2", "limit * 3")));
}

#[test]
fn results_are_known_where_the_call_surely_was() {
    let body = |next: &str, of: &str| {
        format!(
            "<decide id='a'><next when='has(agent)' to='first'/><next to='{next}'/></decide>\
             <call id='first' script='who'><with name='topic' value=\"'t'\"/>\
             <next to='tell'/></call>\
             <info id='tell'><say><v of='{of}'/></say><next to='bye'/></info>\
             <end id='bye' outcome='x'/>"
        )
    };
    assert_eq!(said(&body("first", "first.who"), &[WHO]), "");
    let maybe = said(&body("tell", "string(first.who)"), &[WHO]);
    assert!(maybe.starts_with("CE0303") && maybe.contains("`first.who` may be missing"), "{maybe}");
    let size = said(&body("first", "string(first.size)"), &[WHO]);
    assert!(size.contains("`first.size` may be missing"), "{size}");
    let unknown = said(&body("first", "first.sizes"), &[WHO]);
    assert!(unknown.contains("it has: first.outcome, first.size, first.who"), "{unknown}");
    let open = "<call id='a' script='who'><with name='topic' value=\"'t'\"/>\
        <next when=\"a.outcome eq 'found'\" to='b'/></call><end id='b' outcome='x'/>";
    assert_eq!(
        said(open, &[WHO]),
        "CG0303 s.xml:3:1: no `next` is open for a.outcome = `lost`\n    leave out the condition \
         of the last `next`"
    );
}
