use std::collections::BTreeMap;

use caruso_expression::Value;
use rust_decimal::Decimal;

use super::changing::{apply, create};
use super::lab::Lab;
use super::{example, query, suite};
use crate::{Aggregate, Engine, Error, Function, Measure};

suite!(
    figures_of_groups_are_those_of_a_recount,
    sums_and_averages_are_exact,
    mistakes_of_a_measure_are_named,
);

fn measure(function: Function, attribute: &str) -> Measure {
    let attribute = (!attribute.is_empty()).then(|| attribute.to_owned());
    Measure { function, attribute }
}

async fn figures_of_groups_are_those_of_a_recount(lab: &Lab) {
    let engine = example(lab).await;
    let request = Aggregate {
        class: "Connection".into(),
        filter: "city ne 'Zeist'".into(),
        group_by: vec!["medium".into(), "city".into()],
        measures: vec![
            measure(Function::Count, ""),
            measure(Function::Least, "ean"),
            measure(Function::Greatest, "ean"),
        ],
        ..Aggregate::default()
    };
    let (groups, has_more) = engine.aggregate(&request).await.expect("it is sound");
    assert!(!has_more && groups.len() > 5, "{}", groups.len());
    let mut recount: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let mut page_token = String::new();
    loop {
        let page = crate::Query {
            class: "Connection".into(),
            page_size: 500,
            page_token,
            ..crate::Query::default()
        };
        let page = engine.query(&page).await.expect("it is sound");
        for object in page.objects {
            let value = |name: &str| object.attributes[name].to_string();
            if value("city") != "Zeist" {
                recount.entry((value("medium"), value("city"))).or_default().push(value("ean"));
            }
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(groups.len(), recount.len());
    for group in groups {
        let by = (group.by[0].to_string(), group.by[1].to_string());
        let eans = &recount[&by];
        let count = i64::try_from(eans.len()).expect("few");
        let ean = |ean: Option<&String>| Value::from(ean.expect("one at least").as_str());
        let wanted = [Value::Int(count), ean(eans.iter().min()), ean(eans.iter().max())];
        assert_eq!(group.measures, wanted, "{by:?}");
    }
}

async fn sums_and_averages_are_exact(lab: &Lab) {
    let engine = example(lab).await;
    let readings = [Some("0.125"), Some("10.000"), None, Some("-2.500")];
    for (index, reading) in readings.into_iter().enumerate() {
        let reading =
            reading.map_or(Value::Null, |text| Value::Decimal(text.parse().expect("one")));
        let moved = create(
            "Move",
            &[
                ("customer", "100001".into()),
                ("new_street", "Dorpsstraat".into()),
                ("new_house_number", "1".into()),
                ("new_postal_code", "1234 AB".into()),
                ("new_city", "Zeist".into()),
                ("moving_date", Value::Date("2026-02-01".parse().expect("a day"))),
                ("meter_reading", reading),
            ],
        );
        apply(&engine, &format!("k{index}"), vec![moved]).await.expect("it is sound");
    }
    let measures = vec![
        measure(Function::Count, ""),
        measure(Function::Count, "meter_reading"),
        measure(Function::Sum, "meter_reading"),
        measure(Function::Average, "meter_reading"),
        measure(Function::Least, "meter_reading"),
        measure(Function::Greatest, "moving_date"),
    ];
    let mut request = Aggregate { class: "Move".into(), measures, ..Aggregate::default() };
    let (groups, _) = engine.aggregate(&request).await.expect("it is sound");
    let decimal = |text: &str| Value::Decimal(text.parse::<Decimal>().expect("a number"));
    let wanted = [
        Value::Int(4),
        Value::Int(3),
        decimal("7.625"),
        decimal("2.5416667"),
        decimal("-2.500"),
        Value::Date("2026-02-01".parse().expect("a day")),
    ];
    assert_eq!(groups[0].measures, wanted);
    request.filter = "new_city eq 'nowhere'".into();
    let (groups, _) = engine.aggregate(&request).await.expect("it is sound");
    let none = [Value::Int(0), Value::Int(0), Value::Null, Value::Null, Value::Null, Value::Null];
    assert_eq!(groups[0].measures, none);
    assert_eq!(query(&engine, "Move", "").await.expect("it is sound").objects.len(), 4);
}

async fn refusal(engine: &Engine, measures: Vec<Measure>, group_by: &str) -> String {
    let group_by = vec![group_by.to_owned()];
    let request =
        Aggregate { class: "Customer".into(), group_by, measures, ..Aggregate::default() };
    let error = engine.aggregate(&request).await.expect_err("a mistake");
    assert!(matches!(error, Error::Filter(_) | Error::UnknownAttribute { .. }), "{error}");
    error.to_string()
}

async fn mistakes_of_a_measure_are_named(lab: &Lab) {
    let engine = example(lab).await;
    let name = measure(Function::Sum, "name");
    let said = refusal(&engine, vec![name], "segment").await;
    assert_eq!(said, "filter: `name` is not stored so that it has this measure: sum");
    let segment = measure(Function::Least, "segment");
    assert!(refusal(&engine, vec![segment], "segment").await.ends_with("measure: least"));
    let nothing = measure(Function::Sum, "");
    assert_eq!(
        refusal(&engine, vec![nothing], "segment").await,
        "filter: only a count is of no attribute"
    );
    let count = measure(Function::Count, "");
    let said = refusal(&engine, vec![count], "segmnt").await;
    assert_eq!(said, "`Customer` has no `segmnt`, did you mean `segment`?");
    assert!(refusal(&engine, vec![], "segment").await.contains("1 to 16 measures"));
}
