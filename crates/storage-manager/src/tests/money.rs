//! Amounts with their currencies, of one for all, of one in a column, or in one text with it.

use std::sync::Arc;

use caruso_expression::Value;
use caruso_object_model::{Data, Model, Operation};

use super::changing::{apply, create, now, update};
use super::lab::{Lab, beside, execute, number};
use super::{author, query, suite, values};
use crate::{
    Aggregate, Engine, Function, Installation, LoadOptions, Measure, Order, Query, Transfer,
};

const MODEL: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="bills" country="NL">
  <class id="b" name="Bill" table="REKENING" key="number" writable="yes">
    <attribute id="b1" name="number" column="NR" type="int" required="yes"/>
    <attribute id="b2" name="net" column="NETTO" type="money" decimals="2" currency="EUR"/>
    <attribute id="b3" name="paid" column="BETAALD" currency-column="VALUTA" type="money"
               decimals="2"/>
    <attribute id="bc" name="cost" column="KOSTEN" type="money" decimals="2" stored="1.234,50 EUR"/>
    <derived id="b4" name="gross" value="net * 1.21"/>
    <derived id="b5" name="least" value="net.or('0 EUR')"/>
    <roll-up id="b6" name="sum" of="later" function="sum" attribute="net"/>
    <roll-up id="b7" name="most" of="later" function="greatest" attribute="net"/>
    <roll-up id="b8" name="payments" of="later" attribute="paid"/>
    <to-one id="b9" name="before" class="Bill" column="VORIG"/>
    <to-many id="ba" name="later" class="Bill" inverse="before"/>
    <constraint id="bb" name="sign" test="not has(net) or net ge '0 EUR'">
      <message language="en">It is negative.</message>
    </constraint>
  </class>
</business-objects>"#;

fn model() -> Arc<Model> {
    let (model, findings) = Model::read([("bills.xml", MODEL.as_bytes())]);
    assert_eq!(findings, []);
    model.into()
}

fn money(text: &str) -> Value {
    Value::Money(text.parse().expect("money"))
}

fn bill(number: i64, more: &[(&str, Value)]) -> Operation {
    create("Bill", &[&[("number", Value::Int(number))], more].concat())
}

async fn engine(lab: &Lab) -> (Engine, Installation) {
    let installation = lab.installation("bills");
    let opened = Engine::open("bills", model(), &Data::default(), &installation).await;
    (opened.expect("it opens"), installation)
}

async fn bills(lab: &Lab) -> (Engine, Installation) {
    let (engine, installation) = engine(lab).await;
    let before = ("before", Value::from("1"));
    let operations = vec![
        bill(1, &[("net", money("10.00 EUR")), ("paid", money("5.00 USD"))]),
        bill(2, &[("net", money("0.10 EUR")), ("paid", money("5 EUR")), before.clone()]),
        bill(3, &[("net", money("0.20 EUR")), ("paid", money("7.00 EUR")), before.clone()]),
        bill(4, &[before]),
    ];
    apply(&engine, "bills", operations).await.expect("it is sound");
    (engine, installation)
}

suite!(
    both_columns_of_money_are_written_and_read_together,
    what_is_no_money_is_a_finding,
    an_amount_with_its_currency_in_one_text_is_read_and_written,
    figures_are_of_one_currency,
    money_is_ordered_where_it_has_one_currency,
    money_comes_from_files_and_goes_to_other_engines,
);

async fn both_columns_of_money_are_written_and_read_together(lab: &Lab) {
    let (engine, installation) = bills(lab).await;
    let read = engine.read("Bill", "1").await.expect("it is there");
    assert_eq!(read.attributes["net"], money("10.00 EUR"));
    assert_eq!(read.attributes["paid"], money("5.00 USD"));
    assert_eq!(read.attributes["gross"], money("12.1000 EUR"));
    let change = update("Bill", "1", &read.revision, &[("paid", money("6 CHF"))]);
    let changed = apply(&engine, "k1", vec![change]).await.expect("it is sound").objects;
    assert_eq!(changed[0].attributes["paid"], money("6.00 CHF"));
    let history = engine.history("Bill", "1", 0, "").await.expect("it has one").changes;
    let last = history.iter().find(|change| change.operation == "update").expect("a change");
    assert_eq!(last.before["paid"], money("5.00 USD"));
    let change = update("Bill", "1", &changed[0].revision, &[("paid", Value::Null)]);
    let changed = apply(&engine, "k2", vec![change]).await.expect("it is sound").objects;
    assert!(!changed[0].attributes.contains_key("paid"));
    let connection = beside(&installation).await;
    let none = "SELECT COUNT(*) FROM \"REKENING\" WHERE \"NR\" = 1 AND \"VALUTA\" IS NULL \
                AND \"BETAALD\" IS NULL";
    assert_eq!(number(&connection, none).await, 1);
    for (value, reason) in [
        (money("1 USD"), "it is money in EUR"),
        (money("1.001 EUR"), "it has at most 2 decimals"),
        (money("-1 EUR"), "It is negative"),
        (Value::Decimal("1.00".parse().expect("a number")), "an amount with its currency"),
    ] {
        let error = apply(&engine, reason, vec![bill(9, &[("net", value)])]).await;
        let error = error.expect_err("it is refused").to_string();
        assert!(error.contains(reason), "{error}");
    }
}

async fn what_is_no_money_is_a_finding(lab: &Lab) {
    let (engine, installation) = bills(lab).await;
    let connection = beside(&installation).await;
    let rows = "(5, 100, NULL), (6, 100, 'XXX'), (7, 100, 'eur'), (8, NULL, 'EUR'), (9, NULL, 'X')";
    let columns = "\"NR\", \"BETAALD\", \"VALUTA\"";
    execute(&connection, &format!("INSERT INTO \"REKENING\" ({columns}) VALUES {rows}")).await;
    let found = query(&engine, "Bill", "number ge 5").await.expect("the page arrives").objects;
    let unreadable: Vec<String> = found.iter().map(|it| it.unreadable.join(" ")).collect();
    assert_eq!(unreadable, ["paid", "paid", "paid", "", ""]);
    for (filter, expected) in [
        ("has(paid)", "1 2 3"),
        ("paid ne '1 GBP'", "1 2 3"),
        ("paid gt '1 EUR'", "2 3"),
        ("paid.amount ge 5.00", "1 2 3"),
        ("paid.currency eq 'EUR'", "2 3"),
        ("paid in ['5 USD', '7 EUR']", "1 3"),
        ("paid gt net", "2 3"),
        ("before.paid eq '5 USD'", "2 3 4"),
        ("later.exists(l, l.paid eq '5 EUR')", "1"),
    ] {
        let page = query(&engine, "Bill", filter).await.expect(filter);
        let keys: Vec<&str> = page.objects.iter().map(|it| it.key.as_str()).collect();
        assert_eq!(keys.join(" "), expected, "{filter}");
    }
    let error = query(&engine, "Bill", "net gt '1 USD'").await.expect_err("it cannot be");
    assert!(error.to_string().contains("does not compare"), "{error}");
}

async fn an_amount_with_its_currency_in_one_text_is_read_and_written(lab: &Lab) {
    let (engine, installation) = engine(lab).await;
    let costs = ["1234.5 EUR", "-0.05 USD", "9999999999999999.99 JPY"];
    let paid = money("1234.5 EUR");
    let create = (1..)
        .zip(costs)
        .map(|(number, cost)| bill(number, &[("cost", money(cost)), ("paid", paid.clone())]));
    apply(&engine, "costs", create.collect()).await.expect("it is sound");
    let connection = beside(&installation).await;
    let written = "SELECT COUNT(*) FROM \"REKENING\" WHERE \"KOSTEN\" IN ('1.234,50 EUR', \
                   '-0,05 USD', '9.999.999.999.999.999,99 JPY')";
    assert_eq!(number(&connection, written).await, 3);
    let rows = "(4, '1234,50 EUR'), (5, '1.234,50 EU'), (6, '1.234,5 EUR'), (7, '-0,00 EUR'), \
                (8, '1.234,50 eur'), (9, '12,50 XXX'), (10, ''), (11, NULL), (12, 'EUR'), \
                (13, '12,50 EUR'), (14, '12,50  EUR'), (15, '12.5,00 EUR')";
    let insert = format!("INSERT INTO \"REKENING\" (\"NR\", \"KOSTEN\") VALUES {rows}");
    execute(&connection, &insert).await;
    let found = query(&engine, "Bill", "").await.expect("the page arrives").objects;
    let is_read = |it: &&crate::StoredObject| it.unreadable.is_empty();
    let keys = |wanted: bool| {
        let found = found.iter().filter(|it| is_read(it) == wanted);
        found.map(|it| it.key.as_str()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(keys(true), "1 2 3 11 13");
    assert_eq!(keys(false), "4 5 6 7 8 9 10 12 14 15");
    assert_eq!(found[0].attributes["cost"], money("1234.50 EUR"));
    for (filter, expected) in [
        ("has(cost)", "1 2 3 13"),
        ("cost eq '12.5 EUR'", "13"),
        ("cost gt '12.5 EUR'", "1"),
        ("cost ne '12.5 EUR'", "1 2 3"),
        ("cost.amount lt 13.00", "2 13"),
        ("cost.currency eq 'EUR'", "1 13"),
        ("cost in ['-0.05 USD', '12.50 EUR', '1 JPY']", "2 13"),
        ("before.cost eq '1 EUR'", ""),
        ("cost eq paid", "1"),
        ("cost ne paid", "2 3"),
        ("paid ge cost", "1"),
    ] {
        let page = query(&engine, "Bill", filter).await.expect(filter);
        let keys: Vec<&str> = page.objects.iter().map(|it| it.key.as_str()).collect();
        assert_eq!(keys.join(" "), expected, "{filter}");
    }
    let count = Measure { function: Function::Count, attribute: Some("cost".into()) };
    let sum = Measure { function: Function::Sum, ..count.clone() };
    let request = Aggregate { class: "Bill".into(), measures: vec![count], ..Aggregate::default() };
    let (groups, _) = engine.aggregate(&request).await.expect("it is sound");
    assert_eq!(groups[0].measures, [Value::Int(4)]);
    let refused = engine.aggregate(&Aggregate { measures: vec![sum], ..request }).await;
    let error = refused.expect_err("of what?").to_string();
    assert!(error.contains("money of several currencies"), "{error}");
    let ordered = Query {
        class: "Bill".into(),
        order: vec![Order { attribute: "cost".into(), is_descending: false }],
        ..Query::default()
    };
    let error = engine.query(&ordered).await.expect_err("it has no order").to_string();
    assert!(error.contains("have no order"), "{error}");
    what_does_not_fit_a_text_of_money_is_refused(&engine).await;
}

async fn what_does_not_fit_a_text_of_money_is_refused(engine: &Engine) {
    let read = engine.read("Bill", "13").await.expect("it is there");
    for (value, reason) in [
        (money("10000000000000000 EUR"), "it is stored with at most 18 digits"),
        (money("1.001 EUR"), "it has at most 2 decimals"),
    ] {
        let change = update("Bill", "13", &read.revision, &[("cost", value)]);
        let error = apply(engine, reason, vec![change]).await.expect_err("it is refused");
        assert!(error.to_string().contains(reason), "{error}");
    }
    let change = update("Bill", "13", &read.revision, &[("cost", money("7 CHF"))]);
    let changed = apply(engine, "c", vec![change]).await.expect("it is sound").objects;
    assert_eq!(changed[0].attributes["cost"], money("7.00 CHF"));
}

async fn figures_are_of_one_currency(lab: &Lab) {
    let (engine, _) = bills(lab).await;
    let first = engine.read("Bill", "1").await.expect("it is there").attributes;
    assert_eq!(first["sum"], money("0.30 EUR"));
    assert_eq!(first["most"], money("0.20 EUR"));
    assert_eq!(first["payments"], Value::Int(2));
    let page = query(&engine, "Bill", "least eq '0 EUR' or sum gt '0.2 EUR'").await;
    assert_eq!(page.expect("it is sound").objects.len(), 2);
    let measure =
        |function, attribute: &str| Measure { function, attribute: Some(attribute.to_owned()) };
    use Function::{Average, Count, Greatest, Least, Sum};
    let request = Aggregate {
        class: "Bill".into(),
        measures: [Count, Sum, Average, Least, Greatest].map(|it| measure(it, "net")).to_vec(),
        ..Aggregate::default()
    };
    let (groups, _) = engine.aggregate(&request).await.expect("it is sound");
    assert_eq!(groups[0].measures[0], Value::Int(3));
    let money = ["10.30 EUR", "3.433333 EUR", "0.10 EUR", "10.00 EUR"].map(money);
    assert_eq!(groups[0].measures[1..], money);
    let counted = Aggregate { measures: vec![measure(Count, "paid")], ..request.clone() };
    let (groups, _) = engine.aggregate(&counted).await.expect("it is sound");
    assert_eq!(groups[0].measures, [Value::Int(3)]);
    let summed = Aggregate { measures: vec![measure(Sum, "paid")], ..request.clone() };
    let grouped = Aggregate { group_by: vec!["paid".into()], ..request };
    for refused in [summed, grouped] {
        let error = engine.aggregate(&refused).await.expect_err("of what?");
        assert!(error.to_string().contains("money of several currencies"), "{error}");
    }
}

async fn money_is_ordered_where_it_has_one_currency(lab: &Lab) {
    let (engine, _) = bills(lab).await;
    let by = |attribute: &str| Query {
        class: "Bill".into(),
        order: vec![Order { attribute: attribute.into(), is_descending: true }],
        page_size: 2,
        ..Query::default()
    };
    let page = engine.query(&by("net")).await.expect("it is sound");
    assert_eq!(values(&page, "net"), [money("10.00 EUR"), money("0.20 EUR")]);
    let next = Query { page_token: page.next_page_token, ..by("net") };
    let page = engine.query(&next).await.expect("it is sound");
    assert_eq!(values(&page, "net"), [money("0.10 EUR"), Value::Null]);
    let error = engine.query(&by("paid")).await.expect_err("it has no order");
    assert!(error.to_string().contains("have no order"), "{error}");
}

async fn money_comes_from_files_and_goes_to_other_engines(lab: &Lab) {
    let (engine, installation) = engine(lab).await;
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("bills.csv");
    let rows = "number,net,paid,cost\n1,12.50,12.50 EUR,\n2,0.01 EUR,3 JPY,1234.5 EUR\n\
                3,1 USD,,\n4,,3 JPX,\n";
    std::fs::write(&path, rows).expect("it is written");
    let options = LoadOptions::default();
    let loaded = engine.load("Bill", &path, &options, &author(), now(), &mut |_| {}).await;
    let loaded = loaded.expect("it is loaded");
    let reasons: Vec<String> =
        loaded.reasons.iter().map(|it| format!("{}: {}", it.name, it.reason)).collect();
    assert_eq!(
        reasons,
        ["net: it is money in EUR", "paid: this is not an amount such as 12.50 EUR"]
    );
    assert_eq!(loaded.created, 2);
    drop(engine);
    let elsewhere = Lab::file().installation("bills");
    std::fs::create_dir_all(elsewhere.data.parent().expect("a folder")).expect("it is there");
    let transfer = Transfer {
        model: model(),
        digest: "test".to_owned(),
        name: "bills".to_owned(),
        from: installation.databases["bills"].address.clone(),
        to: elsewhere.databases["bills"].address.clone(),
        folder: elsewhere.data.join("transfer"),
    };
    transfer.copy(&mut |_, _| {}).await.expect("it is copied");
    let verified = transfer.verify(&mut |_, _| {}).await.expect("it is compared");
    assert_eq!((verified[0].from_rows, verified[0].differing), (2, 0));
    let connection = beside(&elsewhere).await;
    execute(&connection, "UPDATE \"REKENING\" SET \"VALUTA\" = 'EUR' WHERE \"NR\" = 2").await;
    let verified = transfer.verify(&mut |_, _| {}).await.expect("it is compared");
    assert_eq!(verified[0].differing, 1);
}
