//! The engine as a gRPC service.

use std::sync::Arc;

use arc_swap::ArcSwap;
use caruso_api::storage::v1 as proto;
use caruso_component::Caller;
use jiff::Timestamp;
use proto::storage_manager_server::StorageManager;
use tonic::{Request, Response, Status};

use crate::apply::Author;
use crate::convert::{class_to, object_to, query_from, status_of, unit_from};
use crate::engine::Engine;
use crate::error::Error;

/// The engine of the release in force, and the language of its labels.
#[derive(Debug)]
pub(crate) struct Edition {
    pub(crate) engine: Engine,
    pub(crate) language: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Service {
    pub(crate) edition: Arc<ArcSwap<Edition>>,
}

/// The component, and the user beside it where there is one.
fn author(caller: &Caller) -> Author {
    let component = caller.component.as_ref().map_or("", |component| component.name.as_str());
    let actor = match &caller.user {
        Some(user) => format!("{} for {}", component, user.name),
        None => component.to_owned(),
    };
    Author { actor, request: caller.request_id.clone() }
}

/// For `map_err`.
fn refused(error: Error) -> Status {
    status_of(&error)
}

#[tonic::async_trait]
impl StorageManager for Service {
    async fn describe(
        &self,
        _request: Request<proto::DescribeRequest>,
    ) -> Result<Response<proto::DescribeResponse>, Status> {
        let edition = self.edition.load();
        let model = edition.engine.model();
        let classes = model.classes().map(|class| class_to(model, class, &edition.language));
        Ok(Response::new(proto::DescribeResponse {
            release_digest: edition.engine.digest().to_owned(),
            classes: classes.collect(),
        }))
    }

    async fn get(
        &self,
        request: Request<proto::GetRequest>,
    ) -> Result<Response<proto::GetResponse>, Status> {
        let request = request.into_inner();
        let edition = self.edition.load_full();
        let found = edition.engine.read(&request.class, &request.key).await.map_err(refused)?;
        let object = Some(object_to(edition.engine.model(), found));
        Ok(Response::new(proto::GetResponse { object }))
    }

    async fn query(
        &self,
        request: Request<proto::QueryRequest>,
    ) -> Result<Response<proto::QueryResponse>, Status> {
        let query = query_from(request.into_inner()).map_err(refused)?;
        let edition = self.edition.load_full();
        let page = edition.engine.query(&query).await.map_err(refused)?;
        let model = edition.engine.model();
        let objects = page.objects.into_iter().map(|object| object_to(model, object));
        Ok(Response::new(proto::QueryResponse {
            objects: objects.collect(),
            next_page_token: page.next_page_token,
        }))
    }

    async fn find_by_number(
        &self,
        request: Request<proto::FindByNumberRequest>,
    ) -> Result<Response<proto::FindByNumberResponse>, Status> {
        let edition = self.edition.load_full();
        let number = request.into_inner().number;
        let found = edition.engine.find_by_number(&number).await.map_err(refused)?;
        let model = edition.engine.model();
        let objects = found.objects.into_iter().map(|object| object_to(model, object));
        Ok(Response::new(proto::FindByNumberResponse {
            normalized: found.normalized,
            objects: objects.collect(),
        }))
    }

    async fn apply(
        &self,
        request: Request<proto::ApplyRequest>,
    ) -> Result<Response<proto::ApplyResponse>, Status> {
        let author = author(Caller::of(&request)?);
        let unit = unit_from(request.into_inner()).map_err(refused)?;
        let edition = self.edition.load_full();
        let applied = edition.engine.apply(&unit, &author, Timestamp::now()).await;
        let applied = applied.map_err(refused)?;
        let model = edition.engine.model();
        let objects = applied.objects.into_iter().map(|object| object_to(model, object));
        Ok(Response::new(proto::ApplyResponse {
            objects: objects.collect(),
            is_repeat: applied.is_repeat,
        }))
    }
}
