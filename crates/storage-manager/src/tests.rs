//! One suite for every engine: each test runs by itself on a file, and all together on a
//! PostgreSQL and on a MariaDB that the test starts.

mod changing;
mod copying;
mod declared;
mod derived;
mod differential;
mod either;
mod elsewhere;
mod faults;
mod federated;
mod figures;
mod following;
mod full;
mod kinds;
mod lab;
mod loading;
mod moments;
mod money;
mod opening;
mod reading;
mod related;
mod rights;
mod trees;
mod united;
mod upkeep;
mod wrapped;

use caruso_expression::Value;
use caruso_object_model::{Data, Model};

use crate::{Author, Engine, Error, Page, Query};
use lab::Lab;

/// Tests that hold on every engine.
macro_rules! suite {
    ($($name:ident),* $(,)?) => {
        mod on_a_file {
            $(#[tokio::test]
            async fn $name() {
                super::$name(&super::Lab::file()).await;
            })*
        }

        /// All of them, one after the other, each in databases of its own.
        pub(super) async fn all(lab: &super::Lab) {
            $(eprintln!("{}", stringify!($name));
            Box::pin($name(lab)).await;)*
        }
    };
}
pub(crate) use suite;

async fn everything(lab: &Lab) {
    opening::all(lab).await;
    reading::all(lab).await;
    trees::all(lab).await;
    related::all(lab).await;
    derived::all(lab).await;
    kinds::all(lab).await;
    united::all(lab).await;
    either::all(lab).await;
    federated::all(lab).await;
    figures::all(lab).await;
    changing::all(lab).await;
    loading::all(lab).await;
    copying::all(lab).await;
    moments::all(lab).await;
    money::all(lab).await;
    declared::all(lab).await;
    following::all(lab).await;
    rights::all(lab).await;
    elsewhere::all(lab).await;
    upkeep::all(lab).await;
    wrapped::all(lab).await;
    differential::all(lab).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_suite_holds_on_postgresql() {
    if let Some(lab) = Lab::postgresql() {
        everything(&lab).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_suite_holds_on_mariadb() {
    if let Some(lab) = Lab::mariadb() {
        everything(&lab).await;
    }
}

macro_rules! objects {
    ($($name:literal),*) => {
        [$((
            $name,
            include_str!(concat!("../../../examples/utilities/objects/", $name, ".xml")).as_bytes(),
        )),*]
    };
}

macro_rules! data {
    ($($class:literal),*) => {
        [$((
            concat!($class, ".csv"),
            include_str!(concat!("../../../examples/utilities/data/", $class, ".csv")).as_bytes(),
        )),*]
    };
}

/// The model of the example application, with classes that may be changed although their database
/// is not ours.
fn writable_utilities() -> Model {
    let files = objects!("customers", "network", "service");
    let files = files.map(|(name, text)| {
        let text = String::from_utf8(text.to_vec()).expect("it is text");
        (name, text.replace("revision=\"", "writable=\"yes\" revision=\""))
    });
    let (model, findings) = Model::read(files.iter().map(|(name, text)| (*name, text.as_bytes())));
    assert_eq!(findings, []);
    model
}

/// The model of the example application.
fn utilities() -> Model {
    let (model, findings) = Model::read(objects!("customers", "network", "service"));
    assert_eq!(findings, []);
    model
}

fn utilities_data(model: &Model) -> Data {
    let files =
        data!("Customer", "ContactPoint", "Connection", "Meter", "FaultReport", "Interaction");
    Data::read(model, files).expect("the example is sound")
}

/// The example application in a fresh database.
async fn example(lab: &Lab) -> Engine {
    let model = utilities();
    let data = utilities_data(&model);
    let installation = lab.installation("utilities");
    Engine::open("test", model.into(), &data, &installation).await.expect("it opens")
}

fn author() -> Author {
    Author { actor: "script-engine".into(), request: "r1".into() }
}

async fn query(engine: &Engine, class: &str, filter: &str) -> Result<Page, Error> {
    let query = Query { class: class.into(), filter: filter.into(), ..Query::default() };
    engine.query(&query).await
}

/// Values of one attribute of the objects on a page.
fn values(page: &Page, name: &str) -> Vec<Value> {
    let value = |object: &crate::StoredObject| object.attributes.get(name).cloned();
    page.objects.iter().map(|object| value(object).unwrap_or(Value::Null)).collect()
}
