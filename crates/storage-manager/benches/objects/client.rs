//! Callers of the storage manager over gRPC: the front office on behalf of an agent; for changes
//! the script engine, which alone may make them.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use caruso_api::storage::v1 as proto;
use caruso_component::InterfaceChannel;
use proto::storage_manager_client::StorageManagerClient;
use proto::value::Kind;
use tonic::Code;

use crate::data::{Random, Updates};
use crate::load::{Caller, What};

type Client = StorageManagerClient<InterfaceChannel>;

/// One of the callers.
pub(crate) struct Grpc {
    number: usize,
    office: Client,
    engine: Client,
    random: Random,
    updates: Updates,
}

impl Grpc {
    pub(crate) fn new(number: usize, office: InterfaceChannel, engine: InterfaceChannel) -> Self {
        Self {
            number,
            office: Client::new(office),
            engine: Client::new(engine),
            random: Random::new(number),
            updates: Updates::of(number),
        }
    }

    async fn nothing(&mut self) -> anyhow::Result<()> {
        let request = proto::GetRequest { class: "Nothing".into(), key: "1".into() };
        let refused = self.office.get(request).await.err().context("there is no such class")?;
        ensure!(refused.code() == Code::InvalidArgument, "{refused}");
        Ok(())
    }

    async fn point(&mut self) -> anyhow::Result<()> {
        let key = key(self.random.customer());
        let request = proto::GetRequest { class: "Customer".into(), key: key.clone() };
        let object = self.office.get(request).await?.into_inner().object.context("a customer")?;
        ensure!(object.key == key && object.withheld == ["credit_limit"], "not as the agent sees");
        Ok(())
    }

    async fn page(&mut self) -> anyhow::Result<()> {
        let tariff = proto::Value { kind: Some(Kind::Text(self.random.tariff())) };
        let newest = proto::Order { attribute: "begins_on".into(), is_descending: true };
        let request = proto::QueryRequest {
            class: "Contract".into(),
            filter: "tariff eq argument.tariff".into(),
            arguments: BTreeMap::from([("argument.tariff".to_owned(), tariff)]),
            order: vec![newest],
            page_size: 50,
            ..Default::default()
        };
        let page = self.office.query(request).await?.into_inner();
        ensure!(page.objects.len() == 50, "a page is 50 contracts");
        // all but those of very important customers, whom an agent does not see
        let named = page.objects.iter().filter(|it| it.attributes.contains_key("customer_name"));
        ensure!(named.count() > 25, "a contract comes with its customer");
        Ok(())
    }

    async fn tree(&mut self) -> anyhow::Result<()> {
        let branch = |name: &str| proto::Branch { relation: name.into(), ..Default::default() };
        let request = proto::FetchRequest {
            class: "Customer".into(),
            key: key(self.random.customer()),
            branches: vec![branch("contracts"), branch("contact_points")],
        };
        let tree = self.office.fetch(request).await?.into_inner().tree.context("a tree")?;
        let sizes: Vec<usize> = tree.limbs.iter().map(|limb| limb.trees.len()).collect();
        ensure!(matches!(sizes[..], [0..=3, 2]), "a customer has contracts and contact points");
        Ok(())
    }

    async fn look_up(&mut self) -> anyhow::Result<()> {
        let request = proto::FindByNumberRequest { number: self.random.telephone() };
        let found = self.office.find_by_number(request).await?.into_inner();
        ensure!(found.objects.len() == 1, "{} found", found.objects.len());
        Ok(())
    }

    async fn update(&mut self) -> anyhow::Result<()> {
        let (number, version) = self.updates.next();
        let remark = Kind::Text(format!("Called again, {version}"));
        let update = proto::Update {
            class: "Customer".into(),
            key: key(number),
            revision: version.to_string(),
            attributes: BTreeMap::from([(
                "remark".to_owned(),
                proto::Value { kind: Some(remark) },
            )]),
        };
        let operation = proto::operation::Operation::Update(update);
        let request = proto::ApplyRequest {
            idempotency_key: format!("{}/{number}/{version}", self.number),
            operations: vec![proto::Operation { operation: Some(operation) }],
            reason: "measured".into(),
            contact_id: String::new(),
        };
        let applied = self.engine.apply(request).await?.into_inner();
        ensure!(!applied.is_repeat && applied.objects.len() == 1, "it is changed once");
        Ok(())
    }
}

impl Caller for Grpc {
    async fn ask(&mut self, what: What) -> anyhow::Result<()> {
        match what {
            What::Nothing => self.nothing().await,
            What::Point => self.point().await,
            What::Page => self.page().await,
            What::Tree => self.tree().await,
            What::LookUp => self.look_up().await,
            What::Update => self.update().await,
        }
    }
}

/// The key of a customer.
fn key(number: u32) -> String {
    format!("100,{number}")
}
