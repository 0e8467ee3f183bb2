//! The modeler as a component for design tools: the functions of this crate as
//! `caruso.modeler.v1.Modeler`.

pub mod codes;
mod convert;
mod databases;
mod error;
mod long;
mod models;
mod run;

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_api::modeler::v1 as proto;
use caruso_component::Release;
use caruso_database::{Access, TableName};
use caruso_object_model::phone::Country;
use proto::modeler_server::Modeler;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, watch};
use tonic::{Request, Response, Status};

pub use databases::{Database, Installation};
pub use run::{Options, Page, run};

use convert::{class_to, database_to, finding_to, page_to, step_to};
use error::Error;
use long::{Answers, Stream};
use models::Read;

use crate::migration::{self, Step, Wish};
use crate::{check, import, quality};

/// Calls that may work at the same time: each holds connections and memory.
const MOST_CALLS: usize = 4;
/// Findings of one answer, so that it stays small; nobody reads more at a time.
const MOST_FINDINGS: usize = 2_000;
/// The country of numbers where the caller names none.
const COUNTRY: &str = "NL";

/// Where the model in force is learnt from.
type Releases = watch::Receiver<Option<Release>>;

#[derive(Debug, Clone)]
struct Service {
    installation: Arc<Installation>,
    releases: Releases,
    page_of: fn(&str) -> Option<Page>,
    calls: Arc<Semaphore>,
    /// One plan at a time is carried out.
    applying: Arc<Mutex<()>>,
}

impl Service {
    fn new(installation: Installation, releases: Releases, page_of: PageOf) -> Self {
        let calls = Arc::new(Semaphore::new(MOST_CALLS));
        let installation = Arc::new(installation);
        Self { installation, releases, page_of, calls, applying: Arc::default() }
    }

    fn permit(&self) -> Result<OwnedSemaphorePermit, Error> {
        Arc::clone(&self.calls).try_acquire_owned().map_err(|_| Error::Busy)
    }

    fn in_force(&self) -> Option<Release> {
        self.releases.borrow().clone()
    }

    async fn databases(&self) -> BTreeMap<String, Database> {
        self.installation.all(&models::databases_in(self.in_force()).await)
    }

    async fn database(&self, name: &str) -> Result<Database, Error> {
        Database::of(self.databases().await, name)
    }

    /// The model of a call.
    async fn model(&self, given: Option<proto::Model>) -> Result<Read, Error> {
        models::read(given, self.in_force().as_ref()).await
    }

    async fn planned(&self, request: proto::PlanRequest) -> Result<Planned, Error> {
        let proto::PlanRequest { database: name, model, is_contracting } = request;
        let database = self.database(&name).await?;
        let model = self.model(model).await?.sound()?.with(&name)?;
        Ok(Planned { name, database, model, is_contracting })
    }
}

type PageOf = fn(&str) -> Option<Page>;

/// What a plan is made of.
#[derive(Debug)]
struct Planned {
    name: String,
    database: Database,
    model: Read,
    is_contracting: bool,
}

impl Planned {
    fn wish(&self) -> Wish<'_> {
        Wish { model: &self.model.model, name: &self.name, contracts: self.is_contracting }
    }

    /// Carries the plan out if it is still the one of this digest.
    async fn carry_out(
        &self,
        digest: &str,
        answers: &Answers<proto::ApplyResponse>,
    ) -> Result<(), Error> {
        let failed = Error::unavailable(&self.name);
        let connection = self.database.open(Access::Write).await.map_err(&failed)?;
        let steps = migration::steps(&connection, &self.wish()).await.map_err(&failed)?;
        if migration::digest(&steps) != digest {
            return Err(Error::Stale);
        }
        for (done, step) in steps.iter().enumerate() {
            if answers.is_unread() {
                tracing::warn!(database = self.name, done, "a plan was left by its caller");
                return connection.close().await.map_err(failed);
            }
            let carried_out = migration::carry_out(&connection, step).await;
            carried_out.map_err(|error| Error::step(&self.name, &step.what, done, error))?;
            answers.give(done_to(step, done, steps.len())).await;
        }
        migration::keep_names(&connection, &self.wish()).await.map_err(&failed)?;
        connection.close().await.map_err(failed)
    }
}

fn done_to(step: &Step, done: usize, of: usize) -> proto::ApplyResponse {
    let (at, of) = (convert::number(done + 1), convert::number(of));
    proto::ApplyResponse { step: Some(step_to(step)), at, of }
}

fn country(code: &str) -> Result<Country, Error> {
    let code = if code.is_empty() { COUNTRY } else { code };
    let known = || Country::codes().collect::<Vec<_>>().join(", ");
    Country::by_code(code)
        .ok_or_else(|| Error::Request(format!("no country `{code}`; known: {}", known())))
}

#[tonic::async_trait]
impl Modeler for Service {
    async fn list_databases(
        &self,
        _request: Request<proto::ListDatabasesRequest>,
    ) -> Result<Response<proto::ListDatabasesResponse>, Status> {
        let databases = self.databases().await.into_iter();
        let databases = databases.map(|(name, database)| database_to(name, &database));
        Ok(Response::new(proto::ListDatabasesResponse { databases: databases.collect() }))
    }

    type ImportStream = Stream<proto::ImportResponse>;

    async fn import(
        &self,
        request: Request<proto::ImportRequest>,
    ) -> Result<Response<Self::ImportStream>, Status> {
        let permit = self.permit()?;
        let request = request.into_inner();
        let name = request.database;
        let database = self.database(&name).await?;
        if !import::is_database_name(&name) {
            let message = format!("a model cannot call a database `{name}`");
            return Err(Error::Request(message).into());
        }
        let options = import::Options {
            backend: database.address.backend(),
            source: format!("the database `{name}`"),
            database: name.clone(),
            country: country(&request.country)?,
        };
        let part = import::Part { schemas: request.schemas, tables: request.tables };
        let looks_at_rows = !request.is_without_data;
        Ok(Response::new(long::reading(permit, move |answers| async move {
            let failed = Error::unavailable(&name);
            let connection = database.open(Access::Read).await.map_err(&failed)?;
            let told = answers.clone();
            let progress = move |at, of, table: &TableName| {
                told.tell(convert::table_progress_to(at, of, table));
            };
            let files = import::read(&connection, &part, looks_at_rows, &options, progress).await;
            for file in convert::files_to(&name, files.map_err(Error::no_model(&name))?) {
                answers.give(file).await;
            }
            connection.close().await.map_err(failed)
        })))
    }

    async fn check(
        &self,
        request: Request<proto::CheckRequest>,
    ) -> Result<Response<proto::CheckResponse>, Status> {
        let _permit = self.permit()?;
        let proto::CheckRequest { database: name, model } = request.into_inner();
        let database = self.database(&name).await?;
        let read = self.model(model).await?;
        let mut findings = if read.findings.is_empty() {
            let Read { model, places, .. } = read.with(&name)?;
            let failed = Error::unavailable(&name);
            let connection = database.open(Access::Read).await.map_err(&failed)?;
            let found = check::check(&connection, &model, &name, &places).await;
            connection.close().await.map_err(&failed)?;
            found.map_err(failed)?
        } else {
            read.findings
        };
        let left_out = findings.len().saturating_sub(MOST_FINDINGS);
        findings.truncate(MOST_FINDINGS);
        let mut codes: Vec<_> = findings.iter().map(|it| it.finding.code).collect();
        codes.sort_unstable();
        codes.dedup();
        let pages = codes.into_iter().filter_map(|code| Some(page_to(code, (self.page_of)(code)?)));
        Ok(Response::new(proto::CheckResponse {
            pages: pages.collect(),
            findings: findings.into_iter().map(finding_to).collect(),
            left_out: convert::number(left_out),
        }))
    }

    type MeasureStream = Stream<proto::MeasureResponse>;

    async fn measure(
        &self,
        request: Request<proto::MeasureRequest>,
    ) -> Result<Response<Self::MeasureStream>, Status> {
        let permit = self.permit()?;
        let proto::MeasureRequest { database: name, model, sample } = request.into_inner();
        let database = self.database(&name).await?;
        let Read { model, places, .. } = self.model(model).await?.sound()?.with(&name)?;
        let options = quality::Options { sample: (sample > 0).then_some(sample) };
        Ok(Response::new(long::reading(permit, move |answers| async move {
            let failed = Error::unavailable(&name);
            let connection = database.open(Access::Read).await.map_err(&failed)?;
            let misfits = check::misfits(&connection, &model, &name, &places).await;
            let misfits = misfits.map_err(&failed)?;
            if !misfits.is_empty() {
                return Err(Error::unfit(&misfits));
            }
            let told = answers.clone();
            let mut progress = move |class: &str, rows| {
                told.tell(convert::class_progress_to(class, rows));
            };
            let measuring = quality::Measuring::begin(&connection, &model, &name, options).await;
            let mut measuring = measuring.map_err(&failed)?;
            while let Some(class) = measuring.next(&mut progress).await.map_err(&failed)? {
                answers.give(class_to(class)).await;
            }
            connection.close().await.map_err(failed)
        })))
    }

    async fn plan(
        &self,
        request: Request<proto::PlanRequest>,
    ) -> Result<Response<proto::PlanResponse>, Status> {
        let _permit = self.permit()?;
        let planned = self.planned(request.into_inner()).await?;
        let failed = Error::unavailable(&planned.name);
        let connection = planned.database.open(Access::Read).await.map_err(&failed)?;
        let steps = migration::steps(&connection, &planned.wish()).await.map_err(&failed)?;
        connection.close().await.map_err(failed)?;
        let digest = migration::digest(&steps);
        Ok(Response::new(proto::PlanResponse {
            steps: steps.iter().map(step_to).collect(),
            digest,
        }))
    }

    type ApplyStream = Stream<proto::ApplyResponse>;

    async fn apply(
        &self,
        request: Request<proto::ApplyRequest>,
    ) -> Result<Response<Self::ApplyStream>, Status> {
        let permit = self.permit()?;
        let alone = Arc::clone(&self.applying).try_lock_owned().map_err(|_| Error::Busy)?;
        let proto::ApplyRequest { plan, digest } = request.into_inner();
        let planned = self.planned(plan.unwrap_or_default()).await?;
        if !planned.database.is_owned {
            return Err(Error::Foreign(planned.name).into());
        }
        Ok(Response::new(long::changing(permit, move |answers| async move {
            let _alone = alone;
            planned.carry_out(&digest, &answers).await
        })))
    }
}
