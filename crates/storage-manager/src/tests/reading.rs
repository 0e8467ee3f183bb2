use caruso_expression::Value;

use super::lab::Lab;
use super::{example, query, suite, values};
use crate::{Error, Link, Order, Query};

suite!(
    objects_are_found_by_what_they_lead_to,
    several_objects_come_in_the_order_of_their_keys,
    what_satisfies_a_filter_is_counted,
    a_search_through_a_large_table_is_refused_with_advice,
    an_object_is_read_in_words_of_the_model,
    a_number_finds_its_owners_however_it_is_written,
    a_filter_takes_arguments_as_constants,
    what_is_computed_of_constants_is_one,
    relations_are_asked_in_one_statement,
    mistakes_of_a_query_are_named,
    pages_together_are_the_whole_in_order,
    a_token_of_another_query_is_refused,
);

async fn an_object_is_read_in_words_of_the_model(lab: &Lab) {
    let engine = example(lab).await;
    let eva = engine.read("Customer", "100001").await.expect("she is there");
    assert_eq!((eva.key.as_str(), eva.revision.as_str()), ("100001", "1"));
    assert_eq!(eva.attributes["name"], Value::from("Eva de Vries"));
    assert_eq!(eva.attributes["segment"], Value::from("household"));
    assert_eq!(eva.attributes["is_life_support"], Value::Bool(false));
    assert_eq!(eva.attributes.get("notes"), None, "what is missing is absent");
    let meters = query(&engine, "Meter", "connection.customer.number eq '100001'").await;
    let meters = meters.expect("it is sound");
    assert!(
        values(&meters, "installed_on")
            .contains(&Value::Date("2018-07-11".parse().expect("a day")))
    );
    for (class, key) in [("Customer", "1"), ("FaultReport", "x"), ("FaultReport", "0")] {
        let error = engine.read(class, key).await.expect_err("nobody has this key");
        assert!(matches!(error, Error::NotFound(_)), "{error}");
    }
    let error = engine.read("Custmer", "1").await.expect_err("there is no such class");
    assert_eq!(error.to_string(), "there is no class `Custmer`, did you mean `Customer`?");
}

async fn a_number_finds_its_owners_however_it_is_written(lab: &Lab) {
    let engine = example(lab).await;
    for number in ["0612345678", "+31612345678", "06-1234 5678", "0031 6 12345678", "31612345678"] {
        let found = engine.find_by_number(number).await.expect("it is a number");
        assert_eq!(found.normalized, "+31612345678");
        let names: Vec<_> = found.objects.iter().map(|it| it.attributes["name"].clone()).collect();
        assert_eq!(names, [Value::from("Eva de Vries")], "{number}");
    }
    let shared = engine.find_by_number("0655512345").await.expect("it is a number");
    let keys: Vec<_> = shared.objects.iter().map(|object| object.key.as_str()).collect();
    assert_eq!(keys, ["100003", "100004"], "two customers share a telephone");
    let unknown = engine.find_by_number("0699999999").await.expect("it is a number");
    assert_eq!(unknown.objects, []);
    let error = engine.find_by_number("anonymous").await.expect_err("it is none");
    assert!(matches!(error, Error::Number(_)));
}

async fn a_filter_takes_arguments_as_constants(lab: &Lab) {
    let engine = example(lab).await;
    let mut query = Query {
        class: "Connection".into(),
        filter: "customer.number eq argument.customer and medium in [argument.medium]".into(),
        ..Query::default()
    };
    query.arguments.insert("customer".into(), "100001".into());
    query.arguments.insert("medium".into(), "gas".into());
    let page = engine.query(&query).await.expect("it is sound");
    assert_eq!(values(&page, "ean"), [Value::from("871687100041000874")]);
    query.arguments.insert("customer".into(), "' or true or '".into());
    let page = engine.query(&query).await.expect("it is sound");
    assert_eq!(page.objects, []);
}

async fn what_is_computed_of_constants_is_one(lab: &Lab) {
    let engine = example(lab).await;
    let asked = |filter: &str| Query {
        class: "Meter".into(),
        filter: filter.into(),
        arguments: [("today".to_owned(), Value::Date("2018-08-11".parse().expect("a day")))].into(),
        ..Query::default()
    };
    let keys = async |filter: &str| -> Vec<String> {
        let page = engine.query(&asked(filter)).await.expect("it is sound");
        page.objects.into_iter().map(|object| object.key).collect()
    };
    let wanted = keys("installed_on eq '2018-07-11'").await;
    assert!(!wanted.is_empty());
    assert_eq!(keys("installed_on eq date(argument.today) - months(1)").await, wanted);
    assert_eq!(keys("installed_on eq date('2018-06-30') + days(11)").await, wanted);
    let refused = engine.query(&asked("installed_on + days(1) gt '2018-07-11'")).await;
    assert!(matches!(refused, Err(Error::Filter(_))), "{refused:?}");
    let refused = engine.query(&asked("installed_on.year() eq 2018")).await;
    assert!(matches!(refused, Err(Error::Filter(_))), "{refused:?}");
}

async fn relations_are_asked_in_one_statement(lab: &Lab) {
    let engine = example(lab).await;
    let filter = "segment eq 'household' and not has(notes) \
                  and connections.exists(c, c.medium eq 'gas' and c.city eq 'Utrecht') \
                  and fault_reports.exists(f, f.reported_at lt '2025-07-01T00:00:00Z') \
                  and contact_points.all(p, p.kind ne 'phone' or p.value.startsWith('(030)'))";
    let page = query(&engine, "Customer", filter).await.expect("it is sound");
    assert!(values(&page, "name").contains(&Value::from("Eva de Vries")));
}

async fn mistakes_of_a_query_are_named(lab: &Lab) {
    let engine = example(lab).await;
    let error = |filter: &'static str| {
        let engine = &engine;
        async move { query(engine, "Customer", filter).await.expect_err(filter).to_string() }
    };
    assert_eq!(
        error("segmnt eq 'household' or segment eq 'x'").await,
        "filter: at 0: `segmnt` is not known here (did you mean `segment`?); \
         at 36: `segment` has no value `x` (it has: household, business)"
    );
    assert_eq!(
        error("string(segment) eq 'x'").await,
        "filter: at 0: a conversion cannot be asked of a database"
    );
    assert_eq!(error("notes eq argument.x").await, "filter: at 9: `argument` is not known here");
    let unknown = Order { attribute: "nam".into(), is_descending: false };
    let query = Query { class: "Customer".into(), order: vec![unknown], ..Query::default() };
    let error = engine.query(&query).await.expect_err("there is no such attribute");
    assert_eq!(error.to_string(), "`Customer` has no `nam`, did you mean `name`?");
    let query = Query { page_size: 501, class: "Customer".into(), ..Query::default() };
    assert!(matches!(engine.query(&query).await, Err(Error::PageSize)));
}

async fn pages_together_are_the_whole_in_order(lab: &Lab) {
    let engine = example(lab).await;
    let orders = [
        ("notes", true),
        ("segment", true),
        ("language", false),
        ("is_life_support", true),
        ("name", false),
    ];
    for (attribute, is_descending) in orders {
        let order = vec![Order { attribute: attribute.into(), is_descending }];
        let mut query =
            Query { class: "Customer".into(), order, page_size: 500, ..Query::default() };
        let whole = engine.query(&query).await.expect("it is sound");
        assert_eq!(whole.next_page_token, "");
        let mut pieces = Vec::new();
        query.page_size = 47;
        loop {
            let page = engine.query(&query).await.expect("it is sound");
            pieces.extend(page.objects);
            query.page_token = page.next_page_token;
            if query.page_token.is_empty() {
                break;
            }
        }
        assert!(pieces == whole.objects, "order by {attribute}");
        assert!(whole.objects.len() > 300);
    }
}

async fn a_token_of_another_query_is_refused(lab: &Lab) {
    let engine = example(lab).await;
    let mut query = Query { class: "Customer".into(), page_size: 5, ..Query::default() };
    let token = engine.query(&query).await.expect("it is sound").next_page_token;
    for filter in ["segment eq 'business'", ""] {
        query.filter = filter.into();
        query.page_token = if filter.is_empty() { format!("{token}x") } else { token.clone() };
        assert!(matches!(engine.query(&query).await, Err(Error::PageToken)));
    }
}

async fn several_objects_come_in_the_order_of_their_keys(lab: &Lab) {
    let engine = example(lab).await;
    let keys = ["100003", "nobody", "100001", "100003"].map(str::to_owned);
    let (objects, missing) = engine.read_many("Customer", &keys).await.expect("it is sound");
    let keys: Vec<_> = objects.iter().map(|object| object.key.as_str()).collect();
    assert_eq!(keys, ["100003", "100001", "100003"]);
    assert_eq!(missing, ["nobody"]);
    let many = vec![String::new(); 1_001];
    let error = engine.read_many("Customer", &many).await.expect_err("too many");
    assert_eq!(error.to_string(), "filter: at most 1000 keys at once");
}

async fn what_satisfies_a_filter_is_counted(lab: &Lab) {
    let engine = example(lab).await;
    let mut query = Query {
        class: "Connection".into(),
        filter: "medium eq 'gas'".into(),
        page_size: 5,
        wants_count: true,
        ..Query::default()
    };
    let page = engine.query(&query).await.expect("it is sound");
    query.page_size = 500;
    query.wants_count = false;
    let all = engine.query(&query).await.expect("it is sound");
    assert_eq!((page.objects.len(), all.count), (5, None));
    assert_eq!(page.count, u32::try_from(all.objects.len()).ok());
}

async fn a_search_through_a_large_table_is_refused_with_advice(lab: &Lab) {
    let mut engine = example(lab).await;
    engine.make_large("Connection");
    for served in [
        "ean eq '871687100041000874'",
        "ean in ['871687100041000874', 'x']",
        "customer.number eq '100001' and city eq 'Utrecht'",
        "customer.number eq '100001' or ean eq 'x'",
    ] {
        query(&engine, "Connection", served).await.expect(served);
    }
    for (refused, wanted) in [
        ("city eq 'Utrecht'", "an index on PLAATS would help"),
        ("city eq 'Utrecht' or ean eq 'x'", "an index on PLAATS would help"),
        ("customer.name eq 'Eva'", "something that an index finds"),
        ("not (ean eq 'x')", "something that an index finds"),
    ] {
        let error = query(&engine, "Connection", refused).await.expect_err(refused);
        assert!(matches!(error, Error::TooExpensive { .. }), "{error}");
        assert!(error.to_string().ends_with(wanted), "{error}");
    }
    let mut all = Query { class: "Connection".into(), ..Query::default() };
    engine.query(&all).await.expect("a page in the order of the key");
    all.order = vec![Order { attribute: "city".into(), is_descending: false }];
    let error = engine.query(&all).await.expect_err("all would be sorted");
    assert!(error.to_string().ends_with("an index on PLAATS would help"), "{error}");
    all.allows_scan = true;
    engine.query(&all).await.expect("it is allowed");
}

async fn objects_are_found_by_what_they_lead_to(lab: &Lab) {
    let engine = example(lab).await;
    let query = |path: &str, key: &str| Query {
        class: "Meter".into(),
        link: Some(Link { path: path.into(), key: key.into() }),
        ..Query::default()
    };
    let meters = engine.query(&query("connection.customer", "100001")).await.expect("sound");
    let numbers = [Value::from("E786330006418"), Value::from("G446870008716")];
    assert_eq!(values(&meters, "number"), numbers);
    let gas = query("connection", "871687100041000874");
    assert_eq!(values(&engine.query(&gas).await.expect("sound"), "number"), numbers[1..]);
    let none = engine.query(&query("connection.customer", "nobody")).await.expect("sound");
    assert_eq!(none.objects, []);
    for path in ["conection", "connection.custmer", "number", ""] {
        let error = engine.query(&query(path, "100001")).await.expect_err(path);
        assert!(matches!(error, Error::UnknownAttribute { .. }), "{path}: {error}");
    }
}
