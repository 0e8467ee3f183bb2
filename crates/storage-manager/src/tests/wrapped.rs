//! Classes behind a wrapper: the same readings as of a database, and what there is beside.

mod changing;
mod differential;
mod faults;
mod reading;
mod shelf;

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_expression::Value;
use caruso_object_model::{Data, Model};
use rust_decimal::Decimal;

use super::lab::Lab;
use crate::{Engine, Installation};
use shelf::Shelf;

pub(super) async fn all(lab: &Lab) {
    reading::all(lab).await;
    changing::all(lab).await;
}

/// Customers are in a database; invoices and payments are where it says.
const CUSTOMERS: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="crm" country="NL">
  <class id="c" name="Customer" table="KLANT" key="number">
    <attribute id="c1" name="number" column="NR" type="int" required="yes"/>
    <attribute id="c2" name="name" column="NAAM" type="text" length="40"/>
    <to-many id="c3" name="invoices" class="Invoice" inverse="customer"/>
  </class>
  <class id="n" name="Note" table="NOTITIE" key="number">
    <attribute id="n1" name="number" column="NR" type="int" required="yes"/>
    <to-one id="n2" name="invoice" class="Invoice" column="FACTUUR"/>
  </class>
</business-objects>"#;

const BILLING: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects HELD country="NL">
  <enum name="status"><value name="open"/><value name="paid"/></enum>
  <class id="i" name="Invoice" TABLE="FACTUUR" key="number" writable="yes">
    <attribute id="i1" name="number" COLUMN="NR" type="text" length="12" required="yes"/>
    <attribute id="i2" name="status" COLUMN="STATUS" type="choice" enum="status"/>
    <attribute id="i3" name="amount" COLUMN="BEDRAG" type="decimal" decimals="2"/>
    <attribute id="i4" name="due" COLUMN="VERVAL" type="date"/>
    <attribute id="i5" name="is_disputed" COLUMN="BETWIST" type="bool"/>
    <derived id="i6" name="is_large" value="amount ge 100"/>
    <derived id="i7" name="title" value="'Invoice ' + number"/>
    <to-one id="i8" name="customer" class="Customer" COLUMN="KLANT"/>
    <to-one id="i9" name="corrects" class="Invoice" COLUMN="CORRIGEERT"/>
    <to-many id="ia" name="payments" class="Payment" inverse="invoice"/>
    <to-many id="ib" name="notes" class="Note" inverse="invoice"/>
    <constraint id="ic" name="is_no_gift" test="not has(amount) or amount ge -100">
      <message language="en">Nobody is given so much.</message>
    </constraint>
    <index attributes="customer"/>
    <index attributes="status"/>
    RULES
  </class>
  <class id="p" name="Payment" TABLE="BETALING" key="account day">
    <attribute id="p1" name="account" COLUMN="REK" type="text" length="12" required="yes"/>
    <attribute id="p2" name="day" COLUMN="DAG" type="date" required="yes"/>
    <attribute id="p3" name="amount" COLUMN="BEDRAG" type="decimal" decimals="2"/>
    <to-one id="p4" name="invoice" class="Invoice" COLUMN="FACTUUR"/>
    <index attributes="invoice"/>
  </class>
</business-objects>"#;

const DATA: [(&str, &str); 4] = [
    ("Customer.csv", "number,name\n1,Eva\n2,Jan\n3,Piet\n"),
    ("Note.csv", "number,invoice\n1,F1\n2,F3\n3,\n"),
    (
        "Invoice.csv",
        "number,status,amount,due,is_disputed,customer,corrects\n\
         F1,open,120.50,2026-03-01,false,1,\n\
         F2,paid,20.00,2026-02-01,true,1,F1\n\
         F3,open,99.99,2026-04-01,,2,\n\
         F4,,,,,,F3\n\
         F5,paid,1000.00,2025-12-31,false,3,F2\n\
         f5,open,-5.25,2026-03-01,false,2,F5\n",
    ),
    (
        "Payment.csv",
        "account,day,amount,invoice\n\
         NL1,2026-02-01,20.00,F2\nNL1,2026-03-01,50.00,F1\n\"N,L\",2025-12-31,1000.00,F5\n",
    ),
];

/// What holds invoices and payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    Database,
    Wrapper,
}

fn billing(holder: Holder, rules: &str) -> String {
    let text = BILLING.replace("RULES", rules);
    match holder {
        Holder::Database => {
            let text = text.replace("HELD", "database=\"billing\"");
            text.replace("TABLE", "table").replace("COLUMN", "column")
        }
        Holder::Wrapper => {
            let text = without(&without(&text, " TABLE=\""), " COLUMN=\"");
            text.replace("HELD", "wrapper=\"billing\"")
        }
    }
}

/// A text without the attributes that begin so.
fn without(text: &str, start: &str) -> String {
    let mut pieces = text.split(start);
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + piece.split_once('"').expect("it ends").1)
}

fn model(holder: Holder, rules: &str) -> Model {
    let billing = billing(holder, rules);
    let files = [("crm.xml", CUSTOMERS.as_bytes()), ("billing.xml", billing.as_bytes())];
    let (model, findings) = Model::read(files);
    assert_eq!(findings, []);
    model
}

/// An engine over a holder, and the wrapper in memory, which has nothing where it holds nothing.
async fn engine(lab: &Lab, holder: Holder, rules: &str) -> (Engine, Arc<Shelf>) {
    let (model, files) = (model(holder, rules), DATA.map(|(name, text)| (name, text.as_bytes())));
    let mut shelf = Shelf::default();
    let data = match holder {
        Holder::Database => Data::read(&model, files),
        Holder::Wrapper => {
            fill(&mut shelf);
            Data::read(&model, files.into_iter().take(2))
        }
    };
    let (data, shelf) = (data.expect("it is sound"), Arc::new(shelf));
    let installation = installation(lab, holder);
    let opened = Engine::open_with("w", model.into(), &data, &installation, shelf.clone()).await;
    (opened.expect("it opens"), shelf)
}

fn installation(lab: &Lab, holder: Holder) -> Installation {
    let mut installation = lab.installation("crm");
    if holder == Holder::Database {
        installation.databases.extend(lab.installation("billing").databases);
    }
    installation
}

/// The rows of the files as a wrapper gives them.
fn fill(shelf: &mut Shelf) {
    let model = model(Holder::Database, "");
    let files = DATA.map(|(name, text)| (name, text.as_bytes()));
    let data = Data::read(&model, files).expect("it is sound");
    for class in ["Invoice", "Payment"] {
        let keys = model.class(class).expect("it is there").keys();
        for row in data.rows(class) {
            let part = |name: &str| row.get(name).map(ToString::to_string).unwrap_or_default();
            let key: Vec<String> = keys.clone().map(|it| part(&it.name)).collect();
            let values: Vec<(&str, Value)> =
                row.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
            shelf.put(class, &caruso_object_model::key::join(&key), &values);
        }
    }
}

fn amount(text: &str) -> Value {
    Value::Decimal(text.parse::<Decimal>().expect("a number"))
}
