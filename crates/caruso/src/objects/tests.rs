//! The commands one after the other, on the database of the example, made by the storage manager.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use caruso_object_model::Data;
use caruso_storage_manager::{DatabaseOptions, Engine, Installation};
use clap::Parser;
use tempfile::TempDir;

use super::{Options, objects};
use crate::Format;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    options: Options,
}

async fn run(line: &[&str]) -> anyhow::Result<ExitCode> {
    let line = Line::try_parse_from(std::iter::once("objects").chain(line.iter().copied()))?;
    objects(line.options, Format::Text).await
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/utilities")
}

/// The URL of a new database that holds the example.
async fn made(folder: &TempDir) -> String {
    let url = format!("sqlite:{}", folder.path().join("utilities.sqlite").display());
    let read = crate::folder::read(&example()).expect("a folder");
    let application = read.application.expect("it is sound");
    let files =
        application.data.values().map(|path| (path.as_str(), read.release.files()[path].as_ref()));
    let data = Data::read(&application.model, files).expect("the data are sound");
    let database = DatabaseOptions { address: url.parse().expect("an address"), is_owned: true };
    let installation = Installation {
        databases: [("utilities".to_owned(), database)].into(),
        data: folder.path().to_owned(),
        has_demo_data: true,
    };
    let model = Arc::clone(&application.model);
    Engine::open("", model, &data, &installation).await.expect("it opens");
    url
}

#[tokio::test]
async fn a_database_is_imported_checked_measured_and_asked() {
    let folder = TempDir::new().expect("a folder");
    let url = made(&folder).await;
    let file = folder.path().join("crm.xml");
    let file = file.to_str().expect("a path");

    run(&["import", &url, "--output", file]).await.expect("it is written");
    let again = run(&["import", &url, "--output", file]).await;
    let again = again.expect_err("what is there is not overwritten");
    assert!(format!("{again:#}").contains("cannot make the file"), "{again:#}");

    let example = example();
    for model in [file, example.to_str().expect("a path")] {
        let fits = run(&["check", model, "--database", &url]).await.expect("it is checked");
        assert_eq!(fits, ExitCode::SUCCESS, "{model}");
    }
    let page = folder.path().join("quality.html");
    let page = page.to_str().expect("a path");
    let example = example.to_str().expect("a path");
    let line = ["quality", example, "--database", &url, "--html", page, "--sample", "1000"];
    run(&line).await.expect("it is measured");
    let page = std::fs::read_to_string(page).expect("a page");
    assert!(page.contains("Customer") && page.contains("KLANT"));

    let line = ["query", "Customer", "segment eq 'business'", "--model", example];
    run(&[line.as_slice(), &["--database", &url]].concat()).await.expect("it is asked");
    let wrong = run(&["query", "Custmer", "--model", example, "--database", &url]).await;
    let wrong = format!("{:#}", wrong.expect_err("there is no such class"));
    assert!(wrong.contains("Customer"), "{wrong}");
}

#[tokio::test]
async fn a_mistake_in_the_arguments_says_what_would_be_right() {
    let folder = TempDir::new().expect("a folder");
    let url = made(&folder).await;
    for (line, expected) in [
        (vec!["import", &url, "--table", "KLANTT"], "did you mean `KLANT`?"),
        (vec!["import", &url, "--country", "ZZ"], "known: NL, BE, DE"),
        (vec!["import", "oracle://h/d"], "this is no address of a database"),
        (
            vec!["import", "mysql://h/d?ssl-mode=REQUIRED"],
            "write `?tls=required` or `?tls-ca=FILE`",
        ),
        (vec!["check", "/nowhere.xml", "--database", &url], "cannot read the file /nowhere.xml"),
    ] {
        let error = run(&line).await.expect_err("it is refused");
        assert!(format!("{error:#}").contains(expected), "{error:#}");
    }
    let example = example();
    let example = example.to_str().expect("a path");
    let error = run(&["check", example, "--database", &url, "--name", "utilites"]).await;
    let error = format!("{:#}", error.expect_err("it is refused"));
    assert!(error.contains("did you mean `utilities`?"), "{error}");
}
