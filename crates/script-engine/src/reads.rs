//! Reading business objects for a session, within a bound.

use std::collections::HashMap;

use caruso_api::storage::v1::storage_manager_client::StorageManagerClient;
use caruso_api::storage::v1::{
    FindByNumberRequest, GetRequest, Object, QueryRequest, Value, value::Kind,
};
use caruso_application::object_model::AttributeType;
use caruso_component::code_of;
use caruso_dialogue::{Input, MAX_RELATED, Read, ReadBy};
use tonic::{Code, Status};

use crate::values::snapshot;
use crate::{Edition, Peer};

/// Name of the key in the filter of a query.
const KEY: &str = "argument.key";
/// The number is no telephone number.
const NO_NUMBER: &str = "CS0105";

/// Reads, and says what came of it.
pub(crate) async fn read(storage: Peer, edition: &Edition, read: &Read) -> Input {
    let name = read.name.clone();
    match objects(storage, edition, read).await {
        Ok(objects) => {
            let objects = objects.into_iter().filter(|object| object.class == read.class);
            let objects = objects.map(|object| snapshot(edition, object)).collect();
            Input::Data { name, objects }
        }
        Err(status) => {
            let reason = match code_of(&status) {
                Some(code) => format!("{:?} ({code})", status.code()),
                None => format!("{:?}", status.code()),
            };
            Input::DataFailed { name, reason }
        }
    }
}

async fn objects(storage: Peer, edition: &Edition, read: &Read) -> Result<Vec<Object>, Status> {
    let mut storage = StorageManagerClient::new(storage);
    match &read.by {
        ReadBy::Key(key) => {
            let request = GetRequest { class: read.class.clone(), key: key.clone() };
            match storage.get(request).await {
                Ok(found) => Ok(found.into_inner().object.into_iter().collect()),
                Err(status) if status.code() == Code::NotFound => Ok(Vec::new()),
                Err(status) => Err(status),
            }
        }
        ReadBy::Number(number) => {
            let request = FindByNumberRequest { number: number.clone() };
            match storage.find_by_number(request).await {
                Ok(found) => Ok(found.into_inner().objects),
                Err(status) if code_of(&status).as_deref() == Some(NO_NUMBER) => Ok(Vec::new()),
                Err(status) => Err(status),
            }
        }
        ReadBy::Related { attribute, key } => {
            let request = related(edition, &read.class, attribute, key)?;
            Ok(storage.query(request).await?.into_inner().objects)
        }
    }
}

/// The objects of a class whose relation leads to the object of a key.
fn related(
    edition: &Edition,
    class: &str,
    attribute: &str,
    key: &str,
) -> Result<QueryRequest, Status> {
    let target = edition.target(class, attribute);
    let target = target.ok_or_else(|| Status::internal("the model has no relation"))?;
    let Some(attribute_of_key) = target.single_key() else {
        let name = &target.name;
        let message = format!("nothing is read by its {name}, whose key has several parts");
        return Err(Status::unimplemented(message));
    };
    let kind = match attribute_of_key.ty {
        AttributeType::Int => {
            let number = key.parse().map_err(|_| Status::internal("the key is no int"))?;
            Kind::Integer(number)
        }
        _ => Kind::Text(key.to_owned()),
    };
    Ok(QueryRequest {
        class: class.to_owned(),
        filter: format!("{attribute}.{} == {KEY}", attribute_of_key.name),
        arguments: HashMap::from([(KEY.to_owned(), Value { kind: Some(kind) })]),
        page_size: u32::try_from(MAX_RELATED).unwrap_or(u32::MAX),
        ..QueryRequest::default()
    })
}
