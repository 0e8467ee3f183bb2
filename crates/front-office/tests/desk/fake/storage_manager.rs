//! A storage manager that knows parcels and who receives them.

use std::collections::BTreeMap;

use caruso_api::storage::v1 as storage;
use caruso_component::status;
use storage::storage_manager_server::StorageManager;
use tonic::{Code, Request, Response, Status};

use super::{Answer, Answers, Peer, lock};

fn class(name: &str, attributes: &[(&str, &str, &str)]) -> storage::Class {
    let attributes = attributes.iter().map(|(name, r#type, target)| storage::Attribute {
        name: (*name).to_owned(),
        r#type: (*r#type).to_owned(),
        target_class: (*target).to_owned(),
        ..Default::default()
    });
    storage::Class {
        name: name.to_owned(),
        key: "number".to_owned(),
        attributes: attributes.collect(),
        ..Default::default()
    }
}

#[tonic::async_trait]
impl StorageManager for Peer {
    async fn describe(
        &self,
        _: Request<storage::DescribeRequest>,
    ) -> Answer<storage::DescribeResponse> {
        let classes = vec![
            class("Customer", &[("number", "text", ""), ("name", "text", "")]),
            class("Parcel", &[("number", "text", ""), ("receiver", "reference", "Customer")]),
        ];
        Ok(Response::new(storage::DescribeResponse { classes, ..Default::default() }))
    }

    async fn get(&self, _: Request<storage::GetRequest>) -> Answer<storage::GetResponse> {
        Err(Status::not_found("nothing"))
    }

    async fn query(
        &self,
        request: Request<storage::QueryRequest>,
    ) -> Answer<storage::QueryResponse> {
        let storage::QueryRequest { class, link, .. } = request.into_inner();
        let storage::Link { path, key } = link.expect("objects of somebody are asked for");
        assert_eq!(path, "receiver");
        let number = storage::Value { kind: Some(storage::value::Kind::Text(key)) };
        let attributes = BTreeMap::from([("number".to_owned(), number)]);
        let parcel =
            storage::Object { class, key: "p1".to_owned(), attributes, ..Default::default() };
        let objects = vec![parcel];
        Ok(Response::new(storage::QueryResponse { objects, ..Default::default() }))
    }

    async fn find_by_number(
        &self,
        request: Request<storage::FindByNumberRequest>,
    ) -> Answer<storage::FindByNumberResponse> {
        if !*self.0.is_storage_up.borrow() {
            return Err(status(Code::Unavailable, "CS0103", "the database is down"));
        }
        let number = request.into_inner().number;
        let objects = lock(&self.0.customers).get(&number).cloned().unwrap_or_default();
        let answer = storage::FindByNumberResponse { normalized: number, objects };
        Ok(Response::new(answer))
    }

    async fn apply(&self, _: Request<storage::ApplyRequest>) -> Answer<storage::ApplyResponse> {
        not_asked()
    }

    async fn get_many(
        &self,
        _: Request<storage::GetManyRequest>,
    ) -> Answer<storage::GetManyResponse> {
        not_asked()
    }

    type StreamStream = Answers<storage::StreamResponse>;

    async fn stream(&self, _: Request<storage::StreamRequest>) -> Answer<Self::StreamStream> {
        not_asked()
    }

    async fn aggregate(
        &self,
        _: Request<storage::AggregateRequest>,
    ) -> Answer<storage::AggregateResponse> {
        not_asked()
    }

    async fn fetch(&self, _: Request<storage::FetchRequest>) -> Answer<storage::FetchResponse> {
        not_asked()
    }

    async fn validate(
        &self,
        _: Request<storage::ValidateRequest>,
    ) -> Answer<storage::ValidateResponse> {
        not_asked()
    }

    async fn history(
        &self,
        _: Request<storage::HistoryRequest>,
    ) -> Answer<storage::HistoryResponse> {
        not_asked()
    }

    type WatchStream = Answers<storage::WatchResponse>;

    async fn watch(&self, _: Request<storage::WatchRequest>) -> Answer<Self::WatchStream> {
        not_asked()
    }
}

fn not_asked<T>() -> Answer<T> {
    Err(Status::unimplemented("not asked for by the front office"))
}
