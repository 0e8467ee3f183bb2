//! Requests and answers, without a network.

use caruso_expression::Type;
use serde_json::json;

use super::*;
use crate::{Configured, Kind};

const DESCRIPTION: &str = r##"{
"openapi": "3.0.3", "info": {"title": "Orders", "version": "1"},
"paths": {
 "/orders": {
  "post": {"operationId": "createOrder",
   "requestBody": {"required": true, "content": {"application/json": {"schema":
     {"$ref": "#/components/schemas/NewOrder"}}}},
   "responses": {"201": {"content": {"application/json": {"schema":
     {"$ref": "#/components/schemas/Order"}}}}}},
  "get": {"operationId": "listOrders", "parameters": [
    {"name": "customerId", "in": "query", "schema": {"type": "string"}},
    {"name": "after", "in": "query", "schema": {"type": "string"}},
    {"name": "size", "in": "query", "schema": {"type": "integer"}}],
   "responses": {"200": {"content": {"application/json": {"schema": {"type": "object",
     "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}}},
     "required": ["items"]}}}}}}},
 "/orders/{orderId}": {
  "parameters": [{"name": "orderId", "in": "path", "required": true,
    "schema": {"type": "string"}}],
  "get": {"operationId": "getOrder", "responses": {"200": {"content": {"application/json":
    {"schema": {"$ref": "#/components/schemas/Order"}}}}}},
  "delete": {"operationId": "cancelOrder", "parameters": [
    {"name": "reason", "in": "query", "schema": {"type": "string"}},
    {"name": "session", "in": "cookie", "schema": {"type": "string"}}],
   "responses": {"204": {"description": "gone"}}}},
 "/deep": {"post": {"operationId": "deep", "requestBody": {"content": {"application/json":
   {"schema": {"type": "object", "required": ["a"], "properties": {"a": {"type": "array",
    "items": {"type": "object"}}}}}}}, "responses": {}}}
},
"components": {"schemas": {
 "NewOrder": {"type": "object", "required": ["customerId", "kind"], "properties": {
   "customerId": {"type": "string"}, "kind": {"type": "string"},
   "wished": {"type": "string", "format": "date"},
   "address": {"type": "object", "properties": {"city": {"type": "string"}}}}},
 "Order": {"allOf": [{"$ref": "#/components/schemas/NewOrder"}, {"type": "object",
   "required": ["number", "price"], "properties": {"number": {"type": "integer", "readOnly": true},
   "price": {"type": "number"}, "note": {"type": "string", "nullable": true}}}]}}}
}"##;
const CALLS: &str = r#"<call id="createOrder" words="It is ordered."/><call id="cancelOrder"/>
<objects class="Order" list="listOrders" get="getOrder" at="/items" limit="size" cursor="after"
 next="/next"><search attribute="customer" parameter="customerId"/>
 <member attribute="customer" at="/customerId"/></objects>"#;

fn classes() -> BTreeMap<String, HeldClass> {
    let members = [("number", Type::Text), ("customer", Type::Text), ("price", Type::Decimal)];
    let class = HeldClass {
        members: members.map(|(name, kind)| (name.to_owned(), kind)).into(),
        keys: vec!["number".to_owned()],
        searches: ["customer".to_owned()].into(),
        ..HeldClass::default()
    };
    [("Order".to_owned(), class)].into()
}

fn read(calls: &str, description: &str) -> Result<(Rest, Configured), Vec<String>> {
    let text = format!(
        "<!DOCTYPE rest SYSTEM \"wrapper.dtd\">\n<rest openapi=\"api.json\">\n{calls}</rest>"
    );
    let files =
        Contents::from([("o/a.xml", text.as_bytes()), ("o/api.json", description.as_bytes())]);
    let mut findings = Vec::new();
    let configured = Configured::read("o/a.xml", &files, &classes(), &mut findings);
    if !findings.is_empty() {
        return Err(findings.iter().map(|it| format!("{} {it}", it.code)).collect());
    }
    let configured = configured.expect("without a finding");
    match &configured.kind {
        Kind::Rest(rest) => Ok((rest.clone(), configured)),
        other => panic!("{other:?}"),
    }
}

fn object(value: Json) -> Object {
    let Json::Object(object) = value else { panic!("an object") };
    object
}

#[test]
fn calls_become_operations_with_the_types_of_their_shapes() {
    let (_, configured) = read(CALLS, DESCRIPTION).expect("it is sound");
    let create = &configured.operations["create_order"];
    let expected = [
        ("address_city", (Type::Text, false)),
        ("customer_id", (Type::Text, true)),
        ("kind", (Type::Text, true)),
        ("wished", (Type::Date, false)),
    ];
    assert_eq!(create.parameters, expected.map(|(name, it)| (name.to_owned(), it)).into());
    let results = [
        ("customer_id", Type::Text),
        ("kind", Type::Text),
        ("number", Type::Int),
        ("price", Type::Decimal),
    ];
    assert_eq!(create.results, results.map(|(name, it)| (name.to_owned(), it)).into());
    let cancel = &configured.operations["cancel_order"];
    let expected = [("order_id", (Type::Text, true)), ("reason", (Type::Text, false))];
    assert_eq!(cancel.parameters, expected.map(|(name, it)| (name.to_owned(), it)).into());
    assert_eq!(cancel.results, BTreeMap::new());
}

#[test]
fn a_request_has_each_argument_at_its_place() {
    let (rest, _) = read(CALLS, DESCRIPTION).expect("it is sound");
    let create = &rest.calls["create_order"];
    assert!(!create.is_idempotent);
    let given = object(json!({"customer_id": "7", "kind": "a\"b", "address_city": "Leiden"}));
    let request = create.request(&given).expect("it fits");
    assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/orders"));
    let body: Json = serde_json::from_str(&request.body.expect("a body")).expect("JSON");
    let sent = json!({"customerId": "7", "kind": "a\"b", "address": {"city": "Leiden"}});
    assert_eq!(body, sent);
    let cancel = &rest.calls["cancel_order"];
    let given = object(json!({"order_id": "../a?b", "reason": "é & x"}));
    let request = cancel.request(&given).expect("it fits");
    assert_eq!(request.target, "/orders/..%2Fa%3Fb?reason=%C3%A9%20%26%20x");
    assert_eq!((request.method.as_str(), request.body), ("DELETE", None));
    let dots = cancel.request(&object(json!({"order_id": ".."}))).expect("it fits");
    assert_eq!(dots.target, "/orders/%2E%2E");
    assert!(cancel.request(&object(json!({"order_id": ""}))).is_err() && cancel.is_idempotent);
}

#[test]
fn an_answer_is_an_outcome() {
    let (rest, _) = read(CALLS, DESCRIPTION).expect("it is sound");
    let create = &rest.calls["create_order"];
    let body = br#"{"customerId": "7", "kind": "x", "number": 4, "price": 12.5, "note": null}"#;
    let results = json!({"customer_id": "7", "kind": "x", "number": 4, "price": 12.5});
    let done = Outcome::Done { results: object(results), summary: "It is ordered.".into() };
    assert_eq!(create.outcome(201, body), done);
    let unknown = |why: &str| Outcome::Unknown(why.to_owned());
    let body = br#"{"customerId": "7", "kind": "x", "number": "4", "price": 1}"#;
    let why = "the answer is not as described: `/number` is not int";
    assert_eq!(create.outcome(200, body), unknown(why));
    assert_eq!(create.outcome(200, b"<html>"), unknown("the answer is no JSON"));
    assert_eq!(create.outcome(500, b"<html>"), unknown("the other system answers with 500"));
    let refused = |words: &str| Outcome::Refused(words.to_owned());
    let body = br#"{"title": "Blocked", "detail": "This customer pays first."}"#;
    assert_eq!(create.outcome(422, body), refused("This customer pays first."));
    assert_eq!(create.outcome(400, br#"{"error": {"message": "no"}}"#), refused("no"));
    assert_eq!(create.outcome(404, b"not here\n"), refused("not here"));
    assert_eq!(
        create.outcome(429, b""),
        Outcome::Later("the other system answers with 429".into())
    );
    assert_eq!(create.outcome(503, b"busy"), Outcome::Later("busy".into()));
}

#[test]
fn pages_go_through_values_and_the_other_systems_own_pages() {
    let (rest, _) = read(CALLS, DESCRIPTION).expect("it is sound");
    let held = &rest.held["Order"];
    assert_eq!(held.get("4/5").target, "/orders/4%2F5");
    let order = |number: u32, customer: &str| {
        let price = 1.5;
        json!({"customerId": customer, "kind": "x", "number": number, "price": price})
    };
    let got = held.got(order(4, "7").to_string().as_bytes()).expect("one");
    assert_eq!(Json::Object(got), json!({"number": "4", "customer": "7", "price": "1.5"}));
    let wanted = [("customer".to_owned(), vec![json!("7"), json!("8")])].into();
    let mut question = Question { wanted, limit: 2, cursor: String::new() };
    let mut turns = Vec::new();
    for body in [
        // more than was asked for, one of somebody else, and more to come
        json!({"items": [order(1, "7"), order(2, "9"), order(3, "7"), order(4, "7")], "next": "n"}),
        json!({"items": [order(1, "7"), order(2, "9"), order(3, "7"), order(4, "7")], "next": "n"}),
        json!({"items": [order(5, "7")]}),
        json!({"items": [], "next": null}),
    ] {
        let target = held.list(&question).expect("a request").target;
        let page = held.page(&question, body.to_string().as_bytes()).expect("a page");
        let numbers: Vec<_> = page.objects.iter().map(|it| to_text(&it["number"])).collect();
        turns.push((target, numbers.join(" ")));
        question.cursor = page.next;
    }
    let expected = [
        ("/orders?customerId=7&size=2", "1 3"),
        ("/orders?customerId=7&size=2", "4"),
        ("/orders?customerId=7&size=2&after=n", "5"),
        ("/orders?customerId=8&size=2", ""),
    ];
    let expected = expected.map(|(target, numbers)| (target.to_owned(), numbers.to_owned()));
    assert_eq!((turns, question.cursor), (expected.to_vec(), String::new()));
}

#[test]
fn what_does_not_fit_is_found_at_its_place() {
    let said = |calls: &str| read(calls, DESCRIPTION).expect_err("it is not sound").join("\n");
    for (from, to, expected) in [
        ("\"createOrder\"", "\"makeOrder\"", "CW0308 o/a.xml:3:11: the description has no call"),
        ("\"cancelOrder\"", "\"deep\"", "CW0309 o/a.xml:3:58: `a` of the body is no plain value"),
        ("limit=\"size\"", "limit=\"count\"", "no parameter `count` in its query"),
        ("get=\"getOrder\"", "get=\"listOrders\"", "is no GET of a path with the key in it"),
        ("class=\"Order\"", "class=\"Ordr\"", "did you mean `Order`?"),
        ("at=\"/customerId\"", "at=\"customerId\"", "is no place in JSON"),
        (
            "<search attribute=\"customer\" parameter=\"customerId\"/>",
            "",
            "looked for by `customer`",
        ),
    ] {
        let said = said(&CALLS.replacen(from, to, 1));
        assert!(said.contains(expected), "{to}: {said}");
    }
    for (description, expected) in [
        ("{", "CW0307 o/a.xml:2:16: `o/api.json` is no"),
        ("{\"openapi\": \"2.0\"}", "OpenAPI 2.0"),
    ] {
        let said = read(CALLS, description).expect_err("none").join("\n");
        assert!(said.contains(expected), "{said}");
    }
}
