//! E-mails: what they say, in which language, and what a change of an answer means for them.

use super::*;

const BODY: &str = "<input name='customer' class='Customer'/>\
    <ask id='a' type='email'><say>Where?</say><next to='b'/></ask>\
    <ask id='b' type='text'><say>What?</say><next to='mail'/></ask>\
    <do id='mail' wait='10'><email name='letter' to='a' undo='keep'><title>Letter</title>\
    <subject>About <v of='b'/><in language='nl'>Over <v of='b'/></in></subject>\
    <p>Dear <v of='customer.name.or(\"customer\")'/>,<in language='nl'>Geachte klant,</in></p>\
    <p>it is noted.<in language='nl'>het is genoteerd.</in></p></email>\
    <next when='has(letter)' to='c'/><next to='d'/></do>\
    <info id='c'><say>Sent.</say><next to='d'/></info><end id='d' outcome='x'/>";

fn asked(language: &str) -> String {
    let text = script("agent", BODY);
    text.replace("language=\"en\"", &format!("language=\"en\" languages=\"{language}\""))
}

fn sent(session: &Session<'_>) -> Vec<Order> {
    let effects = outstanding(session.script, &session.state).into_iter();
    let orders = effects.filter_map(|effect| match effect {
        Effect::Perform(order) => Some(order),
        _ => None,
    });
    orders.collect()
}

#[test]
fn an_email_says_what_was_answered_in_paragraphs_and_one_line() {
    let script = compiled(&asked("nl"));
    let mut session = Session::start(&script, Channel::Agent, true);
    session.answers(&[("a", "j.devries@example.org"), ("b", "a move\nto Baarn")]);
    assert_eq!(sent(&session), [], "the customer is still being looked up");
    session.read(&customer(false), &[]);
    let [order] = sent(&session).try_into().expect("one e-mail");
    let email = Task::Email {
        to: "j.devries@example.org".into(),
        subject: "About a move to Baarn".into(),
        text: "Dear J. de Vries,\n\nit is noted.\n".into(),
    };
    assert_eq!(order.task, email);
    assert_eq!(order.title, "Letter");
    let (results, object, revision) = Default::default();
    let (key, summary) = (order.key, "Sent".to_owned());
    session.input(Input::Confirmed { key, results, object, revision, summary }).expect("it counts");
    assert_eq!(session.view().step, "c");
    assert_eq!(session.view().trail[1].kept, ["Letter"]);
    session.answers(&[("b", "nothing")]);
    assert_eq!(sent(&session), [], "what was sent stays sent");
}

#[test]
fn an_email_to_what_is_no_text_is_a_mistake() {
    let said = |body: &str| lines(&check(&script("agent", body)).expect_err("a mistake"));
    let number = BODY.replace("to='a'", "to='7'");
    assert!(said(&number).contains("`7` is int, but text is wanted here"), "{}", said(&number));
    let maybe = BODY.replace("to='a'", "to='customer.name'");
    assert!(said(&maybe).contains("CE0303"), "{}", said(&maybe));
    let undone = BODY.replace("undo='keep'", "undo='compensate'");
    assert!(said(&undone).contains("CM0"), "nothing takes it back: {}", said(&undone));
}

/// A question of this type on one of two ways to an e-mail, or on both, with what it says.
fn mail(first: &str, is_on_both: bool, says: &str) -> Vec<Finding> {
    let past = if is_on_both { "b" } else { "send" };
    let text = script(
        "agent message",
        &format!(
            "<input name='customer' class='Customer'/>\
             <decide id='a'><next when='has(customer)' to='b'/><next to='{past}'/></decide>\
             <ask id='b' type='{first}'><say>May we?</say><next to='send'/></ask>\
             <do id='send'><email name='mail' to=\"'a@b.example'\"><title>T</title>\
             <subject>S</subject><p>Hello, <v of=\"{says}\"/>.</p></email>\
             <next to='over'/></do><end id='over' outcome='x'/>"
        ),
    );
    let document = Document::read("s.xml", text, dtd()).expect("it is valid");
    let mut scope = scope();
    let customer = scope.classes.get_mut("Customer").expect("it is there");
    customer.sensitive.insert("name".to_owned());
    let compiled = compile(&document, &scope);
    compiled.unwrap_or_else(|it| panic!("{}", lines(&it))).advice().to_vec()
}

#[test]
fn sensitive_values_go_out_after_a_consent_is_asked() {
    let name = "customer.name.or('you')";
    let said = lines(&mail("yes-no", true, name));
    assert!(said.starts_with("CG0709 s.xml:3:"), "{said}");
    assert!(said.contains("`name` of Customer is sensitive, and goes out in an e-mail"), "{said}");
    assert_eq!(mail("consent", false, name).len(), 1, "one way is without it");
    assert!(mail("consent", true, name).is_empty());
    assert!(mail("yes-no", true, "customer.number.or('you')").is_empty());
}
