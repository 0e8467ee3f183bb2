//! The modeler among real components: a design tool works with databases of every engine.

mod refusals;
mod world;

use caruso_api::modeler::v1 as proto;
use caruso_component::code_of;
use caruso_database::{Access, Address, connect};
use caruso_test_kit::{mariadb, postgres};
use proto::{ApplyRequest, CheckRequest, ImportRequest, MeasureRequest, PlanRequest};
use proto::{ListDatabasesRequest, Risk, Severity};
use sea_orm::{ConnectionTrait, DbBackend};
use tonic::Code;
use world::{Client, World};

/// What a database has that is nobody's design.
const SCHEMA: &[&str] = &[
    r#"CREATE TABLE "KLANT"
       ("NR" integer NOT NULL PRIMARY KEY, "NAAM" varchar(40), "TEL" varchar(20))"#,
    r#"INSERT INTO "KLANT" VALUES (1, 'Eva', '030 5550100'), (2, 'Jan', 'geen'), (3, NULL, NULL)"#,
];

/// What an owned database is to have.
pub(crate) const MODEL: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="own" country="NL">
  <class id="c" name="Customer" table="CUSTOMER" key="number">
    <attribute id="c1" name="number" column="NR" type="int" required="yes"/>
    <attribute id="c2" name="name" column="NAME" type="text" length="20"/>
    <attribute id="c3" name="fax" column="FAX" type="text" length="20"/>
  </class>
</business-objects>"#;

/// Carries out statements in a database, as its owner would.
pub(crate) async fn execute(url: &str, statements: &[&str]) {
    let address: Address = url.parse().expect("an address");
    let connection = connect(&address, Access::Write, 1).await.expect("it opens");
    for statement in statements {
        let statement = match connection.get_database_backend() {
            DbBackend::MySql => statement.replace('"', "`"),
            _ => (*statement).to_owned(),
        };
        connection.execute_unprepared(&statement).await.expect("it is carried out");
    }
    connection.close().await.expect("it closes");
}

pub(crate) fn model(text: &str) -> Option<proto::Model> {
    let file = proto::File { name: "edited.xml".to_owned(), content: text.as_bytes().to_vec() };
    Some(proto::Model { files: vec![file] })
}

/// The files of a first model.
async fn import(client: &mut Client, database: &str) -> Vec<proto::File> {
    let request = ImportRequest { database: database.to_owned(), ..Default::default() };
    let mut answers = client.import(request).await.expect("a stream").into_inner();
    let (mut files, mut looked_at) = (Vec::new(), Vec::new());
    while let Some(answer) = answers.message().await.expect("an answer") {
        match answer.part.expect("one of the two") {
            proto::import_response::Part::Progress(progress) => looked_at.push(progress.table),
            proto::import_response::Part::File(file) => files.push(file),
        }
    }
    assert_eq!(looked_at, ["KLANT"]);
    files
}

async fn measure(client: &mut Client, request: MeasureRequest) -> Vec<proto::ClassReport> {
    let mut answers = client.measure(request).await.expect("a stream").into_inner();
    let mut classes = Vec::new();
    while let Some(answer) = answers.message().await.expect("an answer") {
        if let Some(proto::measure_response::Part::Class(class)) = answer.part {
            classes.push(class);
        }
    }
    classes
}

async fn apply(client: &mut Client, plan: &PlanRequest, digest: &str) -> Vec<proto::Step> {
    let request = ApplyRequest { plan: Some(plan.clone()), digest: digest.to_owned() };
    let mut answers = client.apply(request).await.expect("a stream").into_inner();
    let mut steps = Vec::new();
    while let Some(answer) = answers.message().await.expect("an answer") {
        assert_eq!(answer.at as usize, steps.len() + 1);
        steps.push(answer.step.expect("what was done"));
    }
    steps
}

/// A first model is taken, found to fit, edited, found not to fit, and measured.
async fn a_grown_database_becomes_a_model(client: &mut Client) {
    let files = import(client, "crm").await;
    assert_eq!(files.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["crm.xml"]);
    let text = String::from_utf8(files[0].content.clone()).expect("it is text");
    assert!(text.contains("table=\"KLANT\"") && !text.contains("127.0.0.1"), "{text}");

    let check = |text: &str| CheckRequest { database: "crm".to_owned(), model: model(text) };
    let found = client.check(check(&text)).await.expect("checked").into_inner();
    assert!(found.findings.iter().all(|it| it.severity() != Severity::Error), "{found:?}");
    let wrong = text.replace("column=\"NAAM\"", "column=\"NAM\"");
    let found = client.check(check(&wrong)).await.expect("checked").into_inner();
    let finding = &found.findings[0];
    assert_eq!((finding.severity(), finding.code.as_str()), (Severity::Error, "CF0102"));
    assert_eq!(finding.file, "edited.xml");
    let line = wrong.lines().nth(finding.line as usize - 1).expect("a line");
    assert_eq!(line.find("NAM\"").map(|at| at as u32 + 1), Some(finding.column));
    assert_eq!(finding.hint, "did you mean `NAAM`?");
    assert_eq!(found.pages[0].code, "CF0102");

    let database = "crm".to_owned();
    let request = MeasureRequest { database, model: model(&text), sample: 0 };
    let classes = measure(client, request.clone()).await;
    assert_eq!((classes.len(), classes[0].rows, classes[0].is_whole), (1, 3, true));
    let name = classes[0].attributes.iter().find(|it| it.column == "NAAM").expect("it is there");
    assert_eq!(name.missing, 1);
    let classes = measure(client, MeasureRequest { sample: 2, ..request }).await;
    assert_eq!((classes[0].rows, classes[0].is_whole), (2, false));
}

/// A plan is shown, confirmed, and carried out once; what was not shown is refused.
async fn an_owned_database_follows_its_model(client: &mut Client, url: &str) {
    let first = PlanRequest { database: "own".to_owned(), ..Default::default() };
    let plan = client.plan(first.clone()).await.expect("planned").into_inner();
    assert_eq!(plan.steps[0].what, "make the table `CUSTOMER` of Customer");
    assert_eq!(apply(client, &first, &plan.digest).await, plan.steps);
    let again = client.plan(first.clone()).await.expect("planned").into_inner();
    assert_eq!(again.steps, [], "a plan that was carried out is empty");
    let insert = r#"INSERT INTO "CUSTOMER" VALUES (1, 'Eva', '030')"#;
    execute(url, &[insert]).await;

    let stale = ApplyRequest { plan: Some(first), digest: plan.digest };
    let mut answers = client.apply(stale).await.expect("a stream").into_inner();
    let refused = answers.message().await.expect_err("that was another plan");
    assert_eq!((refused.code(), code_of(&refused).as_deref()), (Code::Aborted, Some("CT0106")));

    // the column has another name, told by the id of the model in force; the fax goes
    let edited = MODEL.replace(r#"column="NAME""#, r#"column="FULL""#);
    let fax = edited.lines().find(|line| line.contains("FAX")).expect("it is there").to_owned();
    let edited = edited.replace(&fax, "");
    let kept =
        PlanRequest { database: "own".to_owned(), model: model(&edited), ..Default::default() };
    let gone = PlanRequest { is_contracting: true, ..kept.clone() };
    let kept_plan = client.plan(kept.clone()).await.expect("planned").into_inner();
    let risks: Vec<_> = kept_plan.steps.iter().map(proto::Step::risk).collect();
    assert_eq!(risks, [Risk::Safe, Risk::Left]);
    let plan = client.plan(gone.clone()).await.expect("planned").into_inner();
    assert!(plan.steps.iter().any(|step| step.risk() == Risk::Lossy), "{plan:?}");
    let unconfirmed = ApplyRequest { plan: Some(gone.clone()), digest: kept_plan.digest };
    let mut answers = client.apply(unconfirmed).await.expect("a stream").into_inner();
    let refused = answers.message().await.expect_err("nobody confirmed that the fax goes");
    assert_eq!(code_of(&refused).as_deref(), Some("CT0106"));
    execute(url, &[r#"UPDATE "CUSTOMER" SET "NAME" = 'Eva de Vries' WHERE "FAX" = '030'"#]).await;
    assert_eq!(apply(client, &gone, &plan.digest).await, plan.steps);
    execute(url, &[r#"INSERT INTO "CUSTOMER" SELECT 2, "FULL" FROM "CUSTOMER""#]).await;
}

/// One database is somebody else's, the other one is ours.
async fn the_whole(crm: &str, own: &str) {
    execute(crm, SCHEMA).await;
    let databases = [("crm", crm, false), ("own", own, true)];
    let world = World::start(&databases, Some(MODEL)).await;
    let (_component, mut client) = world.design_tool("admin").await;
    let listed = client.list_databases(ListDatabasesRequest {}).await.expect("listed").into_inner();
    let listed = listed.databases.iter().map(|it| (it.name.as_str(), it.is_owned));
    assert_eq!(listed.collect::<Vec<_>>(), [("crm", false), ("own", true)]);
    a_grown_database_becomes_a_model(&mut client).await;
    an_owned_database_follows_its_model(&mut client, own).await;
}

#[tokio::test]
async fn a_design_tool_works_with_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    execute(&url("own.sqlite"), &[]).await;
    the_whole(&url("crm.sqlite"), &url("own.sqlite")).await;
}

#[tokio::test]
async fn a_design_tool_works_with_postgresql() {
    let server = match postgres::Server::start() {
        Ok(server) => server.expect("it starts"),
        Err(missing) => return eprintln!("skipped: {missing}"),
    };
    let database = |name: &str| server.database(name).expect("a database");
    the_whole(&database("crm"), &database("own")).await;
}

#[tokio::test]
async fn a_design_tool_works_with_mariadb() {
    let server = match mariadb::Server::start() {
        Ok(server) => server.expect("it starts"),
        Err(missing) => return eprintln!("skipped: {missing}"),
    };
    let database = |name: &str| server.database(name).expect("a database");
    the_whole(&database("crm"), &database("own")).await;
}
