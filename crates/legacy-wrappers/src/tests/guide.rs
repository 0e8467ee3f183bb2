//! What the guide says of wrappers without a program is what happens.

use std::collections::BTreeMap;

use super::*;
use crate::Object;
use crate::protocol::Query;

const GUIDE: &str = include_str!("../../../../docs/guide/wrappers.md");
const MODEL: &str = include_str!("../../../../examples/utilities/objects/billing.xml");

/// The blocks of a chapter in some language, in their order.
pub(super) fn blocks(chapter: &str, language: &str) -> Vec<&'static str> {
    let (_, text) = GUIDE.split_once(chapter).expect("the guide has the chapter");
    let text = text.split("\n## ").next().unwrap_or_default();
    let fence = format!("```{language}\n");
    let blocks: Vec<_> = text.split(fence.as_str()).skip(1).collect();
    blocks.into_iter().filter_map(|it| it.split("```").next()).collect()
}

/// The billing system of the example, read by a file of the guide.
fn billing(definition: &str, folder: &Path, installation: &Installation) -> Program {
    let example = running::example();
    let mut files = example.files().clone();
    let manifest = std::str::from_utf8(&files["application.xml"]).expect("a text");
    let manifest = manifest.replace("billing/wrapper.py", "billing/files.xml");
    files.insert("application.xml".into(), manifest.into());
    files.insert("objects/billing.xml".into(), MODEL.replace(" writable=\"yes\"", "").into());
    files.insert("billing/files.xml".into(), definition.to_owned().into());
    let release = Release::new(files);
    let application = release.compiled(Application::compile).expect("it is sound");
    let wrapper = application.wrappers.iter().find(|it| it.name == "billing").expect("there");
    install(&release, wrapper, folder, installation).expect("a writable folder")
}

/// All that a program, or what takes its place, has of the class.
async fn invoices(program: Program) -> Vec<Object> {
    let (_programs, program) = watch::channel(Some(program));
    let stop = CancellationToken::new();
    let (host, task) = Host::start(program, Limits::default(), stop.clone());
    let is_ready = |state: &State| matches!(state, State::Ready(_));
    let mut states = host.states();
    timeout(PATIENCE, states.wait_for(is_ready)).await.expect("in time").expect("it lives");
    let (class, wanted) = ("Invoice".to_owned(), BTreeMap::new());
    let query = Query { class, wanted, limit: 200, cursor: String::new() };
    let found = timeout(PATIENCE, host.query(query)).await.expect("in time");
    stop.cancel();
    task.await.expect("it ends without a panic");
    found.expect("an answer").objects
}

#[tokio::test]
async fn the_invoices_are_the_same_with_and_without_a_program() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let example = running::example();
    let application = example.compiled(Application::compile).expect("it is sound");
    let wrapper = application.wrappers.iter().find(|it| it.name == "billing").expect("there");
    let nothing = Installation::default();
    let program = install(&example, wrapper, &folder.path().join("a"), &nothing);
    let with = invoices(program.expect("a writable folder")).await;
    let definition = blocks("## Files without a program", "xml")[1];
    let mut without = invoices(billing(definition, &folder.path().join("b"), &nothing)).await;
    for object in &mut without {
        let Some(Value::Money(amount)) = object.values.get_mut("amount") else {
            panic!("an amount: {object:?}")
        };
        // the currency is that of the model, which the program repeats
        amount.push_str(" EUR");
    }
    assert_eq!((with.len(), with), (45, without));
}

#[tokio::test]
async fn fields_between_separators_are_read_as_the_guide_says() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = "Datum;Factuur;Klantnr;Bedrag;Status\n31-01-2026;F1;100001;1.184,50;betaald\n";
    fs::write(folder.path().join("facturen-1.csv"), text).expect("a writable folder");
    let definition = blocks("## Files without a program", "xml")[2];
    let folder_of_files = Some(folder.path().to_owned());
    let installation = Installation { folder: folder_of_files, ..Installation::default() };
    let found = invoices(billing(definition, &folder.path().join("data"), &installation)).await;
    let [invoice] = found.as_slice() else { panic!("one: {found:?}") };
    assert_eq!(invoice.values["amount"], Value::Money("1184.50".into()));
    assert_eq!(invoice.values["status"], Value::Text("paid".into()));
    assert_eq!(invoice.values["issued_on"].to_json(), "2026-01-31");
    assert_eq!(invoice.unreadable, Vec::<String>::new());
}
