//! Habits of schemas that have grown in the hands of others.

use caruso_database::{Access, Catalog, DbBackend, Table, TableName, connect};
use caruso_object_model::Model;

use super::catalogs::*;
use super::lab::{Lab, execute};
use crate::import::{Samples, first_model};
use crate::quality::{Options, measure};

fn imported(tables: Vec<Table>) -> (String, Model) {
    let catalog = Catalog { tables };
    let file = first_model(&catalog, &Samples::default(), &options(DbBackend::MySql)).remove(0);
    let (model, findings) = Model::read([("m.xml", file.as_bytes())]);
    assert_eq!(findings, [], "{file}");
    (file, model)
}

/// The relations of a class: name, and the class that it leads to.
fn relations(model: &Model, class: &str) -> Vec<(String, String)> {
    let class = model.class(class).expect("it is there");
    class.to_one().iter().map(|it| (it.name.clone(), it.class.clone())).collect()
}

#[test]
fn a_column_that_is_called_like_a_class_leads_to_it() {
    let key = || filled("id", int());
    let jobs = vec![key(), filled("Depot", int()), filled("Type", int()), column("Crew", text(9))];
    let (file, model) = imported(vec![
        table("Jobs", &["id"], jobs),
        table("Depots", &["id"], vec![key(), column("Name", text(20))]),
        // everything has a type, and this one has another kind of key
        table("Types", &["id"], vec![key()]),
        table("Crews", &["id"], vec![key()]),
    ]);
    let led = [("depot".to_owned(), "Depots".to_owned())];
    assert_eq!(relations(&model, "Job"), led, "{file}");
}

#[test]
fn what_a_program_puts_before_its_tables_is_in_no_name() {
    let parts = || vec![filled("id", int()), filled("depot_id", int())];
    let own = |key: &str| vec![filled(key, int()), column("name", text(20))];
    let (file, model) = imported(vec![
        table("acme_depots", &["depot_id"], own("depot_id")),
        table("acme_crews", &["crew_id"], own("crew_id")),
        table("acme_jobs", &["id"], parts()),
        table("ACME_LOG", &["id"], parts()),
        table("acme_order_lines", &["id"], parts()),
    ]);
    let mut names: Vec<&str> = model.classes().map(|class| class.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Crews", "Depots", "Job", "Log", "OrderLine"], "{file}");
    // the class could not be told to be a plural; the relation can
    let led = [("depot".to_owned(), "Depots".to_owned())];
    assert_eq!(relations(&model, "Job"), led, "{file}");
}

#[test]
fn a_key_of_which_a_name_is_a_part_is_found_in_no_other_table() {
    let (file, model) = imported(vec![
        table(
            "preference",
            &["account_id", "name"],
            vec![filled("account_id", int()), filled("name", text(20)), column("v", text(9))],
        ),
        table(
            "report",
            &["report_nr"],
            vec![filled("report_nr", int()), filled("account_id", int()), column("name", text(20))],
        ),
    ]);
    assert_eq!(relations(&model, "Report"), [], "{file}");
}

#[test]
fn a_secret_is_left_out_of_a_first_model() {
    let names = ["USER_PASSWORD", "Wachtwoord", "ResetToken", "token", "snmp_passphrase"];
    let mut columns = vec![filled("id", int())];
    columns.extend(names.map(|name| column(name, text(64))));
    columns.push(column("must_change_password", text(1)));
    columns.push(column("password_changed", int()));
    let (file, model) = imported(vec![table("person", &["id"], columns)]);
    let class = model.class("Person").expect("it is there");
    let kept: Vec<&str> = class.attributes().iter().map(|it| it.column.as_str()).collect();
    assert_eq!(kept, ["id", "token", "must_change_password", "password_changed"], "{file}");
    assert!(file.contains("Column `Wachtwoord` is left out: it is called like a secret"), "{file}");
}

#[tokio::test]
async fn days_without_number_and_blank_telephone_numbers_are_nothing() {
    let Some(lab) = Lab::mariadb().await else { return };
    let writer = connect(&lab.address, Access::Write, 1).await.expect("it opens");
    for statement in [
        "SET SESSION sql_mode = ''",
        "CREATE TABLE visit (id integer PRIMARY KEY, planned datetime NOT NULL, \
         done date NOT NULL, phone varchar(20) NOT NULL)",
        "INSERT INTO visit VALUES (1, '2026-01-31 10:00:00', '2026-01-31', '030 5550100'), \
         (2, '0000-00-00 00:00:00', '2026-02-01', ''), \
         (3, '2026-02-02 11:00:00', '2026-02-02', '  '), \
         (4, '2026-02-03 12:00:00', '2026-02-03', '06 12345678'), \
         (5, '2026-02-04 12:00:00', '2026-02-04', '06 12345679')",
    ] {
        execute(&writer, statement).await;
    }
    let name = TableName { schema: None, name: "visit".to_owned() };
    let catalog = Catalog::read(&lab.connection, Some(&[name])).await.expect("it answers");
    let options = options(DbBackend::MySql);
    let samples = Samples::read(&lab.connection, &catalog, options.country, |_| {}).await;
    let file = first_model(&catalog, &samples.expect("it answers"), &options).remove(0);
    for expected in [
        "1 of 5 cells are the day 0000-00-00, which is none.",
        r#"name="planned" column="planned" type="instant">"#,
        r#"name="done" column="done" type="date" required="yes">"#,
        r#"length="20" search="phone""#,
    ] {
        let file = file.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(file.contains(expected), "{expected}\n{file}");
    }
    let (model, _) = Model::read([("m.xml", file.as_bytes())]);
    let report = measure(&lab.connection, &model, "crm", Options::default(), |_, _| {}).await;
    let report = report.expect("it answers");
    assert_eq!(report.classes[0].sentences(), []);
}
