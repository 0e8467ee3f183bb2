//! What is asked of an operation wherever its objects are: values, relations, rules, constraints.

use std::collections::BTreeMap;

use caruso_expression::Value;
use caruso_object_model::{Action, Constraint, Violation, broken};

use super::encode;
use crate::apply::violation;
use crate::compile::View;
use crate::engine::Engine;
use crate::error::Error;
use crate::plan::{Plan, StoredObject};
use crate::rights::{Rights, Sight, granted};
use crate::wrapped::Wanted;

/// Objects among which an operation happens.
pub(crate) trait Objects {
    /// Whose they are.
    fn engine(&self) -> &Engine;

    /// An object of a class that is among them, if it is seen.
    async fn find(
        &self,
        plan: &Plan,
        key: &str,
        sight: &Sight,
    ) -> Result<Option<StoredObject>, Error>;

    /// True when the objects of a class are among them.
    fn has(&self, plan: &Plan) -> bool;
}

/// The operation, from 0, and its class.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) index: usize,
    pub(crate) plan: &'a Plan,
}

impl At<'_> {
    pub(crate) fn violation(self, attribute: &str, reason: &str) -> Error {
        violation(self.index, &self.plan.class.name, attribute, reason)
    }

    /// Every value can be written, and every relation leads to an object that is there.
    pub(crate) async fn acceptable(
        self,
        objects: &impl Objects,
        attributes: &BTreeMap<String, Value>,
    ) -> Result<(), Error> {
        for member in &self.plan.members {
            let Some(value) = attributes.get(&member.name) else { continue };
            if encode(self.plan, member, value).is_none() {
                return Err(self.violation(&member.name, "the column cannot hold this value"));
            }
            let Some(target) = member.target.as_ref().filter(|_| !value.is_null()) else {
                continue;
            };
            let target = objects.engine().plan(target)?;
            if !is_there(objects, target, &value.to_string()).await? {
                let reason = format!("there is no {} with this key", target.class.name);
                return Err(self.violation(&member.name, &reason));
            }
        }
        Ok(())
    }

    /// Some rule of the model allows the user to do this to the object as it is there.
    pub(crate) async fn permitted(
        self,
        objects: &impl Objects,
        action: Action,
        key: &str,
        attributes: &BTreeMap<String, Value>,
    ) -> Result<(), Error> {
        let (engine, class) = (objects.engine(), &self.plan.class);
        let Some(user) = engine.user.as_ref().filter(|_| !class.rules().is_empty()) else {
            return Ok(());
        };
        let everything = Rights::default();
        let view = View { rights: &everything, ..engine.view() };
        let mut allowed = Vec::new();
        for granted in granted(&engine.model, class, user, action) {
            let holds = match &granted.when {
                None => true,
                Some(when) => {
                    let row = Some(view.compile(self.plan, when)?);
                    let sight = Sight { row, ..Sight::default() };
                    objects.find(self.plan, key, &sight).await?.is_some()
                }
            };
            allowed.extend(holds.then_some(granted));
        }
        let is_denied = |name: &&String| !allowed.iter().any(|granted| granted.names(name));
        let denied: Vec<String> = attributes.keys().filter(is_denied).cloned().collect();
        if !allowed.is_empty() && denied.is_empty() {
            return Ok(());
        }
        let (operation, class) = (self.index, class.name.clone());
        Err(Error::Denied { operation, class, action: action.word(), attributes: denied })
    }

    /// The object is the one that was read.
    pub(crate) fn current(self, object: &StoredObject, revision: &str) -> Result<(), Error> {
        if object.revision == revision {
            return Ok(());
        }
        let class = self.plan.class.name.clone();
        Err(Error::RevisionConflict { operation: self.index, class })
    }

    /// Every constraint of the class holds for an object as it is now, but for those that it broke
    /// before: rows that are older than the rule may still be changed.
    pub(crate) fn holds(
        self,
        before: Option<&StoredObject>,
        after: &StoredObject,
    ) -> Result<(), Error> {
        let class = &self.plan.class;
        let before = before.map(|object| broken(class, &object.attributes)).unwrap_or_default();
        let is_new = |it: &&Constraint| before.iter().all(|known| known.id != it.id);
        let broken: Vec<_> = broken(class, &after.attributes).into_iter().filter(is_new).collect();
        if broken.is_empty() {
            return Ok(());
        }
        let violation = |constraint: &Constraint| Violation {
            operation: self.index,
            class: class.name.clone(),
            attribute: String::new(),
            reason: match constraint.messages.text("en") {
                Some(message) => message.to_owned(),
                None => format!("`{}` does not hold", constraint.name),
            },
        };
        Err(Error::Violations(broken.into_iter().map(violation).collect()))
    }
}

/// True when there is an object, which may be elsewhere.
async fn is_there(objects: &impl Objects, plan: &Plan, key: &str) -> Result<bool, Error> {
    let all = Sight::default();
    if objects.has(plan) {
        return Ok(objects.find(plan, key, &all).await?.is_some());
    }
    let Some(select) = plan.select_one(key, &all) else { return Ok(false) };
    let keys = [key.to_owned()];
    let held = objects.engine().held(plan, &Wanted::keys(&keys)).await?;
    let rows = held.select(&select).await?;
    Ok(rows.iter().any(|row| plan.object(row, &all).key == key))
}

pub(crate) fn not_found(plan: &Plan) -> Error {
    Error::NotFound(plan.class.name.clone())
}
