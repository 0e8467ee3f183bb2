//! Envelopes in memory, by the description of the guide.

use serde_json::json;

use super::*;
use crate::{Configured, Kind};

const GUIDE: &str = include_str!("../../../../docs/guide/wrappers.md");

fn description() -> &'static str {
    let (_, chapter) = GUIDE.split_once("## SOAP by a WSDL").expect("the guide has the chapter");
    chapter.split("```xml\n").nth(2).and_then(|it| it.split("```").next()).expect("its WSDL")
}

fn read(requests: &str, wsdl: &str) -> Result<(Soap, Configured), String> {
    let text =
        format!("<!DOCTYPE soap SYSTEM \"wrapper.dtd\">\n<soap wsdl=\"a.wsdl\">{requests}</soap>");
    let files = Contents::from([("o/a.xml", text.as_bytes()), ("o/a.wsdl", wsdl.as_bytes())]);
    let mut findings = Vec::new();
    let configured = Configured::read("o/a.xml", &files, &BTreeMap::new(), &mut findings);
    if !findings.is_empty() {
        let findings: Vec<_> = findings.iter().map(|it| format!("{} {it}", it.code)).collect();
        return Err(findings.join("\n"));
    }
    let configured = configured.expect("without a finding");
    match &configured.kind {
        Kind::Soap(soap) => Ok((soap.clone(), configured)),
        other => panic!("{other:?}"),
    }
}

const REQUEST: &str = "<request id='CreateServiceOrder' key='requestId' words='Done.'/>";

fn object(value: Json) -> Object {
    let Json::Object(object) = value else { panic!("an object") };
    object
}

#[test]
fn operations_have_the_types_of_the_schema() {
    let (_, configured) = read(REQUEST, description()).expect("it is sound");
    let operation = &configured.operations["create_service_order"];
    let expected = [
        ("address_city", (Type::Text, false)),
        ("address_street", (Type::Text, false)),
        ("customer", (Type::Text, true)),
        ("tag", (Type::Text, false)),
        ("urgent", (Type::Bool, false)),
    ];
    assert_eq!(operation.parameters, expected.map(|(name, it)| (name.to_owned(), it)).into());
    let results = [("order", Type::Text), ("planned", Type::Date)];
    assert_eq!(operation.results, results.map(|(name, it)| (name.to_owned(), it)).into());
}

#[test]
fn an_envelope_has_the_elements_in_the_order_of_the_schema() {
    let (soap, _) = read(REQUEST, description()).expect("it is sound");
    let request = &soap.requests["create_service_order"];
    assert_eq!(request.action, "\"urn:example:erp/create\"");
    let given = json!({"tag": "x\ny", "customer": "7 & <8>", "address_city": "Leiden"});
    let text = request.envelope(&object(given), "k1").expect("it fits");
    let envelope = Foreign::read(text.as_bytes()).expect("XML");
    let asked = &envelope.child("Body").expect("a body").children[0];
    let names: Vec<_> = asked.children.iter().map(|it| it.name.1.as_str()).collect();
    assert_eq!(names, ["requestId", "customer", "address", "tag", "tag"]);
    assert!(asked.children.iter().all(|it| it.name.0 == "urn:example:erp"));
    assert_eq!(asked.child("customer").expect("there").text, "7 & <8>");
    assert_eq!(asked.child("address").expect("there").child("city").expect("there").text, "Leiden");
    assert!(request.envelope(&object(json!({"customer": "\u{1}"})), "k").is_err());
}

#[test]
fn an_answer_is_an_outcome() {
    let (soap, _) = read(REQUEST, description()).expect("it is sound");
    let request = &soap.requests["create_service_order"];
    let envelope = |body: &str| {
        format!("<s:Envelope xmlns:s='{ENVELOPE}'><s:Body>{body}</s:Body></s:Envelope>")
    };
    let answer = |order: &str| {
        let body = format!(
            "<e:CreateServiceOrderResponse xmlns:e='urn:example:erp'>{order}\
            <e:planned> 2026-12-24 </e:planned></e:CreateServiceOrderResponse>"
        );
        request.outcome(200, envelope(&body).as_bytes())
    };
    let results = object(json!({"order": "SO 1", "planned": "2026-12-24"}));
    let done = Outcome::Done { results, summary: "Done.".into() };
    assert_eq!(answer("<e:order>SO 1</e:order>"), done);
    let Outcome::Unknown(why) = answer("") else { panic!("no order") };
    assert_eq!(why, "the answer is not as described: `/order` is missing");
    for body in ["", "<e:Other xmlns:e='urn:example:erp'/>"] {
        let outcome = request.outcome(200, envelope(body).as_bytes());
        assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
    }
    assert!(matches!(request.outcome(500, b"<html>"), Outcome::Unknown(_)));
    let fault = |code: &str, detail: &str| {
        let body = format!(
            "<s:Fault><faultcode>s:{code}</faultcode><faultstring>No.</faultstring>\
            <detail>{detail}</detail></s:Fault>"
        );
        request.outcome(500, envelope(&body).as_bytes())
    };
    assert_eq!(fault("Client", ""), Outcome::Refused("No.".into()));
    assert_eq!(fault("Server", "<a/>"), Outcome::Refused("No.".into()));
    assert_eq!(fault("Server", "stack"), Outcome::Unknown("No.".into()));
}

#[test]
fn what_does_not_fit_is_found_at_its_place() {
    let said = |request: &str, wsdl: &str| read(request, wsdl).map(|_| ()).expect_err("not sound");
    let unknown = said("<request id='CreateOrder'/>", description());
    assert!(unknown.starts_with("CW0308 o/a.xml:2:34: the description has no"), "{unknown}");
    let key = said("<request id='CancelServiceOrder' key='id'/>", description());
    assert!(key.contains("the input has no text `id` for the key"), "{key}");
    let rpc = description().replace("style=\"document\"", "style=\"rpc\"");
    assert!(said(REQUEST, &rpc).contains("CW0309") && said(REQUEST, "<a/>").contains("CW0307"));
    let elsewhere = description().replace("name=\"CreateServiceOrder\"><xs", "name=\"C\"><xs");
    assert!(said(REQUEST, &elsewhere).contains("is in no schema of the file"));
}

#[test]
fn what_stands_in_is_a_file_of_the_application() {
    let text = format!(
        "<!DOCTYPE soap SYSTEM \"wrapper.dtd\">\n<soap wsdl=\"a.wsdl\" stand-in=\"erp.py\">\
         {REQUEST}</soap>"
    );
    let mut files = Contents::from([
        ("o/a.xml", text.as_bytes()),
        ("o/a.wsdl", description().as_bytes()),
        ("o/epr.py", &b"serve()"[..]),
    ]);
    let read = |files: &Contents<'_>| {
        let mut findings = Vec::new();
        let configured = Configured::read("o/a.xml", files, &BTreeMap::new(), &mut findings);
        (configured.expect("it is whole"), findings)
    };
    let (_, findings) = read(&files);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!((findings[0].code, findings[0].line), ("CW0306", 2));
    assert_eq!(findings[0].hint.as_deref(), Some("did you mean `o/epr.py`?"));
    files.insert("o/erp.py", b"serve()");
    let (configured, findings) = read(&files);
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(configured.program(), Some("o/erp.py"));
}
