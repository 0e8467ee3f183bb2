//! A design tool in Python asks a running system about its databases.

use std::path::Path;
use std::process::{Command, Output};

use caruso_tests::{Installation, Plan, python_with_grpc, utilities};

/// Runs the example of a design tool for somebody.
fn design_tool(python: &str, system: &Installation, user: &str, arguments: &[&str]) -> Output {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = Command::new("timeout")
        .args(["60", python])
        .arg(checkout.join("examples/design-tool/design_tool.py"))
        .args(arguments)
        .env("PYTHONPATH", checkout.join("proto"))
        .env("CARUSO_SERVICE_MANAGER", system.service_manager.trim_start_matches("https://"))
        .env("CARUSO_JOIN_TOKEN_FILE", system.data().join("service-manager/join-token"))
        .env("CARUSO_USER", user)
        .env("CARUSO_PASSWORD", "demo")
        .output();
    output.expect("it runs")
}

fn told(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_design_tool_in_python_finds_the_modeler_and_what_is_wrong() {
    let Some(python) = python_with_grpc() else { return };
    let system = Installation::of_processes(Plan::default()).await;
    let ask = |user: &str, arguments: &[&str]| design_tool(&python, &system, user, arguments);

    let databases = ask("admin", &["databases"]);
    assert!(databases.status.success(), "{}", told(&databases));
    assert!(told(&databases).contains("utilities ENGINE_"), "{}", told(&databases));
    let refused = ask("anna", &["databases"]);
    assert!(!refused.status.success(), "{}", told(&refused));
    assert!(told(&refused).contains("PERMISSION_DENIED"), "{}", told(&refused));

    let fits = ask("admin", &["check", "utilities"]);
    assert!(fits.status.success(), "{}", told(&fits));
    let folder = tempfile::tempdir().expect("a folder");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(utilities().join("objects")).expect("the model") {
        let entry = entry.expect("a file");
        let text = std::fs::read_to_string(entry.path()).expect("a file");
        let path = folder.path().join(entry.file_name());
        std::fs::write(&path, text.replace("column=\"STORINGNR\"", "column=\"STORINGNO\""))
            .expect("it is written");
        files.push(path.display().to_string());
    }
    let arguments = ["check", "utilities"].into_iter().chain(files.iter().map(String::as_str));
    let wrong = ask("admin", &arguments.collect::<Vec<_>>());
    assert_eq!(wrong.status.code(), Some(1), "{}", told(&wrong));
    for expected in ["service.xml:", "did you mean `STORINGNR`?", "[CF0102]", "What to do:"] {
        assert!(told(&wrong).contains(expected), "{expected}: {}", told(&wrong));
    }
    let measured = ask("admin", &["measure", "utilities"]);
    assert!(told(&measured).contains("Customer "), "{}", told(&measured));
}
