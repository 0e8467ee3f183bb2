//! The engine as a gRPC service.

use std::sync::Arc;

use arc_swap::ArcSwap;
use caruso_api::encoded::storage_manager_server::StorageManager;
use caruso_api::encoded::{GetResponse, QueryResponse, StreamResponse};
use caruso_api::storage::v1 as proto;
use caruso_component::Caller;
use caruso_object_model::User;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tonic::{Request, Response, Status};

use crate::apply::Author;
use crate::convert::{
    aggregate_from, branch_from, change_to, class_to, group_to, objects_to, query_from, status_of,
    tree_to, unit_from,
};
use crate::encoded;
use crate::engine::Engine;
use crate::error::Error;
use crate::streams::{self, Stream};

/// The engine of the release in force, and the language of its labels.
#[derive(Debug)]
pub(crate) struct Edition {
    pub(crate) engine: Engine,
    pub(crate) language: String,
    /// Cancelled when another edition takes its place.
    pub(crate) replaced: CancellationToken,
    _tasks: [AbortOnDropHandle<()>; 2],
}

impl Edition {
    pub(crate) fn new(engine: Engine, language: String) -> Self {
        let tasks = [
            tokio::spawn(engine.clone().publish_all()),
            tokio::spawn(engine.clone().keep_numbers()),
        ];
        let replaced = CancellationToken::new();
        Self { engine, language, replaced, _tasks: tasks.map(AbortOnDropHandle::new) }
    }
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

impl Service {
    /// The engine as far as the user of a request may see and change objects.
    fn engine<T>(&self, request: &Request<T>) -> Result<Engine, Status> {
        let engine = &self.edition.load().engine;
        Ok(match &Caller::of(request)?.user {
            None => engine.clone(),
            Some(user) => {
                let roles = user.roles.iter().map(|role| role.word().to_owned()).collect();
                engine.on_behalf_of(User { name: user.name.clone(), roles })
            }
        })
    }
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
    ) -> Result<Response<GetResponse>, Status> {
        let engine = self.engine(&request)?;
        let request = request.into_inner();
        let found = engine.read_as(&request.class, &request.key, |seen| encoded::object(&seen));
        let object = Some(found.await.map_err(refused)?);
        Ok(Response::new(GetResponse { object }))
    }

    async fn get_many(
        &self,
        request: Request<proto::GetManyRequest>,
    ) -> Result<Response<proto::GetManyResponse>, Status> {
        let engine = self.engine(&request)?;
        let proto::GetManyRequest { class, keys } = request.into_inner();
        let (objects, missing) = engine.read_many(&class, &keys).await.map_err(refused)?;
        let objects = objects_to(engine.model(), objects);
        Ok(Response::new(proto::GetManyResponse { objects, missing }))
    }

    async fn query(
        &self,
        request: Request<proto::QueryRequest>,
    ) -> Result<Response<QueryResponse>, Status> {
        let engine = self.engine(&request)?;
        let query = query_from(request.into_inner()).map_err(refused)?;
        let page = engine.query_as(&query, |seen| encoded::object(&seen)).await.map_err(refused)?;
        Ok(Response::new(QueryResponse {
            objects: page.objects,
            next_page_token: page.next_page_token,
            count: page.count,
        }))
    }

    type StreamStream = Stream<StreamResponse>;

    async fn stream(
        &self,
        request: Request<proto::StreamRequest>,
    ) -> Result<Response<Self::StreamStream>, Status> {
        let engine = self.engine(&request)?;
        let query = query_from(request.into_inner().query.unwrap_or_default()).map_err(refused)?;
        Ok(Response::new(streams::objects(engine, query)))
    }

    async fn aggregate(
        &self,
        request: Request<proto::AggregateRequest>,
    ) -> Result<Response<proto::AggregateResponse>, Status> {
        let engine = self.engine(&request)?;
        let request = aggregate_from(request.into_inner()).map_err(refused)?;
        let (groups, has_more) = engine.aggregate(&request).await.map_err(refused)?;
        let class = engine.model().class(&request.class);
        let groups = groups.into_iter().map(|group| group_to(class, &request, group));
        Ok(Response::new(proto::AggregateResponse { groups: groups.collect(), has_more }))
    }

    async fn fetch(
        &self,
        request: Request<proto::FetchRequest>,
    ) -> Result<Response<proto::FetchResponse>, Status> {
        let engine = self.engine(&request)?;
        let proto::FetchRequest { class, key, branches } = request.into_inner();
        let branches = branches.into_iter().map(branch_from).collect::<Result<Vec<_>, _>>();
        let branches = branches.map_err(refused)?;
        let tree = engine.fetch(&class, &key, &branches).await.map_err(refused)?;
        let tree = Some(tree_to(engine.model(), tree));
        Ok(Response::new(proto::FetchResponse { tree }))
    }

    async fn find_by_number(
        &self,
        request: Request<proto::FindByNumberRequest>,
    ) -> Result<Response<proto::FindByNumberResponse>, Status> {
        let engine = self.engine(&request)?;
        let number = request.into_inner().number;
        let found = engine.find_by_number(&number).await.map_err(refused)?;
        Ok(Response::new(proto::FindByNumberResponse {
            normalized: found.normalized,
            objects: objects_to(engine.model(), found.objects),
        }))
    }

    async fn apply(
        &self,
        request: Request<proto::ApplyRequest>,
    ) -> Result<Response<proto::ApplyResponse>, Status> {
        let engine = self.engine(&request)?;
        let author = author(Caller::of(&request)?);
        let unit = unit_from(request.into_inner()).map_err(refused)?;
        let applied = engine.apply(&unit, &author, Timestamp::now()).await;
        let applied = applied.map_err(refused)?;
        Ok(Response::new(proto::ApplyResponse {
            objects: objects_to(engine.model(), applied.objects),
            is_repeat: applied.is_repeat,
        }))
    }

    async fn validate(
        &self,
        request: Request<proto::ValidateRequest>,
    ) -> Result<Response<proto::ValidateResponse>, Status> {
        let engine = self.engine(&request)?;
        let author = author(Caller::of(&request)?);
        let unit = request.into_inner().unit.unwrap_or_default();
        let unit = unit_from(unit).map_err(refused)?;
        let objects = engine.validate(&unit, &author, Timestamp::now()).await;
        let objects = objects_to(engine.model(), objects.map_err(refused)?);
        Ok(Response::new(proto::ValidateResponse { objects }))
    }

    async fn history(
        &self,
        request: Request<proto::HistoryRequest>,
    ) -> Result<Response<proto::HistoryResponse>, Status> {
        let engine = self.engine(&request)?;
        let proto::HistoryRequest { class, key, page_size, page_token } = request.into_inner();
        let changes = engine.history(&class, &key, page_size, &page_token).await;
        let changes = changes.map_err(refused)?;
        let class = engine.model().class(&class);
        Ok(Response::new(proto::HistoryResponse {
            changes: changes.changes.into_iter().map(|change| change_to(class, change)).collect(),
            next_page_token: changes.next_page_token,
        }))
    }

    type WatchStream = Stream<proto::WatchResponse>;

    async fn watch(
        &self,
        request: Request<proto::WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let engine = self.engine(&request)?;
        let proto::WatchRequest { database, after, classes } = request.into_inner();
        let replaced = self.edition.load().replaced.clone();
        // mistakes of the request are said at once, not in the stream
        engine.changes(&database, u64::MAX, &classes).await.map_err(refused)?;
        Ok(Response::new(streams::changes(engine, replaced, database, after, classes)))
    }
}
