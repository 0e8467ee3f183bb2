//! Relations to many, with or without a class between.

use caruso_expression::{Schema, Type};

use super::{class, member_mistakes, mistakes, sound};
use crate::{AttributeType, Between, Member};

const PAIRS: &str = r#"
<class id="c" name="Customer" table="KLANT" key="number" revision="V">
  <attribute id="c1" name="number" column="NR" type="int" required="yes"/>
  <to-many id="c2" name="pairs" class="Signing" inverse="customer"/>
  <to-many id="c3" name="contracts" class="Contract" inverse="customer"
    through="Signing" onward="contract"/>
</class>
<class id="d" name="Contract" table="CONTRACT" key="number" revision="V">
  <attribute id="d1" name="number" column="NR" type="int" required="yes"/>
</class>
<class id="e" name="Signing" table="TEKENT" key="customer_number contract_number">
  <attribute id="e1" name="customer_number" column="KLANT" type="int" required="yes"/>
  <attribute id="e2" name="contract_number" column="CONTRACT" type="int" required="yes"/>
  <attribute id="e3" name="role" column="ROL" type="text"/>
  <to-one id="e4" name="customer" class="Customer" column="KLANT" required="yes"/>
  <to-one id="e5" name="contract" class="Contract" column="CONTRACT" required="yes"/>
</class>"#;

#[test]
fn many_lead_to_many_by_a_class_between() {
    let model = sound(PAIRS);
    let contracts = Type::Object("Contract".into()).list();
    assert_eq!(model.member("Customer", "contracts"), Some(contracts));
    let customer = model.class("Customer").expect("it is there");
    let Some(Member::ToMany(relation)) = customer.member("contracts") else {
        panic!("{customer:?}")
    };
    let between = Between { class: "Signing".into(), onward: "contract".into() };
    assert_eq!((relation.inverse.as_str(), &relation.between), ("customer", &Some(between)));
}

#[test]
fn what_does_not_lead_there_and_on_is_found() {
    let after = |from: &str, to: &str| mistakes(&PAIRS.replace(from, to));
    let hint = "(`through` names the class between, `onward` its relation to the other object)";
    let table = [
        (
            "through=\"Signing\"",
            "through=\"Signng\"",
            "8:14 CB0201 class `Signng` is unknown (did you mean `Signing`?)".to_owned(),
        ),
        (
            "onward=\"contract\"",
            "onward=\"customer\"",
            "8:31 CB0202 `customer` of `Signing` does not lead to `Contract` (known: `contract`)"
                .to_owned(),
        ),
        (
            "inverse=\"customer\"\n",
            "inverse=\"contract\"\n",
            "7:63 CB0202 `contract` of `Signing` does not lead to `Customer` (known: `customer`)"
                .to_owned(),
        ),
        (" onward=\"contract\"", "", format!("8:14 CB0202 `onward` is missing {hint}")),
        ("through=\"Signing\" ", "", format!("8:13 CB0202 `through` is missing {hint}")),
    ];
    for (from, to, expected) in table {
        assert_eq!(after(from, to), [expected], "{to}");
    }
}

#[test]
fn columns_that_lead_here_and_there_have_a_relation_for_each() {
    let members = r#"<to-one id="r" name="up" class="A" column="R" kind-column="S" kind="1"/>
<to-one id="s" name="other" class="A" column="R" kind-column="s" kind="2"/>"#;
    let model = sound(&class("", members));
    let relations = model.class("A").expect("it is there").to_one();
    let codes = relations.iter().map(|relation| match &relation.kind.as_ref().expect("told").ty {
        AttributeType::Choice(codes) => {
            codes.values.iter().map(|it| (it.name.clone(), it.stored.clone())).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    });
    let code = |name: &str, stored: &str| (name.to_owned(), stored.to_owned());
    for codes in codes {
        assert_eq!(codes, [code("up", "1"), code("other", "2")]);
    }
    let half = member_mistakes(&members.replacen(" kind=\"1\"", "", 1));
    let hint = "(`kind-column` says of which class the other object is, `kind` is its code)";
    assert_eq!(half, [format!("5:60 CB0206 `kind` is missing {hint}")]);
}
