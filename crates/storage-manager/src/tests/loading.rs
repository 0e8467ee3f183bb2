use std::fmt::Write as _;
use std::path::PathBuf;

use caruso_expression::Value;
use caruso_object_model::Data;
use tempfile::TempDir;
use tokio::sync::Notify;

use super::changing::now;
use super::lab::{Lab, beside, execute, number};
use super::{author, example, suite, utilities};
use crate::{Engine, Existing, LoadError, LoadOptions, Loaded};

suite!(
    rows_become_objects_with_history_and_numbers,
    refused_rows_are_told_and_the_others_are_loaded,
    what_is_there_is_refused_left_out_or_changed,
    a_load_that_was_cut_off_goes_on_and_doubles_nothing,
    a_trial_changes_nothing,
    what_only_the_database_knows_is_found_row_by_row,
);

const CUSTOMERS: &str = "number,name,segment,language,is_life_support\n";

/// A file in a folder of its own.
struct File {
    folder: TempDir,
}

impl File {
    fn of(text: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        std::fs::write(folder.path().join("rows.csv"), text).expect("it is written");
        Self { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("rows.csv")
    }

    fn refused(&self) -> PathBuf {
        self.folder.path().join("refused.csv")
    }
}

async fn load(engine: &Engine, class: &str, file: &File, options: LoadOptions) -> Loaded {
    let options = LoadOptions { refused: Some(file.refused()), ..options };
    let loaded = engine.load(class, &file.path(), &options, &author(), now(), &mut |_| {}).await;
    loaded.expect("it is loaded")
}

fn existing(existing: Existing) -> LoadOptions {
    LoadOptions { existing, ..LoadOptions::default() }
}

/// Lines and reasons, and the file of refused rows.
fn told(loaded: &Loaded, file: &File) -> (Vec<String>, String) {
    let reasons = loaded.reasons.iter();
    let reasons = reasons.map(|it| format!("{}: {}: {}", it.line, it.name, it.reason));
    (reasons.collect(), std::fs::read_to_string(file.refused()).expect("it is there"))
}

async fn count(engine: &Engine, table: &str) -> i64 {
    let database = engine.databases.values().next().expect("there is one");
    number(&database.own, &format!("SELECT COUNT(*) FROM \"{table}\"")).await
}

async fn rows_become_objects_with_history_and_numbers(lab: &Lab) {
    let engine = example(lab).await;
    let file = File::of(
        "number,name,segment,language,is_life_support,notes\n\
                         200001,Ada,household,en,true,\n\
                         200002,\"Bo, \"\"B\"\"\nand Co\",business,nl,false,by mail\n",
    );
    let loaded = load(&engine, "Customer", &file, LoadOptions::default()).await;
    assert_eq!((loaded.rows, loaded.created, loaded.refused), (2, 2, 0));
    let customer = engine.read("Customer", "200002").await.expect("it is there");
    assert_eq!(customer.attributes["name"], Value::from("Bo, \"B\"\nand Co"));
    assert_eq!(customer.revision, "1");
    let changes = engine.history("Customer", "200001", 0, "").await.expect("it has one").changes;
    assert_eq!(changes.len(), 1);
    assert_eq!((changes[0].operation.as_str(), changes[0].revision.as_str()), ("create", "1"));
    let ada = engine.read("Customer", "200001").await.expect("it is there");
    assert_eq!(changes[0].after, ada.attributes);

    let points = File::of(
        "customer,kind,value\n\
                           200001,mobile,06-99 88 77 66\n\
                           200002,email,0699887766\n\
                           200002,phone,no number\n",
    );
    let loaded = load(&engine, "ContactPoint", &points, LoadOptions::default()).await;
    assert_eq!(loaded.created, 3);
    let found = engine.find_by_number("+31699887766").await.expect("a number");
    let keys: Vec<&str> = found.objects.iter().map(|it| it.key.as_str()).collect();
    assert_eq!(keys, ["200001"]);
    assert_eq!(count(&engine, "caruso_change").await, 5);
}

async fn refused_rows_are_told_and_the_others_are_loaded(lab: &Lab) {
    let engine = example(lab).await;
    let file = File::of(&format!(
        "{CUSTOMERS}\
         200001,Ada,household,en,yes\n\
         200002,Bo,household,en,true\n\
         200002,Chris,household,en,true\n\
         ,Dirk,hosehold,en,true\n\
         200004,Eva,household\n\
         100001,Fay,household,en,true\n"
    ));
    let loaded = load(&engine, "Customer", &file, LoadOptions::default()).await;
    assert_eq!((loaded.rows, loaded.created, loaded.refused), (6, 1, 5));
    let (reasons, refused) = told(&loaded, &file);
    assert_eq!(
        reasons,
        [
            "2: is_life_support: this is not `true` or `false`",
            "4: : a row before it has the same key",
            "5: segment: it is one of: household, business",
            "5: number: a value is required",
            "6: : it has 3 fields, not 5",
            "7: : there is an object with this key",
        ]
    );
    let lines: Vec<&str> = refused.lines().collect();
    assert_eq!(lines[0], "number,name,segment,language,is_life_support,reason");
    let first = "200001,Ada,household,en,yes,is_life_support: this is not `true` or `false`";
    assert_eq!((lines[1], lines.len()), (first, 6));

    let corrected = File::of(&refused.replace(",yes,", ",true,").replace("hosehold", "household"));
    let loaded = load(&engine, "Customer", &corrected, LoadOptions::default()).await;
    assert_eq!((loaded.rows, loaded.created, loaded.refused), (5, 1, 4), "{:?}", loaded.reasons);
    let (_, refused) = told(&loaded, &corrected);
    let header = refused.lines().next().expect("it has names");
    assert_eq!(header, "number,name,segment,language,is_life_support,reason");

    let points = File::of("customer,kind,value\n999999,phone,1\n200002,phone,1\n");
    let loaded = load(&engine, "ContactPoint", &points, LoadOptions::default()).await;
    let (reasons, _) = told(&loaded, &points);
    assert_eq!(reasons, ["2: customer: there is no Customer with this key"]);
    assert_eq!(loaded.created, 1);

    // nothing that somebody keeps is overwritten
    let kept = std::fs::read(points.refused()).expect("it is there");
    for precious in [points.refused(), file.path()] {
        let options = LoadOptions { refused: Some(precious), ..LoadOptions::default() };
        let options = LoadOptions { starts_anew: true, ..options };
        let error =
            engine.load("Customer", &file.path(), &options, &author(), now(), &mut |_| {}).await;
        assert!(matches!(error, Err(LoadError::RefusedIsThere(_))), "{error:?}");
    }
    assert_eq!(std::fs::read(points.refused()).expect("it is there"), kept);

    let strange = File::of("numbr,name\n1,x\n");
    let options = LoadOptions::default();
    let error =
        engine.load("Customer", &strange.path(), &options, &author(), now(), &mut |_| {}).await;
    assert!(matches!(error, Err(LoadError::Rows(_))), "{error:?}");
}

async fn what_is_there_is_refused_left_out_or_changed(lab: &Lab) {
    let engine = example(lab).await;
    let before = engine.read("Customer", "100001").await.expect("it is there");
    let text = "number,name,notes\n100001,Eva,moved\n100002,Verpleeghuis De Linden,\n9,New,\n";
    let file = File::of(text);
    let skipped = load(&engine, "Customer", &file, existing(Existing::Skip)).await;
    assert_eq!((skipped.skipped, skipped.refused), (0, 3), "the file lacks what is required");
    std::fs::remove_file(file.refused()).expect("it is there");
    let updated = load(&engine, "Customer", &file, existing(Existing::Update)).await;
    let (reasons, _) = told(&updated, &file);
    assert_eq!((updated.updated, updated.created, updated.refused), (2, 0, 1), "{reasons:?}");
    assert_eq!(reasons[0], "4: segment: a value is required");
    let after = engine.read("Customer", "100001").await.expect("it is there");
    assert_eq!(after.attributes["name"], Value::from("Eva"));
    assert_eq!(after.attributes["segment"], before.attributes["segment"]);
    assert_eq!((before.revision.as_str(), after.revision.as_str()), ("1", "2"));
    let change = &engine.history("Customer", "100001", 0, "").await.expect("one").changes[0];
    assert_eq!(change.before["name"], before.attributes["name"]);
    assert!(!change.after.contains_key("segment"));
    let linden = engine.read("Customer", "100002").await.expect("it is there");
    assert_eq!(linden.attributes.get("notes"), None, "an empty field takes the value away");

    std::fs::remove_file(file.refused()).expect("it is there");
    let options = LoadOptions { starts_anew: true, ..existing(Existing::Update) };
    let again = load(&engine, "Customer", &file, options).await;
    assert_eq!((again.unchanged, again.updated, again.refused), (2, 0, 1));
    let whole = File::of(&format!("{CUSTOMERS}100001,Eva,household,nl,false\n"));
    let skipped = load(&engine, "Customer", &whole, existing(Existing::Skip)).await;
    assert_eq!((skipped.skipped, skipped.refused), (1, 0));
}

/// Contact points, of which every hundredth is refused.
fn many_points(rows: usize) -> String {
    let mut text = "customer,kind,value\n".to_owned();
    for row in 0..rows {
        let kind = if row % 100 == 7 { "fax" } else { "mobile" };
        let _ = writeln!(text, "100001,{kind},06{row:08}");
    }
    text
}

async fn a_load_that_was_cut_off_goes_on_and_doubles_nothing(lab: &Lab) {
    let engine = example(lab).await;
    let before = count(&engine, "KLANTADRES").await;
    let numbers = count(&engine, "caruso_phone_number").await;
    let file = File::of(&many_points(6_100));
    let options = LoadOptions { refused: Some(file.refused()), ..LoadOptions::default() };
    for cut in 0..2 {
        let (done, path) = (Notify::new(), file.path());
        let mut watch = |_: &Loaded| done.notify_one();
        let author = author();
        let loading = engine.load("ContactPoint", &path, &options, &author, now(), &mut watch);
        tokio::select! {
            biased;
            () = done.notified() => {}
            _ = loading => panic!("it was not cut off"),
        }
        assert!(count(&engine, "KLANTADRES").await < before + 6_039, "cut {cut}");
    }
    let loaded = load(&engine, "ContactPoint", &file, LoadOptions::default()).await;
    assert!(loaded.done_before >= 4_000, "{loaded:?}");
    assert_eq!((loaded.rows, loaded.created, loaded.refused), (6_100, 6_039, 61));
    assert_eq!(count(&engine, "KLANTADRES").await, before + 6_039);
    assert_eq!(count(&engine, "caruso_change").await, 6_039);
    assert_eq!(count(&engine, "caruso_phone_number").await, numbers + 6_039);
    let (_, refused) = told(&loaded, &file);
    assert_eq!(refused.lines().count(), 62);

    let again = load(&engine, "ContactPoint", &file, LoadOptions::default()).await;
    assert_eq!(again.done_before, 6_100);
    assert_eq!(count(&engine, "KLANTADRES").await, before + 6_039);
}

async fn a_trial_changes_nothing(lab: &Lab) {
    let engine = example(lab).await;
    let tables = ["KLANTADRES", "caruso_change", "caruso_phone_number", "caruso_state"];
    let mut before = Vec::new();
    for table in tables {
        before.push(count(&engine, table).await);
    }
    let file = File::of(&many_points(1_100));
    let options = LoadOptions { is_trial: true, ..LoadOptions::default() };
    for _ in 0..2 {
        let loaded = load(&engine, "ContactPoint", &file, options.clone()).await;
        assert_eq!((loaded.rows, loaded.created, loaded.refused), (1_100, 1_089, 11));
        std::fs::remove_file(file.refused()).expect("it is there");
    }
    for (table, before) in tables.iter().zip(before) {
        assert_eq!(count(&engine, table).await, before, "{table}");
    }
    // rows of another batch count, too
    let mut text = CUSTOMERS.to_owned();
    for row in (0..2_300).chain([3]) {
        let _ = writeln!(text, "X{row},Ada,household,en,true");
    }
    let loaded = load(&engine, "Customer", &File::of(&text), options).await;
    assert_eq!((loaded.created, loaded.refused), (2_300, 1));
}

async fn what_only_the_database_knows_is_found_row_by_row(lab: &Lab) {
    let options = lab.installation("utilities");
    let empty = Data::default();
    let open = || Engine::open("test", utilities().into(), &empty, &options);
    drop(open().await.expect("it opens"));
    let connection = beside(&options).await;
    execute(&connection, "CREATE UNIQUE INDEX beside ON \"KLANT\" (\"NAAM\")").await;
    connection.close().await.expect("it closes");
    let engine = open().await.expect("it opens");
    let mut text = CUSTOMERS.to_owned();
    for row in 0..700 {
        let name = if row % 300 == 250 { "Twice".to_owned() } else { format!("Ada {row}") };
        let _ = writeln!(text, "X{row},{name},household,en,true");
    }
    let file = File::of(&text);
    let loaded = load(&engine, "Customer", &file, LoadOptions::default()).await;
    assert_eq!((loaded.created, loaded.refused), (699, 1));
    let (reasons, _) = told(&loaded, &file);
    assert_eq!(reasons, ["552: : there is one with this key, or with what no two may share"]);
    assert_eq!(count(&engine, "KLANT").await, 699);
    assert_eq!(count(&engine, "caruso_change").await, 699);
}
