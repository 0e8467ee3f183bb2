//! What the modeler refuses, and how it says so.

use std::net::TcpListener;
use std::time::Duration;

use caruso_api::modeler::v1 as proto;
use caruso_component::code_of;
use caruso_component::permissions::names::{DESIGN_TOOL, FRONT_OFFICE};
use proto::{ApplyRequest, CheckRequest, ImportRequest, MeasureRequest, PlanRequest};
use proto::{ListDatabasesRequest, Severity};
use tonic::{Code, Status};

use crate::world::{Client, World, client, log_in, nobody};
use crate::{MODEL, execute, model};

fn code(status: &Status) -> (Code, String) {
    (status.code(), code_of(status).unwrap_or_default())
}

fn import(database: &str) -> ImportRequest {
    ImportRequest { database: database.to_owned(), ..Default::default() }
}

/// The error that a first model ends with, at once or in its stream.
async fn import_error(client: &mut Client, request: ImportRequest) -> Status {
    let mut answers = match client.import(request).await {
        Ok(answers) => answers.into_inner(),
        Err(error) => return error,
    };
    loop {
        match answers.message().await {
            Ok(answer) => assert!(answer.is_some(), "it ends with an error"),
            Err(error) => return error,
        }
    }
}

/// A world with a file, and a name for a server that does not answer: nobody listens at it.
async fn world() -> (World, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let crm = format!("sqlite:{}", folder.path().join("crm.sqlite").display());
    execute(&crm, &[r#"CREATE TABLE "KLANT" ("NR" integer NOT NULL PRIMARY KEY)"#]).await;
    let gone = "postgres://crm:s3cret@127.0.0.1:1/crm";
    let databases = [("crm", crm.as_str(), false), ("gone", gone, true)];
    (World::start(&databases, None).await, folder)
}

#[tokio::test]
async fn only_an_administrator_in_a_design_tool_is_answered() {
    let (world, _folder) = world().await;
    let design_tool = world.join(DESIGN_TOOL).await;
    let token = log_in(&design_tool, "admin").await;
    let request = || ListDatabasesRequest {};
    client(&design_tool, &token).list_databases(request()).await.expect("an administrator");
    let others = [log_in(&design_tool, "anna").await, log_in(&design_tool, "sofie").await];
    for token in others {
        let refused = client(&design_tool, &token).list_databases(request()).await;
        let refused = refused.expect_err("an agent or supervisor");
        assert_eq!(code(&refused), (Code::PermissionDenied, "CA0103".to_owned()));
    }
    let refused = nobody(&design_tool).list_databases(request()).await.expect_err("nobody");
    assert_eq!(code(&refused), (Code::PermissionDenied, "CA0103".to_owned()));
    let front_office = world.join(FRONT_OFFICE).await;
    let refused = client(&front_office, &token).list_databases(request()).await;
    assert_eq!(refused.expect_err("another component").code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_database_is_named_and_never_addressed() {
    let (world, _folder) = world().await;
    let (_component, mut client) = world.design_tool("admin").await;
    let unknown = import_error(&mut client, import("crn")).await;
    assert_eq!(code(&unknown), (Code::NotFound, "CT0101".to_owned()));
    assert!(unknown.message().contains("did you mean `crm`?"), "{unknown}");
    for address in ["sqlite:/etc/passwd", "../crm", "postgres://h/d"] {
        let unknown = import_error(&mut client, import(address)).await;
        assert_eq!(unknown.code(), Code::NotFound, "{address}");
    }
    let down = import_error(&mut client, import("gone")).await;
    assert_eq!(code(&down), (Code::Unavailable, "CT0102".to_owned()));
    assert_eq!(down.message(), "database `gone` does not answer");
}

#[tokio::test]
async fn a_model_that_is_unsound_is_answered_with_its_findings() {
    let (world, _folder) = world().await;
    let (_component, mut client) = world.design_tool("admin").await;
    let unsound = MODEL.replace("type=\"int\"", "type=\"itn\"");
    let line = unsound.lines().position(|line| line.contains("itn")).expect("a line") as u32 + 1;
    // no database is asked: this one does not answer
    let request = CheckRequest { database: "gone".to_owned(), model: model(&unsound) };
    let found = client.check(request).await.expect("checked").into_inner();
    let finding = &found.findings[0];
    assert_eq!((finding.severity(), finding.line), (Severity::Error, line));
    assert!(finding.code.starts_with("CM"), "{finding:?}");
    let request = MeasureRequest {
        database: "gone".to_owned(),
        model: model("<business-objects"),
        sample: 0,
    };
    let refused = client.measure(request).await.expect_err("it cannot be measured");
    assert_eq!(code(&refused), (Code::FailedPrecondition, "CT0104".to_owned()));
    assert!(refused.message().contains("edited.xml:1:"), "{refused}");
}

#[tokio::test]
async fn a_request_that_makes_no_sense_is_refused_whole() {
    let (world, _folder) = world().await;
    let (_component, mut client) = world.design_tool("admin").await;
    let file =
        |name: &str, size: usize| proto::File { name: name.to_owned(), content: vec![b' '; size] };
    let mebibyte = 1024 * 1024;
    let large = (0..9).map(|at| file(&format!("{at}.xml"), mebibyte)).collect::<Vec<_>>();
    let many = (0..201).map(|at| file(&format!("{at}.xml"), 1)).collect::<Vec<_>>();
    for (files, expected) in [
        (vec![], "1 to 200 files"),
        (many, "1 to 200 files"),
        (large, "8 MiB"),
        (vec![file("a.xml", 1), file("a.xml", 1)], "two files are called `a.xml`"),
        (vec![file("", 1)], "needs a name"),
    ] {
        let model = Some(proto::Model { files });
        let request = CheckRequest { database: "crm".to_owned(), model };
        let refused = client.check(request).await.expect_err("it is refused");
        assert_eq!(code(&refused), (Code::InvalidArgument, "CT0103".to_owned()));
        assert!(refused.message().contains(expected), "{refused}");
    }
    let elsewhere = CheckRequest { database: "crm".to_owned(), model: model(MODEL) };
    let refused = client.check(elsewhere).await.expect_err("its class is in another database");
    assert!(refused.message().contains("no class in a database `crm`"), "{refused}");
    let in_force = CheckRequest { database: "crm".to_owned(), model: None };
    let refused = client.check(in_force).await.expect_err("the application has no model");
    assert!(refused.message().contains("no class in a database `crm`"), "{refused}");
    let request = ImportRequest { country: "ZZ".to_owned(), ..import("crm") };
    assert_eq!(import_error(&mut client, request).await.code(), Code::InvalidArgument);
    let request = ImportRequest { tables: vec!["KLANTT".to_owned()], ..import("crm") };
    let refused = import_error(&mut client, request).await;
    assert_eq!(code(&refused), (Code::InvalidArgument, "CT0103".to_owned()));
    assert!(refused.message().contains("did you mean `KLANT`?"), "{refused}");
}

#[tokio::test]
async fn a_database_of_somebody_else_is_planned_for_and_never_changed() {
    let (world, _folder) = world().await;
    let (_component, mut client) = world.design_tool("admin").await;
    let text = MODEL.replace("database=\"own\"", "database=\"crm\"");
    let plan =
        PlanRequest { database: "crm".to_owned(), model: model(&text), ..Default::default() };
    let digest = client.plan(plan.clone()).await.expect("planned").into_inner().digest;
    let request = ApplyRequest { plan: Some(plan), digest };
    let refused = client.apply(request).await.expect_err("it is not ours");
    assert_eq!(code(&refused), (Code::FailedPrecondition, "CT0105".to_owned()));
}

#[tokio::test]
async fn a_step_that_fails_is_named_and_those_before_it_stay() {
    // no site names it: it is the file that the storage manager would make
    let world = World::start(&[], Some(MODEL)).await;
    let own = format!("sqlite:{}", world.folder().join("own.sqlite").display());
    let columns = r#""NR" integer NOT NULL PRIMARY KEY, "NAME" varchar(20), "FAX" varchar(20)"#;
    let table = format!(r#"CREATE TABLE "CUSTOMER" ({columns})"#);
    let rows = r#"INSERT INTO "CUSTOMER" VALUES (1, 'Eva', NULL), (2, 'Eva', NULL)"#;
    execute(&own, &[&table, rows]).await;
    let (_component, mut client) = world.design_tool("admin").await;
    let class = "  </class>";
    let text = MODEL.replace(
        class,
        &format!(
            "<attribute id=\"c4\" name=\"since\" column=\"SINCE\" type=\"date\"/>\n\
             <unique name=\"one_name\" attributes=\"name\"/>\n{class}"
        ),
    );
    let plan =
        PlanRequest { database: "own".to_owned(), model: model(&text), ..Default::default() };
    let shown = client.plan(plan.clone()).await.expect("planned").into_inner();
    assert_eq!(shown.steps.len(), 2, "{shown:?}");
    let request = ApplyRequest { plan: Some(plan.clone()), digest: shown.digest };
    let mut answers = client.apply(request).await.expect("a stream").into_inner();
    let first = answers.message().await.expect("the first step").expect("the first step");
    assert_eq!(first.step.expect("it was done").what, "add the column `SINCE` of Customer");
    let failed = answers.message().await.expect_err("two have the same name");
    assert_eq!(code(&failed), (Code::FailedPrecondition, "CT0107".to_owned()));
    assert!(failed.message().contains("make the unique index"), "{failed}");
    assert!(!failed.message().contains("Eva"), "{failed}");
    let left = client.plan(plan).await.expect("planned").into_inner();
    assert_eq!(left.steps, shown.steps[1..], "it goes on where it ended");
}

#[tokio::test]
async fn what_is_wrong_a_thousand_times_is_said_as_often_as_somebody_reads() {
    let (world, _folder) = world().await;
    let (_component, mut client) = world.design_tool("admin").await;
    // of one file no more than 200 are found
    let wrong = "<attribute id=\"c9\" name=\"x\" column=\"X\" type=\"itn\"/>\n".repeat(300);
    let text = MODEL.replace("  </class>", &format!("{wrong}  </class>"));
    let file = |at| proto::File { name: format!("{at}.xml"), content: text.clone().into_bytes() };
    let model = Some(proto::Model { files: (0..20).map(file).collect() });
    let request = CheckRequest { database: "crm".to_owned(), model };
    let found = client.check(request).await.expect("checked").into_inner();
    assert_eq!(found.findings.len(), 2_000);
    assert!(found.left_out >= 1_000, "{}", found.left_out);
}

#[tokio::test]
async fn a_plan_that_its_caller_leaves_ends_with_the_step_under_way() {
    const TABLES: usize = 300;
    let class = |at: usize| {
        format!(
            "<class id=\"k{at}\" name=\"K{at}\" table=\"K{at}\" key=\"nr\">\
             <attribute id=\"k{at}a\" name=\"nr\" column=\"NR\" type=\"int\" required=\"yes\"/>\
             </class>\n"
        )
    };
    let classes: String = (0..TABLES).map(class).collect();
    let begin = MODEL.find("  <class").expect("it has one");
    let text = format!("{}{classes}</business-objects>", &MODEL[..begin]);
    let world = World::start(&[], Some(MODEL)).await;
    let own = format!("sqlite:{}", world.folder().join("own.sqlite").display());
    execute(&own, &[]).await;
    let (_component, mut client) = world.design_tool("admin").await;
    let plan =
        PlanRequest { database: "own".to_owned(), model: model(&text), ..Default::default() };
    let shown = client.plan(plan.clone()).await.expect("planned").into_inner();
    assert_eq!(shown.steps.len(), TABLES);
    let request = ApplyRequest { plan: Some(plan.clone()), digest: shown.digest.clone() };
    let mut answers = client.apply(request.clone()).await.expect("a stream").into_inner();
    answers.message().await.expect("the first step").expect("the first step");
    drop(answers);
    // until the one before has come to its end
    let again = loop {
        match client.apply(request.clone()).await {
            Err(busy) => assert_eq!(busy.code(), Code::ResourceExhausted, "{busy}"),
            Ok(answers) => break answers.into_inner().message().await,
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    assert_eq!(code(&again.expect_err("some is done")), (Code::Aborted, "CT0106".to_owned()));
    let left = client.plan(plan).await.expect("planned").into_inner().steps;
    assert!(!left.is_empty() && left.len() < TABLES, "{}", left.len());
    assert_eq!(left, shown.steps[TABLES - left.len()..], "those before are done");
}

/// A server that takes connections and says nothing.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("it listens").port();
    (listener, format!("postgres://crm:s3cret@127.0.0.1:{port}/crm"))
}

#[tokio::test]
async fn calls_are_bounded_and_end_when_their_caller_goes() {
    let (_listener, url) = silent();
    let world = World::start(&[("crm", url.as_str(), false)], None).await;
    let (_component, mut client) = world.design_tool("admin").await;
    let mut waiting = Vec::new();
    for _ in 0..4 {
        waiting.push(client.import(import("crm")).await.expect("a stream"));
    }
    let refused = client.import(import("crm")).await.expect_err("there are four already");
    assert_eq!(code(&refused), (Code::ResourceExhausted, "CT0108".to_owned()));
    waiting.clear();
    // well before those would have given up by themselves
    let until = tokio::time::Instant::now() + Duration::from_millis(1_500);
    while let Err(busy) = client.import(import("crm")).await {
        assert_eq!(busy.code(), Code::ResourceExhausted);
        assert!(tokio::time::Instant::now() < until, "the four have ended");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
