mod changing;
mod differential;
mod opening;
mod reading;

use std::collections::BTreeMap;

use caruso_expression::Value;
use caruso_object_model::{Data, Model};
use tempfile::TempDir;

use crate::{Author, DatabaseOptions, Engine, Error, Installation, Page, Query};

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

/// Options with one database in a folder.
fn options(folder: &TempDir, name: &str, is_owned: bool) -> Installation {
    let url = format!("sqlite:{}", folder.path().join(format!("{name}.sqlite")).display());
    Installation {
        databases: BTreeMap::from([(name.to_owned(), DatabaseOptions { url, is_owned })]),
        data: folder.path().join("own"),
        has_demo_data: true,
    }
}

/// The example application in a fresh folder, which goes when it is dropped.
async fn example() -> (Engine, TempDir) {
    let folder = TempDir::new().expect("a folder");
    let model = utilities();
    let data = utilities_data(&model);
    let options = options(&folder, "utilities", true);
    let engine = Engine::open("test", model.into(), &data, &options).await.expect("it opens");
    (engine, folder)
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
