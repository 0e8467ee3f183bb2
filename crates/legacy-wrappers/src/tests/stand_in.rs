//! What stands in for another system where nobody says where that is.

use std::net::TcpListener;

use super::*;
use crate::Remote;

/// One that ends at its first start, and is the ERP of the example from then on.
const ENDS_ONCE: &str = r#"
import os, runpy, sys
starts = os.path.join(os.environ["CARUSO_DATA"], "starts")
with open(starts, "a") as file:
    file.write("x")
if os.path.getsize(starts) == 1:
    sys.exit(3)
runpy.run_path(os.path.join(os.path.dirname(__file__), "erp.py"))
"#;

/// The ERP of the example, with this stand-in.
fn erp(stand_in: &str, installation: &Installation) -> Bench {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut files = running::example().files().clone();
    let file = std::str::from_utf8(&files["erp/soap.xml"]).expect("a text");
    let file = file.replace("stand-in=\"erp.py\"", "stand-in=\"other.py\"");
    files.insert("erp/soap.xml".into(), file.into());
    files.insert("erp/other.py".into(), stand_in.to_owned().into());
    let release = Release::new(files);
    let application = release.compiled(Application::compile).expect("it is sound");
    let wrapper = application.wrappers.iter().find(|it| it.name == "erp").expect("declared");
    let program = install(&release, wrapper, folder.path(), installation);
    let (programs, program) = watch::channel(Some(program.expect("a writable folder")));
    let stop = CancellationToken::new();
    let (host, task) = Host::start(program, Limits::default(), stop.clone());
    Bench { folder, host, programs, stop, task }
}

const ORDER: [(&str, &str); 4] = [
    ("customer", "100017"),
    ("connection", "871687110000012345"),
    ("kind", "meter"),
    ("urgency", "normal"),
];

#[tokio::test]
async fn one_that_ends_is_started_again_with_the_wrapper() {
    let bench = erp(ENDS_ONCE, &Installation::default());
    let reason = bench.away().await;
    let expected = "the program ended: erp/other.py, which stands in for the other system: \
                    exit status: 3";
    assert_eq!(reason, expected);
    bench.ready().await;
    let done = bench.invoke(&ORDER, "k1").await.expect("it is ordered");
    assert_eq!(done.results["order"], Value::Text("SO-10001".into()));
    assert_eq!(bench.data("files/starts"), "xx");
    assert!(bench.data("files/service-orders.csv").contains("SO-10001"));
    bench.end().await;
}

#[tokio::test]
async fn where_the_site_names_an_address_nothing_stands_in() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let address = listener.local_addr().expect("bound");
    drop(listener);
    let remote = Some(Remote::new(&format!("http://{address}/")).expect("an address"));
    let installation = Installation { remote, ..Installation::default() };
    let bench = erp(ENDS_ONCE, &installation);
    bench.ready().await;
    let away = bench.invoke(&ORDER, "k1").await;
    assert!(matches!(away, Err(Error::Later(_))), "{away:?}");
    assert_eq!(bench.data("files/starts"), "");
    bench.end().await;
}
