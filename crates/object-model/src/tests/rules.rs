//! Who may do what.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use caruso_expression::{Budget, TypedKind, Value};
use proptest::prelude::*;

use super::{class, member_mistakes, sound};
use crate::{Action, Class, Model, Rule, User};

const MEMBERS: &str = r#"<attribute id="o" name="owner" column="O" type="text"/>
<attribute id="b" name="kind" column="B" type="choice" enum="e"/>
<to-one id="r" name="parent" class="A" column="R"/>
<to-many id="s" name="parts" class="A" inverse="parent"/>
"#;

/// A rule, on line 10 behind these members.
fn with(rules: &str) -> String {
    let list = "<enum name=\"e\"><value name=\"x\"/></enum>\n";
    format!("{list}{}", class("", &[MEMBERS, rules].concat()))
}

fn model(rules: &str) -> Model {
    sound(&with(rules))
}

fn only(model: &Model) -> &Class {
    model.class("A").expect("it is there")
}

fn user(name: &str, roles: &[&str]) -> User {
    User { name: name.to_owned(), roles: roles.iter().map(|role| (*role).to_owned()).collect() }
}

fn mistakes(options: &str) -> Vec<String> {
    super::mistakes(&with(&format!("<rule {options}/>")))
}

#[test]
fn a_rule_says_who_may_do_what_with_which_objects() {
    let model = model(
        "<rule role=\"agent  supervisor\" action=\"read update\" when=\"k gt 0\"\n\
         attributes=\"kind parent parts\"/><rule action=\"delete create\"/>",
    );
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        only(&model).rules(),
        [
            Rule {
                roles: names(&["agent", "supervisor"]),
                actions: vec![Action::Read, Action::Update],
                when: Some("k gt 0".into()),
                attributes: Some(names(&["kind", "parent", "parts"])),
            },
            Rule {
                roles: Vec::new(),
                actions: vec![Action::Delete, Action::Create],
                when: None,
                attributes: None,
            },
        ]
    );
    let [some, all] = only(&model).rules() else { panic!("there are two") };
    assert!(some.is_for(&user("a", &["x", "supervisor"]), Action::Read));
    assert!(!some.is_for(&user("a", &["x", "supervisor"]), Action::Delete));
    assert!(!some.is_for(&user("a", &[]), Action::Read));
    assert!(all.is_for(&user("a", &[]), Action::Create));
    assert!(some.names("parts") && !some.names("owner") && all.names("owner"));
    assert!(super::utilities().classes().all(|class| class.rules().is_empty()));
}

#[test]
fn a_condition_knows_the_user_as_constants() {
    let table = [
        ("owner eq user.name", "eva", vec![], true),
        ("owner eq user.name", "bram", vec![], false),
        ("owner eq user.name", "' or true or '", vec![], false),
        ("'boss' in user.roles", "x", vec!["agent", "boss"], true),
        ("'boss' in user.roles", "x", vec!["agent"], false),
        ("'boss' in user.roles", "x", vec![], false),
        ("user.roles.exists(r, r eq owner)", "x", vec!["eva"], true),
        ("size(user.roles) == 0", "x", vec![], true),
        ("user.name.startsWith('e') and k gt 0", "eva", vec![], true),
        ("has(parent) and parent.owner eq user.name", "eva", vec![], false),
    ];
    let values =
        BTreeMap::from([("owner".to_owned(), Value::from("eva")), ("k".into(), Value::Int(1))]);
    for (when, name, roles, expected) in table {
        let model = model(&format!("<rule action=\"read\" when=\"{when}\"/>"));
        let rule = &only(&model).rules()[0];
        let condition = rule.condition(&model, only(&model), &user(name, &roles));
        let condition = condition.expect("it is sound").expect("there is one");
        let outcome = condition.evaluate(&values, Budget::default());
        assert_eq!(outcome, Ok(expected.into()), "{when} {name} {roles:?}");
    }
    let model = model("<rule action=\"read\"/>");
    let condition = only(&model).rules()[0].condition(&model, only(&model), &user("x", &[]));
    assert_eq!(condition, Ok(None));
}

#[test]
fn roles_are_a_constant_even_when_there_are_none() {
    let model = model("<rule action=\"read\" when=\"owner in user.roles\"/>");
    let rule = &only(&model).rules()[0];
    let condition = rule.condition(&model, only(&model), &user("x", &[])).expect("it is sound");
    let Some(TypedKind::In(_, list)) = condition.as_ref().map(|it| &it.root().kind) else {
        panic!("it asks for an element of a list");
    };
    assert_eq!(list.kind, TypedKind::Literal(Value::from(Vec::new())));
}

#[test]
fn mistakes_in_a_condition_are_found_at_their_places() {
    let table = [
        ("ower eq user.name", 27, "CE0201 `ower` is not known here (did you mean `owner`?)"),
        ("owner eq user.nmae", 41, "CE0201 `signed-in user` has no `nmae` (did you mean `name`?)"),
        ("parent.ower eq ''", 34, "CE0201 `A` has no `ower` (did you mean `owner`?)"),
        ("kind eq user.name", 27, "CE0301 choice `e` does not compare with text"),
        ("kind in user.roles", 27, "CE0301 choice `e` does not compare with text"),
        ("k", 27, "CE0301 `k` is int, but bool is wanted here"),
        (
            "parts.exists(user, user.name eq '')",
            40,
            "CE0201 `user` already means something here (take another name for the element)",
        ),
        ("has(user)", 31, "CB0306 `user` is no value itself (write `user.name` or `user.roles`)"),
        (
            "k gt 0 and user == null",
            38,
            "CB0306 `user` is no value itself (write `user.name` or `user.roles`)",
        ),
    ];
    for (when, column, expected) in table {
        let found = mistakes(&format!("action=\"read\" when=\"{when}\""));
        assert_eq!(found, [format!("10:{column} {expected}")], "{when}");
    }
    assert_eq!(mistakes("action=\"read\" when=\"has(user.name)\"").len(), 1);
}

#[test]
fn unknown_actions_and_attributes_are_found() {
    assert_eq!(
        mistakes("action=\"read  wirte\""),
        ["10:21 CB0306 `wirte` is no action (known: `read`, `create`, `update`, `delete`)"]
    );
    assert_eq!(
        mistakes("action=\"read\" attributes=\"k ower\""),
        ["10:35 CB0209 `A` has no `ower` (did you mean `owner`?)"]
    );
    let found = member_mistakes("<rule when=\"k gt 0\"/>");
    assert!(found.len() == 1 && found[0].contains("needs the attribute `action`"), "{found:?}");
}

#[test]
fn a_member_called_user_is_not_taken_for_the_one_who_is_signed_in() {
    let member = "<to-one id=\"u\" name=\"user\" class=\"A\" column=\"U\"/>";
    let rule = "<rule action=\"read\" when=\"k gt 0 and '' eq user.name\"/>";
    assert_eq!(
        member_mistakes(&[member, rule].concat()),
        ["5:93 CB0306 `user` is who is signed in, and also a member of `A` \
          (give the member another name)"]
    );
    let rule = "<rule action=\"read\" when=\"k gt 0\" attributes=\"user\"/>";
    assert_eq!(member_mistakes(&[member, rule].concat()), [""; 0]);
}

#[test]
fn a_rule_with_a_mistake_allows_nothing_but_does_not_open_its_class() {
    for options in [
        "action=\"read raed\"",
        "action=\"read\" when=\"kk\"",
        "action=\"read\" when=\"has(user)\"",
        "action=\"read\" when=\"has(user.name)\"",
        "action=\"read\" attributes=\"kk\"",
        "action=\"read\" attributes=\"unsound\"",
    ] {
        let unsound = "<attribute id=\"y\" name=\"unsound\" column=\"Y\" type=\"decimal\"/>";
        let text = super::file(&class("", &format!("{unsound}<rule {options}/>")));
        let (model, findings) = Model::read([("m.xml", text.as_bytes())]);
        assert_eq!(findings.len(), if options.ends_with("unsound\"") { 1 } else { 2 }, "{options}");
        let [rule] = only(&model).rules() else { panic!("there is one: {options}") };
        assert_eq!(rule.actions, [], "{options}");
    }
}

/// Everything that a condition may do with the user.
static MANIFOLD: LazyLock<Model> = LazyLock::new(|| {
    model(
        "<rule action=\"read\" when=\"owner eq user.name and user.name ne 'x' \
         and owner in user.roles and 'x' in user.roles and kind in ['x'] \
         and user.roles.all(r, r ne user.name) \
         and [user.name, owner].exists(n, n eq parent.owner)\"/>",
    )
});

proptest! {
    #[test]
    fn a_condition_that_was_read_is_one_for_every_user(
        name in "x|2026-01-31|.{0,9}",
        roles in prop::collection::vec("x|[a-z']{0,4}", 0..4),
    ) {
        let class = only(&MANIFOLD);
        let condition = class.rules()[0].condition(&MANIFOLD, class, &User { name, roles });
        prop_assert!(matches!(condition, Ok(Some(_))), "{:?}", condition);
    }
}
