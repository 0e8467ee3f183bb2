//! Changing: a unit of work in one transaction, with its key, its audit and its numbers.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use caruso_database::{DbBackend, Failure, TableKind, to_its_end};
use caruso_object_model::{Operation, UnitOfWork, Violation};
use jiff::{Timestamp, ToSpan};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DbErr};
use sha2::{Digest as _, Sha256};

use crate::audit::{self, Change};
use crate::database::Database;
use crate::elsewhere;
use crate::engine::Engine;
use crate::error::{Error, unavailable};
use crate::json;
use crate::numbers;
use crate::plan::StoredObject;
use crate::work::{Happened, Work};
use crate::wrapped::Behind;

/// How often a unit of work is tried where others are in its way.
const MAX_TRIES: u32 = 5;
/// How long after the first try; twice as long after each next one.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// Idempotency keys are remembered this many hours; no outbox tries for so long.
const REMEMBERED_HOURS: i64 = 30 * 24;

/// On whose behalf a unit of work is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The component, and the user where there is one.
    pub actor: String,
    /// The request.
    pub request: String,
}

/// What a unit of work gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// One object per operation, in order, as it was when the unit of work was applied.
    pub objects: Vec<StoredObject>,
    /// True when the key was seen before and this is the first result again.
    pub is_repeat: bool,
}

impl Engine {
    /// Applies a unit of work, all or nothing, and once for its key. Where others hold a lock or
    /// were faster, or the connection breaks, the whole is tried again, at most [`MAX_TRIES`]
    /// times. Once begun it goes on, even if nobody waits for it any more.
    ///
    /// # Errors
    ///
    /// [`Error::Violations`], [`Error::RevisionConflict`], [`Error::Duplicate`], [`Error::InUse`],
    /// [`Error::NotFound`], [`Error::Busy`], [`Error::Unavailable`]; of what a wrapper holds also
    /// [`Error::HeldByWrapper`], [`Error::NotAlone`], [`Error::Away`], [`Error::RefusedBehind`],
    /// and [`Error::OutcomeUnknown`], after which the same key again tells.
    pub async fn apply(
        &self,
        unit: &UnitOfWork,
        author: &Author,
        now: Timestamp,
    ) -> Result<Applied, Error> {
        let (engine, unit, author) = (self.clone(), unit.clone(), author.clone());
        to_its_end(async move {
            let applied = engine.try_often(&unit, &author, now, End::Commit).await?;
            engine.publisher.committed();
            Ok(applied)
        })
        .await
    }

    /// What [`Engine::apply`] would give, with nothing changed; the key is not looked at.
    ///
    /// # Errors
    ///
    /// As [`Engine::apply`].
    pub async fn validate(
        &self,
        unit: &UnitOfWork,
        author: &Author,
        now: Timestamp,
    ) -> Result<Vec<StoredObject>, Error> {
        let (engine, unit, author) = (self.clone(), unit.clone(), author.clone());
        to_its_end(async move {
            Ok(engine.try_often(&unit, &author, now, End::TakeBack).await?.objects)
        })
        .await
    }

    async fn try_often(
        &self,
        unit: &UnitOfWork,
        author: &Author,
        now: Timestamp,
        end: End,
    ) -> Result<Applied, Error> {
        unit.check(&self.model).map_err(Error::Violations)?;
        let place = match self.behind(unit)? {
            Some(behind) => Place::Wrapper(behind),
            None => Place::Database(self.one_database(unit)?),
        };
        let mut pause = FIRST_PAUSE;
        for _ in 1..MAX_TRIES {
            match self.try_once(place, unit, author, now, end).await {
                Err(error) if error.is_lost() || matches!(error, Error::Busy { .. }) => {
                    tokio::time::sleep(pause).await;
                }
                Err(error @ Error::Stale { .. }) => {
                    if let Place::Database(database) = place {
                        database.told_stale();
                    }
                    return Err(error);
                }
                done => return done,
            }
            pause *= 2;
        }
        self.try_once(place, unit, author, now, end).await
    }

    async fn try_once(
        &self,
        place: Place<'_>,
        unit: &UnitOfWork,
        author: &Author,
        now: Timestamp,
        end: End,
    ) -> Result<Applied, Error> {
        let note = Note { engine: self, unit, author, now };
        let database = match place {
            Place::Database(database) => database,
            Place::Wrapper(behind) if end == End::TakeBack => {
                let objects = vec![behind.validate().await?];
                return Ok(Applied { objects, is_repeat: false });
            }
            Place::Wrapper(behind) => return behind.apply(&note).await,
        };
        let failed = unavailable(&database.name);
        if end == End::TakeBack {
            let transaction = database.begin_objects().await.map_err(&failed)?;
            let work = Work { engine: self, database, transaction };
            let happened = work.carry_out(unit).await?;
            work.transaction.rollback().await.map_err(&failed)?;
            return Ok(Applied { objects: seen_of(happened), is_repeat: false });
        }
        if !database.is_owned {
            return elsewhere::apply(&note, database).await;
        }
        match note.carry_out(database).await {
            // a repeat is rare, so that its key is looked for only where something is in the way
            Err(error) if !error.is_lost() => match note.first_result(&database.own).await? {
                Some(first) => Ok(first),
                None => Err(error),
            },
            done => done,
        }
    }

    /// The database of all operations; one, and one that may be written.
    fn one_database(&self, unit: &UnitOfWork) -> Result<&Database, Error> {
        let mut found: Option<&Database> = None;
        for (index, operation) in unit.operations.iter().enumerate() {
            let class = operation.class();
            let plan = self.plan(class)?;
            let database = self.database(plan)?;
            let reason = match found {
                _ if !database.may_be_written(&plan.class) => "the database may only be read",
                _ if plan.kind == TableKind::View => "a view may only be read",
                Some(first) if first.name != database.name => "it is held by another database",
                _ => {
                    found = Some(database);
                    continue;
                }
            };
            return Err(violation(index, class, "", reason));
        }
        found.ok_or_else(|| violation(0, "", "", "there is no operation"))
    }
}

pub(crate) fn violation(operation: usize, class: &str, attribute: &str, reason: &str) -> Error {
    let (class, attribute) = (class.to_owned(), attribute.to_owned());
    Error::Violations(vec![Violation { operation, class, attribute, reason: reason.to_owned() }])
}

/// The objects as the user sees them.
pub(crate) fn seen_of(happened: Vec<Happened<'_>>) -> Vec<StoredObject> {
    happened.into_iter().map(|it| it.seen).collect()
}

/// What our own tables say of a unit of work.
pub(crate) struct Note<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) unit: &'a UnitOfWork,
    pub(crate) author: &'a Author,
    pub(crate) now: Timestamp,
}

impl Note<'_> {
    /// Carries a unit of work out in a database that is ours, for the first time.
    async fn carry_out(&self, database: &Database) -> Result<Applied, Error> {
        let failed = unavailable(&database.name);
        let transaction = database.begin_unit().await.map_err(&failed)?;
        let work = Work { engine: self.engine, database, transaction };
        let happened = work.carry_out(self.unit).await?;
        self.enter(&work.transaction, &work.transaction, &happened).await?;
        work.transaction.commit().await.map_err(&failed)?;
        Ok(Applied { objects: seen_of(happened), is_repeat: false })
    }

    /// What the unit of work gave when it was applied before.
    pub(crate) async fn first_result(
        &self,
        own: &impl ConnectionTrait,
    ) -> Result<Option<Applied>, Error> {
        let select = Query::select()
            .columns(["fingerprint", "result"])
            .from("caruso_unit")
            .and_where(Expr::col("idempotency_key").eq(self.unit.idempotency_key.as_str()))
            .take();
        let failed = self.failed();
        let Some(row) = own.query_one(&select).await.map_err(&failed)? else { return Ok(None) };
        let text = |index| row.try_get_by_index::<String>(index);
        let (before, result) = (text(0).map_err(&failed)?, text(1).map_err(&failed)?);
        if before != self.fingerprint() {
            return Err(violation(0, "", "", "the idempotency key was used for something else"));
        }
        let objects = json::to_objects(&result).unwrap_or_default();
        Ok(Some(Applied { objects, is_repeat: true }))
    }

    /// Enters what came of a unit of work: its result, its changes, its telephone numbers.
    pub(crate) async fn enter(
        &self,
        objects: &impl ConnectionTrait,
        own: &impl ConnectionTrait,
        happened: &[Happened<'_>],
    ) -> Result<(), Error> {
        let failed = self.failed();
        let mut changes = Vec::with_capacity(happened.len());
        for it in happened {
            let (plan, key) = (it.plan, it.after.as_ref().unwrap_or(&it.seen).key.as_str());
            let searches = &self.engine.searches;
            let family: Vec<&str> = self.engine.model.family(&plan.class).collect();
            numbers::refresh(searches, objects, own, &family, key).await.map_err(&failed)?;
            changes.push(Change {
                operation: it.action.word(),
                class: &plan.class,
                before: it.before.as_ref(),
                after: it.after.as_ref(),
            });
        }
        let seen: Vec<&StoredObject> = happened.iter().map(|it| &it.seen).collect();
        let (fingerprint, result) = (self.fingerprint(), json::of_objects(&seen));
        let entered = match &changes[..] {
            [change] if own.get_database_backend() == DbBackend::Postgres => {
                let cells = [fingerprint.into(), result.into()];
                audit::record_with_unit(own, self, change, cells).await
            }
            changes => {
                for change in changes {
                    let recorded = audit::record(own, self.unit, self.author, self.now, change);
                    recorded.await.map_err(&failed)?;
                }
                self.enter_unit(own, fingerprint, result).await
            }
        };
        entered.map_err(|error| match Failure::of(&error) {
            // the same unit came twice at once, and the other was faster
            Failure::Duplicate(_) => Error::Busy { database: String::new() },
            _ => failed(error),
        })
    }

    async fn enter_unit(
        &self,
        own: &impl ConnectionTrait,
        fingerprint: String,
        result: String,
    ) -> Result<(), DbErr> {
        let insert = Query::insert()
            .into_table("caruso_unit")
            .columns(["idempotency_key", "fingerprint", "result", "applied_at"])
            .values_panic([
                self.unit.idempotency_key.as_str().into(),
                fingerprint.into(),
                result.into(),
                instant_text(self.now).into(),
            ])
            .take();
        own.execute(&insert).await.map(drop)
    }

    fn failed(&self) -> impl Fn(DbErr) -> Error {
        let class = self.unit.operations.first().map(Operation::class);
        let plan = class.and_then(|class| self.engine.plans.get(class));
        unavailable(plan.map_or("", |plan| plan.class.database.as_str()))
    }

    /// What the unit of work does, for telling a repeat from another use of its key.
    pub(crate) fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for operation in &self.unit.operations {
            let whole = match operation {
                Operation::Create { class, attributes } => {
                    json::text(&(class, "", "", json::Attributes(attributes)))
                }
                Operation::Update { class, key, revision, attributes } => {
                    json::text(&(class, key, revision, json::Attributes(attributes)))
                }
                Operation::Delete { class, key, revision } => json::text(&(class, key, revision)),
            };
            hash.update(whole);
        }
        URL_SAFE_NO_PAD.encode(hash.finalize())
    }
}

/// Forgets idempotency keys that nobody will repeat.
pub(crate) async fn forget_old(own: &impl ConnectionTrait) -> Result<(), DbErr> {
    let oldest = Timestamp::now().checked_sub(REMEMBERED_HOURS.hours()).ok();
    let Some(oldest) = oldest.map(instant_text) else { return Ok(()) };
    let delete = Query::delete()
        .from_table("caruso_unit")
        .and_where(Expr::col("applied_at").lt(oldest.as_str()))
        .take();
    own.execute(&delete).await?;
    // what wrappers were asked, and never told; see there
    let delete = Query::delete()
        .from_table("caruso_state")
        .and_where(Expr::col("name").like("asked %"))
        .and_where(Expr::col("content").lt(oldest))
        .take();
    own.execute(&delete).await.map(drop)
}

/// Where the objects of a unit of work are.
#[derive(Clone, Copy)]
enum Place<'a> {
    Database(&'a Database),
    Wrapper(Behind<'a>),
}

/// How a unit of work ends when all of it was accepted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Commit,
    TakeBack,
}

/// An instant in our own tables: with six decimals, so that texts sort as instants do.
pub(crate) fn instant_text(instant: Timestamp) -> String {
    format!("{instant:.6}")
}
