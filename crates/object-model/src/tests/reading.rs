use caruso_expression::{Schema, Type, check, parse};

use super::{class, member_mistakes, mistakes, sound, utilities};
use crate::{AttributeType, Class, ClassSchema, Form, KeySource, Member, Model, Revision};

#[test]
fn the_example_has_its_classes_mapped_to_a_grown_database() {
    let model = utilities();
    let names: Vec<_> = model.classes().map(|class| class.name.as_str()).collect();
    assert_eq!(
        names,
        ["Connection", "ContactPoint", "Customer", "FaultReport", "Interaction", "Meter", "Move"]
    );
    let customer = model.class("Customer").expect("it is there");
    let key = customer.single_key().expect("there is one");
    assert_eq!((customer.table.as_str(), key.column.as_str()), ("KLANT", "KLANTNR"));
    assert_eq!(customer.revision, Revision::Column("VERSIE".into()));
    assert_eq!(customer.labels.text("en"), Some("Customer"));
    let Some(Member::Attribute(flag)) = customer.member("is_life_support") else {
        panic!("it is an attribute");
    };
    assert!(matches!(flag.ty, AttributeType::Bool));
    assert_eq!(flag.stored.form, Form::Flags { yes: "J".into(), no: "N".into() });
    let point = model.class("ContactPoint").expect("it is there");
    assert_eq!(point.key_source, KeySource::Assigned);
    let search = point.attributes().iter().find_map(|it| it.search.as_ref()).expect("searched");
    assert_eq!(search.owner.as_deref(), Some("customer"));
    assert!(search.when.is_some());
}

#[test]
fn the_model_gives_expressions_their_types() {
    let model = utilities();
    assert_eq!(model.member("Customer", "notes"), Some(Type::Text.optional()));
    let connections = Type::Object("Connection".into()).list();
    assert_eq!(model.member("Customer", "connections"), Some(connections));
    assert_eq!(model.member("Connection", "customer"), Some(Type::Object("Customer".into())));
    let class = model.class("FaultReport").expect("it is there");
    let schema = ClassSchema { model: &model, class };
    let sound = "urgency eq 'high' and connection.medium eq 'gas' \
                 and customer.connections.exists(c, c.city eq 'Utrecht')";
    let expression = parse(sound).expect("it parses");
    check(&expression, &schema, Some(&Type::Bool)).expect("it checks");
    let expression = parse("urgency eq 'hihg' or conection.medium eq 'gas'").expect("it parses");
    let errors = check(&expression, &schema, Some(&Type::Bool)).expect_err("two slips");
    let hints: Vec<_> = errors.iter().filter_map(|error| error.hint.as_deref()).collect();
    assert_eq!(hints, ["did you mean `high`?", "did you mean `connection`?"]);
}

#[test]
fn what_is_written_twice_is_found() {
    let members = "<attribute id=\"k\" name=\"a\" column=\"A\" type=\"int\"/>\n\
                   <attribute id=\"b\" name=\"k\" column=\"B\" type=\"int\"/>\n\
                   <attribute id=\"d\" name=\"d\" column=\"k\" type=\"int\"/>\n\
                   <attribute id=\"e\" name=\"e\" column=\"v\" type=\"int\"/>";
    assert_eq!(
        member_mistakes(members),
        [
            "5:16 CB0102 id `k` is used twice",
            "6:25 CB0101 member `k` is used twice",
            "7:36 CB0103 column `k` is used twice",
            "8:36 CB0103 column `v` is used twice",
        ]
    );
    let first = class("", "");
    let second = first.replace("name=\"A\"", "name=\"B\"").replace("id=\"", "id=\"2");
    assert_eq!(mistakes(&format!("{first}\n{second}")), ["6:32 CB0104 table `T` is used twice"]);
    let second = first.replace("table=\"T\"", "table=\"U\"").replace("id=\"", "id=\"2");
    assert_eq!(
        mistakes(&format!("{first}\n{second}")),
        ["6:22 CB0101 class `A` is declared twice"]
    );
    let values = "<enum name=\"e\"><value name=\"x\" stored=\"1\"/><value name=\"x\"/>\
                  <value name=\"y\" stored=\"1\"/></enum>\n";
    assert_eq!(
        mistakes(&format!("{values}{first}")),
        ["3:57 CB0101 value `x` is used twice", "3:85 CB0105 stored form `1` is used twice",]
    );
}

#[test]
fn what_leads_nowhere_is_found_with_the_nearest_name() {
    assert_eq!(
        member_mistakes("<to-one id=\"r\" name=\"r\" class=\"AA\" column=\"R\"/>"),
        ["5:32 CB0201 class `AA` is unknown (did you mean `A`?)"]
    );
    let members = "<to-one id=\"r\" name=\"parent\" class=\"A\" column=\"R\"/>\n\
                   <to-many id=\"s\" name=\"s\" class=\"A\" inverse=\"parnet\"/>";
    assert_eq!(
        member_mistakes(members),
        ["6:45 CB0202 `parnet` of `A` does not lead to `A` (did you mean `parent`?)"]
    );
    let choice = "<attribute id=\"a\" name=\"a\" column=\"A\" type=\"choice\" enum=\"e\"/>";
    assert_eq!(member_mistakes(choice), ["5:59 CB0203 enumeration `e` is unknown"]);
    assert_eq!(
        mistakes(&class("", "").replace("key=\"k\"", "key=\"kk\"")),
        ["3:39 CB0204 there is no attribute `kk` (did you mean `k`?)"]
    );
    let not_required = class("", "").replace("required=\"yes\"", "");
    assert_eq!(
        mistakes(&not_required),
        ["3:39 CB0204 `k` cannot be the key (a key is a required text, int, date or choice)"]
    );
}

#[test]
fn what_leads_to_an_unsound_class_is_no_second_mistake() {
    let first = class("", "").replace("key=\"k\"", "key=\"x\"");
    let second = "<class id=\"d\" name=\"B\" table=\"U\" key=\"l\" revision=\"V\">\n\
                  <attribute id=\"l\" name=\"l\" column=\"L\" type=\"int\" required=\"yes\"/>\n\
                  <to-one id=\"r\" name=\"a\" class=\"A\" column=\"R\"/></class>";
    assert_eq!(
        mistakes(&format!("{first}\n{second}")),
        ["3:39 CB0204 there is no attribute `x` (did you mean `k`?)"]
    );
}

#[test]
fn options_belong_to_their_types() {
    let table = [
        ("type=\"int\" length=\"3\"", "a int has no `length` (`length` belongs to: text)"),
        ("type=\"choice\"", "a choice names its enumeration (write `enum=\"…\"`)"),
        (
            "type=\"decimal\"",
            "a decimal says how many decimals it has, 1 to 9 (write `decimals=\"2\"`)",
        ),
        (
            "type=\"text\" stored=\"J/N\"",
            "a text has no `stored` (`stored` belongs to: bool, int, money, date, instant)",
        ),
        (
            "type=\"date\" zone=\"Europe/Paris\"",
            "a date has no `zone` (`zone` belongs to: instant)",
        ),
        ("type=\"text\" search-for=\"r\"", "`search-for` stands without `search`"),
        ("type=\"text\" search=\"phone\" search-for=\"r\"", "`r` is not a relation to one"),
        (
            "type=\"text\" search=\"phone\" search-when=\"kk eq 1\"",
            "`kk` is not known here (did you mean `k`?)",
        ),
    ];
    for (options, expected) in table {
        let found =
            member_mistakes(&format!("<attribute id=\"a\" name=\"a\" column=\"A\" {options}/>"));
        assert_eq!(found.len(), 1, "{options}: {found:?}");
        assert!(found[0].ends_with(expected), "{options}: {found:?}");
    }
}

#[test]
fn names_that_expressions_cannot_write_are_found() {
    for name in ["not", "in", "a-b", "1a", "über", "true"] {
        let member = format!("<attribute id=\"a\" name=\"{name}\" column=\"A\" type=\"int\"/>");
        let found = member_mistakes(&member);
        assert!(found[0].contains("cannot be written"), "{name}: {found:?}");
    }
}

#[test]
fn a_country_without_numbering_plan_is_found() {
    let text = "<!DOCTYPE business-objects SYSTEM \"business-objects.dtd\">\n\
                <business-objects database=\"d\" country=\"NO\"><class id=\"c\" name=\"A\" \
                table=\"T\" key=\"k\" revision=\"V\"><attribute id=\"k\" name=\"k\" column=\"K\" \
                type=\"int\" required=\"yes\"/></class></business-objects>";
    let (model, findings) = Model::read([("m.xml", text.as_bytes())]);
    assert_eq!(model.classes().count(), 0);
    assert_eq!(findings[0].code, crate::codes::UNKNOWN_COUNTRY);
}

#[test]
fn history_is_kept_unless_the_class_says_no_and_attributes_may_be_sensitive() {
    let model = |attributes: &str, member: &str| sound(&class(attributes, member));
    let keeps = |model: &Model| model.class("A").map(|class| class.keeps_history);
    assert_eq!(keeps(&model("", "")), Some(true));
    assert_eq!(keeps(&model("history=\"yes\"", "")), Some(true));
    assert_eq!(keeps(&model("history=\"no\"", "")), Some(false));
    let secret = "<attribute id=\"a\" name=\"a\" column=\"A\" type=\"text\" sensitive=\"yes\"/>";
    let model = model("", secret);
    let attributes = model.class("A").map(Class::attributes).unwrap_or_default();
    let sensitive: Vec<bool> = attributes.iter().map(|it| it.is_sensitive).collect();
    assert_eq!(sensitive, [false, true]);
}
