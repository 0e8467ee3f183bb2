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

/// Customers are in one database, their notes in another one.
const CUSTOMERS: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="crm" country="NL">
  <class id="c" name="Customer" table="KLANT" key="number">
    <attribute id="c1" name="number" column="NR" type="int" required="yes"/>
  </class>
</business-objects>"#;

const NOTES: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="notes" country="NL">
  <class id="n" name="Note" table="NOTITIE" key="number">
    <attribute id="n1" name="number" column="NR" type="int" required="yes"/>
    <to-one id="n2" name="customer" class="Customer" column="KLANT"/>
  </class>
</business-objects>"#;

#[tokio::test]
async fn what_leads_into_another_database_of_the_site_is_proved_when_a_file_is_loaded() {
    let folder = TempDir::new().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let url = |name: &str| format!("sqlite:{}", path(name));
    let files = [
        ("crm.xml", CUSTOMERS.to_owned()),
        ("notes.xml", NOTES.to_owned()),
        ("customers.csv", "number\n1\n".to_owned()),
        ("notes.csv", "number,customer\n1,1\n2,9\n".to_owned()),
        (
            "site.toml",
            format!(
                "[database.crm]\nurl = \"{}\"\n[database.notes]\nurl = \"{}\"\nowned = true\n",
                url("crm.sqlite"),
                url("notes.sqlite")
            ),
        ),
    ];
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).expect("it is written");
    }
    let (crm, notes) = (path("crm.xml"), path("notes.xml"));
    let models = ["--model", crm.as_str(), "--model", notes.as_str()];
    let load = async |class: &str, file: &str, more: &[&str]| {
        let file = path(file);
        let line = [["load", class, &file].as_slice(), &models, more].concat();
        run(&line).await
    };
    let to_crm = ["--database", &url("crm.sqlite")];
    let loaded = load("Customer", "customers.csv", &to_crm).await.expect("it is loaded");
    assert_eq!(loaded, ExitCode::SUCCESS);
    let site = path("site.toml");
    let refused = load("Note", "notes.csv", &["--site", &site]).await.expect("it is loaded");
    assert_eq!(refused, ExitCode::FAILURE, "nobody is customer 9");
    // without the others nobody can tell
    let to_notes = ["--database", &url("notes.sqlite"), "--again", "--on-existing", "skip"];
    let loaded = load("Note", "notes.csv", &to_notes).await.expect("it is loaded");
    assert_eq!(loaded, ExitCode::SUCCESS);
    let error = load("Customer", "customers.csv", &["--site", &site]).await;
    let error = format!("{:#}", error.expect_err("it is not ours"));
    assert!(error.contains("does not say that the database `crm` is owned"), "{error}");
}
