//! Relations to many, with or without a class between.

use caruso_expression::{Schema, Type};

use super::{mistakes, sound};
use crate::{Between, Member};

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
