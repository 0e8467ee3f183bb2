//! Changing what a wrapper holds, one object at a time.
//!
//! There is no transaction over the system behind a wrapper and our own tables, and none in which
//! rules could be asked afterwards. So everything is proved before: the object is read, and what
//! would come of it is put into a table in memory. Our own tables then say what is about to be
//! asked; the wrapper is asked once, under the key of the unit of work, and told what the object
//! was. Where no answer comes, the same key again asks again, and proves nothing anew: the object
//! may be what it was to become.

use std::collections::BTreeMap;
use std::time::Duration;

use caruso_expression::Value;
use caruso_object_model::{Action, AttributeType, KeySource, Operation, UnitOfWork};

use super::scratch::Scratch;
use super::source::{Given, NotDone, Wish};
use super::{Wanted, late};
use crate::apply::{Applied, Note, instant_text, violation};
use crate::database::Database;
use crate::engine::Engine;
use crate::error::{Error, unavailable};
use crate::json;
use crate::plan::{Plan, StoredObject, text};
use crate::rights::Sight;
use crate::work::{At, Happened, Objects, not_found};

/// The longest that a wrapper is waited for to make a change.
const PATIENCE: Duration = Duration::from_secs(4);
/// Between when a wrapper was asked and what it was asked, in our own tables.
const SEPARATOR: char = '\n';

/// A unit of work about one object that a wrapper holds.
#[derive(Clone, Copy)]
pub(crate) struct Behind<'a> {
    engine: &'a Engine,
    pub(crate) plan: &'a Plan,
    operation: &'a Operation,
    database: &'a Database,
}

impl Engine {
    /// What a unit of work is to change behind a wrapper; `None` where it changes databases alone.
    ///
    /// # Errors
    ///
    /// [`Error::HeldByWrapper`] for a class that may only be read, [`Error::NotAlone`].
    pub(crate) fn behind<'a>(&'a self, unit: &'a UnitOfWork) -> Result<Option<Behind<'a>>, Error> {
        for operation in &unit.operations {
            let plan = self.plan(operation.class())?;
            let Some(wrapper) = &plan.class.wrapper else { continue };
            let (class, wrapper) = (plan.class.name.clone(), wrapper.clone());
            if !plan.class.is_writable {
                return Err(Error::HeldByWrapper { class, wrapper });
            }
            if unit.operations.len() > 1 {
                return Err(Error::NotAlone { class, wrapper });
            }
            let database = self.own_tables(plan)?;
            return Ok(Some(Behind { engine: self, plan, operation, database }));
        }
        Ok(None)
    }
}

/// A change that may be asked for: what the object was, and what would come.
struct Proved {
    was: Given,
    seen: StoredObject,
}

impl<'a> Behind<'a> {
    /// Applies the unit of work.
    ///
    /// # Errors
    ///
    /// As [`Engine::apply`].
    pub(crate) async fn apply(self, note: &Note<'_>) -> Result<Applied, Error> {
        let failed = unavailable(&self.database.name);
        let name = format!("asked {}", note.unit.idempotency_key);
        let before = {
            let own = self.database.begin_unit().await.map_err(&failed)?;
            if let Some(first) = note.first_result(&own).await? {
                return Ok(first);
            }
            caruso_database::kept(&own, &name).await.map_err(&failed)?
        };
        let was = match before.as_deref().and_then(Asked::read) {
            Some(asked) if asked.fingerprint != note.fingerprint() => {
                let reason = "the idempotency key was used for something else";
                return Err(violation(0, "", "", reason));
            }
            Some(asked) => Given { values: asked.was, unreadable: Vec::new() },
            None => {
                let was = self.prove().await?.was;
                let values = self.as_read(&was);
                let asked = Asked { fingerprint: note.fingerprint(), was: values };
                let (own, asked) = (&self.database.writer, asked.written(note));
                caruso_database::keep(own, &name, Some(&asked)).await.map_err(&failed)?;
                was
            }
        };
        let done = self.ask(note, &was).await;
        let is_open = match &done {
            Ok(_) | Err(Error::OutcomeUnknown { .. }) => true,
            // it said nothing of what was asked before
            Err(Error::Away { .. }) => before.is_some(),
            Err(_) => false,
        };
        if !is_open {
            caruso_database::keep(&self.database.writer, &name, None).await.map_err(&failed)?;
        }
        let happened = self.happened(was, done?).await?;
        let own = self.database.begin_unit().await.map_err(&failed)?;
        note.enter(&own, &own, std::slice::from_ref(&happened)).await?;
        caruso_database::keep(&own, &name, None).await.map_err(&failed)?;
        own.commit().await.map_err(&failed)?;
        Ok(Applied { objects: vec![happened.seen], is_repeat: false })
    }

    /// What would come of the unit of work.
    ///
    /// # Errors
    ///
    /// As [`Engine::validate`].
    pub(crate) async fn validate(self) -> Result<StoredObject, Error> {
        self.prove().await.map(|proved| proved.seen)
    }

    /// Asks everything of the change that can be asked before it happens.
    async fn prove(self) -> Result<Proved, Error> {
        let at = At { index: 0, plan: self.plan };
        match self.operation {
            Operation::Create { attributes, .. } => self.prove_creation(at, attributes).await,
            Operation::Update { key, revision, attributes, .. } => {
                let (was, there) = self.current(at, key, revision).await?;
                at.acceptable(&there, attributes).await?;
                at.permitted(&there, Action::Update, key, attributes).await?;
                let before = there.find(self.plan, key, &Sight::default()).await?;
                let mut would = was.clone();
                would.values.extend(attributes.clone());
                would.unreadable.retain(|name| !attributes.contains_key(name));
                let would = self.among(vec![would]).await?;
                let seen = self.proved(at, &would, key, before.as_ref()).await?;
                Ok(Proved { was, seen })
            }
            Operation::Delete { key, revision, .. } => {
                let (was, there) = self.current(at, key, revision).await?;
                at.permitted(&there, Action::Delete, key, &BTreeMap::new()).await?;
                let before = there.find(self.plan, key, &Sight::default()).await?;
                Ok(Proved { was, seen: before.ok_or_else(|| not_found(self.plan))? })
            }
        }
    }

    async fn prove_creation(
        self,
        at: At<'_>,
        attributes: &BTreeMap<String, Value>,
    ) -> Result<Proved, Error> {
        let class = &self.plan.class;
        let mut values = attributes.clone();
        if class.key_source == KeySource::Assigned {
            // what it will be, only the system behind the wrapper knows
            let key = class.keys().map(|key| match key.ty {
                AttributeType::Int => (key.name.clone(), Value::Int(0)),
                _ => (key.name.clone(), Value::from("?")),
            });
            values.extend(key);
        }
        let would = Given { values, unreadable: Vec::new() };
        let key = Scratch::key_of(self.plan, &would).ok_or_else(|| not_found(self.plan))?;
        let would = self.among(vec![would]).await?;
        at.acceptable(&would, attributes).await?;
        if class.key_source == KeySource::Given && self.given_as(&key).await?.is_some() {
            let (class, attributes) = (class.name.clone(), Vec::new());
            return Err(Error::Duplicate { operation: 0, class, attributes });
        }
        at.permitted(&would, Action::Create, &key, attributes).await?;
        let seen = self.proved(at, &would, &key, None).await?;
        Ok(Proved { was: Given::default(), seen })
    }

    /// Every constraint would hold, and the user would see the object, as it is answered.
    async fn proved(
        self,
        at: At<'_>,
        would: &There<'_>,
        key: &str,
        before: Option<&StoredObject>,
    ) -> Result<StoredObject, Error> {
        let after = would.find(self.plan, key, &Sight::default()).await?;
        at.holds(before, &after.ok_or_else(|| not_found(self.plan))?)?;
        let sight = self.engine.view().sight(self.plan)?;
        let seen = would.find(self.plan, key, &sight).await?;
        seen.ok_or_else(|| not_found(self.plan))
    }

    /// The object that is to be changed, if it still is the one that was read and is seen.
    async fn current(
        self,
        at: At<'_>,
        key: &str,
        revision: &str,
    ) -> Result<(Given, There<'a>), Error> {
        let given = self.given_as(key).await?.ok_or_else(|| not_found(self.plan))?;
        let there = self.among(vec![given.clone()]).await?;
        let row = self.engine.view().sight(self.plan)?.row;
        let seen = there.find(self.plan, key, &Sight { row, ..Sight::default() }).await?;
        at.current(&seen.ok_or_else(|| not_found(self.plan))?, revision)?;
        Ok((given, there))
    }

    /// The object of a key as the wrapper gives it.
    async fn given_as(self, key: &str) -> Result<Option<Given>, Error> {
        let keys = [key.to_owned()];
        let given = self.engine.given(self.plan, &Wanted::keys(&keys)).await?;
        let is_it = |given: &Given| Scratch::key_of(self.plan, given).as_deref() == Some(key);
        Ok(given.into_iter().find(is_it))
    }

    async fn among(self, given: Vec<Given>) -> Result<There<'a>, Error> {
        let scratch = Scratch::of(&self.engine.model, self.plan, given).await;
        let scratch = scratch.map_err(unavailable("memory"))?;
        Ok(There { engine: self.engine, scratch })
    }

    /// What was read of an object: every member, but for what could not be read.
    fn as_read(self, was: &Given) -> BTreeMap<String, Value> {
        if was.values.is_empty() {
            return BTreeMap::new();
        }
        let members = self.plan.members.iter().map(|member| &member.name);
        let members = members.filter(|name| !was.unreadable.contains(name));
        let value = |name: &String| was.values.get(name).cloned().unwrap_or(Value::Null);
        self.told(members.map(|name| (name.clone(), value(name))).collect())
    }

    /// Values as a wrapper is told them: keys of other objects are texts.
    fn told(self, mut values: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
        for member in self.plan.members.iter().filter(|member| member.target.is_some()) {
            if let Some(key) = values.get_mut(&member.name).filter(|key| !key.is_null()) {
                *key = Value::from(text(key));
            }
        }
        values
    }

    /// Has the wrapper make the change.
    async fn ask(self, note: &Note<'_>, was: &Given) -> Result<Option<Given>, Error> {
        let (action, values) = match self.operation {
            Operation::Create { attributes, .. } => (Action::Create, attributes.clone()),
            Operation::Update { attributes, .. } => (Action::Update, attributes.clone()),
            Operation::Delete { .. } => (Action::Delete, BTreeMap::new()),
        };
        let wish = Wish {
            class: self.plan.class.name.clone(),
            action,
            key: self.operation.key().unwrap_or_default().to_owned(),
            was: self.as_read(was),
            values: self.told(values),
            idempotency_key: note.unit.idempotency_key.clone(),
            actor: note.author.actor.clone(),
        };
        let wrapper = self.plan.class.wrapper.clone().unwrap_or_default();
        let asked = self.engine.source.apply(&wrapper, &wish);
        let class = wish.class.clone();
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(given)) => Ok(given),
            Ok(Err(NotDone::Stale)) => Err(Error::RevisionConflict { operation: 0, class }),
            Ok(Err(NotDone::Refused(words))) => Err(Error::RefusedBehind { words }),
            Ok(Err(NotDone::Later(reason))) => Err(Error::Away { wrapper, reason }),
            Ok(Err(NotDone::Unknown(reason))) => {
                Err(Error::OutcomeUnknown { class, wrapper, reason })
            }
            Err(_) => {
                let reason = late(self.plan).to_string();
                Err(Error::OutcomeUnknown { class, wrapper, reason })
            }
        }
    }

    /// What came of it, as the wrapper says.
    async fn happened(self, was: Given, now: Option<Given>) -> Result<Happened<'a>, Error> {
        let all = Sight::default();
        let before = match self.operation.key() {
            Some(key) => self.among(vec![was]).await?.find(self.plan, key, &all).await?,
            None => None,
        };
        let key = now.as_ref().and_then(|now| Scratch::key_of(self.plan, now));
        let there = self.among(now.into_iter().collect()).await?;
        let (action, is_it) = match self.operation {
            Operation::Create { .. } => (Action::Create, key.is_some()),
            Operation::Update { key: asked, .. } => (Action::Update, key.as_ref() == Some(asked)),
            Operation::Delete { .. } => (Action::Delete, key.is_none()),
        };
        if !is_it {
            let (class, wrapper) = (self.plan.class.name.clone(), self.plan.class.wrapper.clone());
            let (wrapper, reason) =
                (wrapper.unwrap_or_default(), "it answered with another object");
            return Err(Error::OutcomeUnknown { class, wrapper, reason: reason.to_owned() });
        }
        let (plan, key) = (self.plan, key.unwrap_or_default());
        let after = there.find(plan, &key, &all).await?;
        let sight = self.engine.view().sight(plan)?;
        // what the user no longer sees is answered by its key
        let hidden = || StoredObject {
            class: plan.class.name.clone(),
            key: self.operation.key().unwrap_or(&key).to_owned(),
            ..StoredObject::default()
        };
        let seen = match action {
            Action::Delete => before.clone(),
            _ => there.find(plan, &key, &sight).await?,
        };
        Ok(Happened { plan, action, before, after, seen: seen.unwrap_or_else(hidden) })
    }
}

/// Objects of the class in memory.
struct There<'a> {
    engine: &'a Engine,
    scratch: Scratch,
}

impl Objects for There<'_> {
    fn engine(&self) -> &Engine {
        self.engine
    }

    async fn find(
        &self,
        plan: &Plan,
        key: &str,
        sight: &Sight,
    ) -> Result<Option<StoredObject>, Error> {
        self.scratch.find(plan, key, sight).await.map_err(unavailable("memory"))
    }

    /// Not even those of its own class: there are only those that are changed.
    fn has(&self, _: &Plan) -> bool {
        false
    }
}

/// What our own tables say of a change whose answer did not come.
struct Asked {
    fingerprint: String,
    was: BTreeMap<String, Value>,
}

impl Asked {
    /// Beginning with when it was, so that old ones are found.
    fn written(&self, note: &Note<'_>) -> String {
        let (at, was) = (instant_text(note.now), json::text(&json::Attributes(&self.was)));
        format!("{at}{SEPARATOR}{}{SEPARATOR}{was}", self.fingerprint)
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, SEPARATOR).skip(1);
        let fingerprint = parts.next()?.to_owned();
        Some(Self { fingerprint, was: json::to_attributes(parts.next()?)? })
    }
}
