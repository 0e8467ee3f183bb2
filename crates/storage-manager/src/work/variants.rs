//! Objects of abstract classes: what is asked of one happens to it as the object of the class whose
//! table holds it. No engine keeps the keys of several tables apart, nor what leads to one of
//! several; both are asked here.

use std::collections::BTreeMap;

use caruso_database::dialect;
use caruso_expression::Value;
use caruso_object_model::{Class, KeySource, Operation, key};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};

use super::statements::{completed, key_of};
use super::{At, Happened, Lock, Work, not_found};
use crate::error::{Error, unavailable};
use crate::plan::{Plan, ROOT};
use crate::rights::Sight;

impl<'a, T: ConnectionTrait> Work<'a, T> {
    /// Carries out an operation on an object of an abstract class; answers with it as one of that
    /// class.
    pub(super) async fn as_variant(
        &self,
        at: At<'a>,
        operation: &Operation,
    ) -> Result<Happened<'a>, Error> {
        let (plan, key) = self.variant(at, operation).await?;
        let (class, key) = (plan.class.name.clone(), key.to_owned());
        let all = Sight::default();
        let now = self.read(plan, &key, Lock::Change, &all).await?;
        let revision = now.ok_or_else(|| not_found(at.plan))?.revision;
        let operation = match operation {
            Operation::Update { attributes, .. } => Operation::Update {
                class,
                key: key.clone(),
                revision,
                attributes: attributes.clone(),
            },
            _ => Operation::Delete { class, key: key.clone(), revision },
        };
        let sight = self.engine.view().sight(at.plan)?;
        let before = self.read(at.plan, &key, Lock::None, &all).await?;
        let mut happened = self.on_tables(At { plan, ..at }, &operation).await?;
        let seen = match happened.after {
            Some(_) => self.read(at.plan, &key, Lock::None, &sight).await?,
            None => before,
        };
        happened.seen = seen.ok_or_else(|| not_found(at.plan))?;
        Ok(happened)
    }

    /// The class whose table holds an object of an abstract one, if that is the one that was read,
    /// and its key.
    async fn variant<'o>(
        &self,
        at: At<'a>,
        operation: &'o Operation,
    ) -> Result<(&'a Plan, &'o str), Error> {
        let variants: Vec<&Class> = self.engine.model.variants(&at.plan.class).collect();
        let (key, revision) = match operation {
            Operation::Create { .. } => {
                let names: Vec<&str> = variants.iter().map(|class| &*class.name).collect();
                let reason = format!("it is made as one of: {}", names.join(", "));
                return Err(at.violation("", &reason));
            }
            Operation::Update { key, revision, .. } | Operation::Delete { key, revision, .. } => {
                (key, revision)
            }
        };
        let row = self.engine.view().sight(at.plan)?.row;
        let seen = self.read(at.plan, key, Lock::None, &Sight { row, ..Sight::default() }).await?;
        at.current(&seen.ok_or_else(|| not_found(at.plan))?, revision)?;
        for class in variants {
            let plan = self.engine.plan(&class.name)?;
            if self.read(plan, key, Lock::None, &Sight::default()).await?.is_some() {
                return Ok((plan, key));
            }
        }
        Err(not_found(at.plan))
    }

    /// No object of another table of the same abstract class has the key that a new one is given.
    pub(super) async fn has_new_key(
        &self,
        at: At<'_>,
        attributes: &BTreeMap<String, Value>,
    ) -> Result<(), Error> {
        let class = &at.plan.class;
        let Some(base) = self.engine.model.bases(class).find(|base| base.is_abstract) else {
            return Ok(());
        };
        debug_assert!(class.key_source == KeySource::Given, "the model says so");
        let (base, key) =
            (self.engine.plan(&base.name)?, key_of(at.plan, &completed(at.plan, attributes)));
        match self.read(base, &key, Lock::None, &Sight::default()).await? {
            None => Ok(()),
            Some(_) => {
                let (class, attributes) = (class.name.clone(), Vec::new());
                Err(Error::Duplicate { operation: at.index, class, attributes })
            }
        }
    }

    /// Nothing leads to an object that is to be deleted, by relations to its abstract class: no
    /// engine holds it back.
    pub(super) async fn is_led_to(&self, at: At<'_>, key: &str) -> Result<(), Error> {
        let bases = self.engine.model.bases(&at.plan.class).filter(|base| base.is_abstract);
        for base in bases {
            for class in self.engine.model.classes().filter(|it| !it.is_abstract) {
                let leading = class.to_one().iter();
                let leading = leading.filter(|it| it.class == base.name && !it.is_inherited);
                for relation in leading.filter(|_| class.is_beside(base)) {
                    if self.leads(self.engine.plan(&class.name)?, &relation.name, key).await? {
                        let class = at.plan.class.name.clone();
                        return Err(Error::InUse { operation: at.index, class });
                    }
                }
            }
        }
        Ok(())
    }

    /// True when some object leads to one by a relation.
    async fn leads(&self, plan: &Plan, relation: &str, to: &str) -> Result<bool, Error> {
        let Some(member) = plan.member(relation) else { return Ok(false) };
        let columns = plan.columns_of(member);
        let Some(parts) = key::split(to, columns.len()) else { return Ok(false) };
        let mut select = Query::select();
        select.expr(Expr::cust("1")).from(plan.table().alias(ROOT)).limit(1);
        for (column, part) in columns.iter().zip(&parts) {
            let Some(cell) = column.codec.encode_key(part) else { return Ok(false) };
            let expr = Expr::col((ROOT, Alias::new(&column.name)));
            select.and_where(expr.eq(dialect::parameter(&column.codec, cell)));
        }
        plan.is_kind(ROOT, member).into_iter().for_each(|is_kind| _ = select.and_where(is_kind));
        let row = self.transaction.query_one(&select).await;
        row.map(|row| row.is_some()).map_err(unavailable(&self.database.name))
    }
}
