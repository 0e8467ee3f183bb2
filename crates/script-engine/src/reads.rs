//! Reading business objects for a session, within a bound.

use caruso_api::storage::v1::storage_manager_client::StorageManagerClient;
use caruso_api::storage::v1::{FindByNumberRequest, GetRequest, Link, Object, QueryRequest};
use caruso_component::code_of;
use caruso_dialogue::{Input, MAX_RELATED, Read, ReadBy};
use tonic::{Code, Status};

use crate::values::snapshot;
use crate::{Edition, Peer};

/// The number is no telephone number.
const NO_NUMBER: &str = "CS0105";

/// Reads, and says what came of it.
pub(crate) async fn read(storage: Peer, edition: &Edition, read: &Read) -> Input {
    let wanted = read.clone();
    match objects(storage, read).await {
        Ok(objects) => {
            let objects = objects.into_iter().filter(|object| object.class == read.class);
            let objects = objects.map(|object| snapshot(edition, object)).collect();
            Input::Data { read: wanted, objects }
        }
        Err(status) => {
            let reason = match code_of(&status) {
                Some(code) => format!("{:?} ({code})", status.code()),
                None => format!("{:?}", status.code()),
            };
            Input::DataFailed { read: wanted, reason }
        }
    }
}

async fn objects(storage: Peer, read: &Read) -> Result<Vec<Object>, Status> {
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
            let request = QueryRequest {
                class: read.class.clone(),
                link: Some(Link { path: attribute.clone(), key: key.clone() }),
                page_size: u32::try_from(MAX_RELATED).unwrap_or(u32::MAX),
                ..QueryRequest::default()
            };
            Ok(storage.query(request).await?.into_inner().objects)
        }
    }
}
