//! Operations by SOAP, of a real little server: the service orders of an ERP.

use std::collections::BTreeMap;

use super::rest::Server;
use super::*;
use crate::Remote;
use crate::conformance::{Examples, Outcome, Trial};

const CHAPTER: &str = "## SOAP by a WSDL description";
const EXAMPLES: &str = r#"
[[operation]]
name = "create_service_order"
arguments = { customer = "100017", address_city = "Leiden <\"&>", tag = "a\nb", urgent = true }
undo = { operation = "cancel_service_order", arguments = { order = "order" } }

[[operation]]
name = "create_service_order"
arguments = { customer = "nobody" }
refused = true
"#;

fn orders(folder: &Path, server: &Server, definition: &str) -> Program {
    let description = guide::blocks(CHAPTER, "xml")[1];
    let files = [("orders/erp.wsdl", description), ("orders/soap.xml", definition)];
    let remote = Some(Remote::new(&format!("{}/erp/", server.address)).expect("an address"));
    let installation = Installation { remote, ..Installation::default() };
    added("orders", &files, &folder.join("data"), &installation)
}

#[tokio::test]
async fn operations_by_soap_pass_every_case_as_a_program_does() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), include_str!("soap.py"));
    let program = orders(folder.path(), &server, guide::blocks(CHAPTER, "xml")[0]);
    let examples = Examples::read("e.toml", EXAMPLES, &program.declared).expect("they fit");
    let (limits, keys) = (Limits::default(), BTreeMap::new());
    let trial = Trial { program, examples, limits, keys, run: "t".into() };
    let report = trial.report().await;
    let others: Vec<_> = report.cases.iter().filter(|it| it.outcome != Outcome::Passed).collect();
    assert!(others.is_empty(), "{others:#?}");
    let tried: Vec<_> = report.cases.iter().map(|it| it.name).collect();
    for name in ["same-key-killed", "same-key-restarted", "undo", "refuses", "wrong-type"] {
        assert!(tried.contains(&name), "{tried:?}");
    }
}

#[tokio::test]
async fn a_fault_is_told_in_its_words_or_as_what_nobody_knows() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), include_str!("soap.py"));
    let definition = guide::blocks(CHAPTER, "xml")[0].replace("wsdl=", "seconds=\"1\" wsdl=");
    let program = orders(folder.path(), &server, &definition);
    let (programs, program) = watch::channel(Some(program));
    let stop = CancellationToken::new();
    let (host, task) = Host::start(program, Limits::default(), stop.clone());
    let bench = Bench { folder, host, programs, stop, task };
    bench.ready().await;
    let create = async |customer: &str, key: &str| {
        bench.invoke_as("create_service_order", &[("customer", customer)], key).await
    };
    let done = create("100017", "k1").await.expect("it is done");
    assert_eq!(done.results["order"], Value::Text("SO-10001".into()));
    assert_eq!(done.results["planned"].to_json(), "2026-12-24");
    assert_eq!(done.summary, "The ERP has the service order.");
    let refused = |words: &str| Err(Error::Refused(words.to_owned()));
    assert_eq!(create("blocked", "k2").await, refused("The ERP has blocked this customer."));
    assert_eq!(create("nobody", "k3").await, refused("The ERP has no such customer."));
    // its key makes it safe to ask again
    for (customer, words) in [
        ("broken", "java.lang.NullPointerException"),
        ("odd", "the answer is not as described: `/planned` is not date"),
        ("slow", "the other system did not answer within 1s"),
    ] {
        assert_eq!(create(customer, customer).await, Err(Error::Later(words.into())));
    }
    bench.end().await;
}
