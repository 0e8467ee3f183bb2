//! An object with what belongs to it: one statement for each branch, however many objects it
//! grows from.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use caruso_expression::Value;
use caruso_object_model::{Between, Member as Declared, key};
use futures::future::join_all;
use sea_orm::QueryResult;
use sea_orm::sea_query::{
    Alias, Expr, ExprTrait, Func, JoinType, OverStatement, SelectStatement, WindowStatement,
};

use crate::compile::BETWEEN;
use crate::engine::Engine;
use crate::error::Error;
use crate::federation::Reached;
use crate::filter;
use crate::page::{Order, Ordering};
use crate::plan::{Column, Member, Plan, ROOT, StoredObject, text};
use crate::rights::Sight;
use crate::wrapped::{Wanted, late};

/// The most branches of a request, at all depths together.
pub(crate) const MAX_BRANCHES: usize = 16;
/// How deep branches may grow.
pub(crate) const MAX_DEPTH: usize = 3;
/// The most objects of a branch for each object that it grows from.
pub(crate) const MAX_LIMIT: u32 = 200;
const DEFAULT_LIMIT: u32 = 20;
/// The longest that a branch is waited for.
const PATIENCE: Duration = Duration::from_secs(3);
/// Objects of which branches are asked for in one statement.
const AT_ONCE: usize = 200;
/// The column that counts the objects of a branch.
const RANK: &str = "caruso_rank";

/// What is wanted of what belongs to an object.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Branch {
    /// A relation, to one or to many.
    pub relation: String,
    /// An expression over the class that it leads to; empty means all.
    pub filter: String,
    /// Values for names that start with `argument.` in the filter.
    pub arguments: BTreeMap<String, Value>,
    /// As in a query.
    pub order: Vec<Order>,
    /// Of each object; 1 to 200; 0 means 20.
    pub limit: u32,
    /// What belongs to those.
    pub branches: Vec<Branch>,
}

/// An object with what belongs to it.
#[derive(Debug)]
pub struct Tree {
    /// The object.
    pub object: StoredObject,
    /// As the branches were asked for.
    pub limbs: Vec<Limb>,
}

/// What belongs to an object by one relation.
#[derive(Debug)]
pub struct Limb {
    /// The relation.
    pub relation: String,
    /// The objects, in the order asked for.
    pub trees: Vec<Tree>,
    /// Whether there are more than the limit.
    pub has_more: bool,
    /// Why nothing came, where the database did not answer in time.
    pub error: Option<Error>,
}

/// The objects of a branch for each object that it grows from, and whether there are more.
type Grown = Vec<(Vec<StoredObject>, bool)>;

impl Engine {
    /// An object with what belongs to it.
    ///
    /// # Errors
    ///
    /// As [`Engine::read`] and [`Engine::query`] for the object and for mistakes of the request. A
    /// database that does not answer for a branch is said in its [`Limb`].
    pub async fn fetch(&self, class: &str, key: &str, branches: &[Branch]) -> Result<Tree, Error> {
        let count = count(branches, 1)?;
        if count > MAX_BRANCHES {
            return Err(mistake(format!("a request has at most {MAX_BRANCHES} branches")));
        }
        let object = self.read(class, key).await?;
        let mut trees = self.grow(self.plan(class)?, vec![object], branches).await?;
        trees.pop().ok_or_else(|| Error::NotFound(class.to_owned()))
    }

    /// Objects with their branches.
    fn grow<'a>(
        &'a self,
        plan: &'a Plan,
        objects: Vec<StoredObject>,
        branches: &'a [Branch],
    ) -> Pin<Box<dyn Future<Output = Result<Vec<Tree>, Error>> + Send + 'a>> {
        Box::pin(async move {
            let limbs = branches.iter().map(|branch| self.limbs(plan, &objects, branch));
            let limbs = join_all(limbs).await.into_iter().collect::<Result<Vec<_>, _>>()?;
            let mut trees: Vec<Tree> =
                objects.into_iter().map(|object| Tree { object, limbs: Vec::new() }).collect();
            for limb in limbs {
                trees.iter_mut().zip(limb).for_each(|(tree, limb)| tree.limbs.push(limb));
            }
            Ok(trees)
        })
    }

    /// One branch of each of some objects.
    async fn limbs(
        &self,
        plan: &Plan,
        objects: &[StoredObject],
        branch: &Branch,
    ) -> Result<Vec<Limb>, Error> {
        let (target, way) = self.led_to(plan, branch)?;
        let asked = async {
            match way {
                Some(way) => self.to_many(target, way, objects, branch).await,
                None => self.to_one(target, objects, branch).await,
            }
        };
        let grown = tokio::time::timeout(PATIENCE, asked).await;
        let grown = grown.unwrap_or_else(|_| Err(late(target)));
        let limb = |trees, has_more, error| Limb {
            relation: branch.relation.clone(),
            trees,
            has_more,
            error,
        };
        let grown = match grown {
            Ok(grown) => grown,
            Err(error) if error.is_passing() => {
                let missing = objects.iter().map(|_| limb(Vec::new(), false, Some(error.again())));
                return Ok(missing.collect());
            }
            Err(error) => return Err(error),
        };
        let sizes: Vec<(usize, bool)> = grown.iter().map(|(it, more)| (it.len(), *more)).collect();
        let all = grown.into_iter().flat_map(|(objects, _)| objects).collect();
        let mut trees = self.grow(target, all, &branch.branches).await?.into_iter();
        let limbs = sizes.into_iter();
        Ok(limbs
            .map(|(size, more)| limb(trees.by_ref().take(size).collect(), more, None))
            .collect())
    }

    /// The class that a relation leads to and, of one to many, how objects of it lead back.
    fn led_to<'a>(
        &'a self,
        plan: &'a Plan,
        branch: &Branch,
    ) -> Result<(&'a Plan, Option<Way<'a>>), Error> {
        match plan.class.member(&branch.relation) {
            Some(Declared::ToOne(relation)) => Ok((self.plan(&relation.class)?, None)),
            Some(Declared::ToMany(relation)) => {
                let target = self.plan(&relation.class)?;
                let between = match &relation.between {
                    Some(between) => Some((self.plan(&between.class)?, between)),
                    None => None,
                };
                let leading = between.map_or(target, |(plan, _)| plan);
                let back = leading.relation(&relation.inverse)?;
                Ok((target, Some(Way { back, between })))
            }
            _ => Err(plan.unknown(&branch.relation)),
        }
    }

    async fn to_one(
        &self,
        target: &Plan,
        objects: &[StoredObject],
        branch: &Branch,
    ) -> Result<Grown, Error> {
        let key = |object: &StoredObject| {
            object.attributes.get(&branch.relation).map(ToString::to_string)
        };
        let keys: BTreeSet<String> = objects.iter().filter_map(key).collect();
        let keys: Vec<String> = keys.into_iter().collect();
        let condition = self.wanted(target, branch).await?;
        let found = self.read_keys(target, &keys, condition).await?;
        let of =
            |object| key(object).and_then(|key| found.iter().find(|it| it.key == key).cloned());
        Ok(objects.iter().map(|object| (of(object).into_iter().collect(), false)).collect())
    }

    async fn to_many(
        &self,
        target: &Plan,
        way: Way<'_>,
        objects: &[StoredObject],
        branch: &Branch,
    ) -> Result<Grown, Error> {
        let limit = match branch.limit {
            0 => DEFAULT_LIMIT,
            limit @ 1..=MAX_LIMIT => limit,
            _ => return Err(mistake(format!("a branch has 1 to {MAX_LIMIT} objects"))),
        };
        let sight = self.view().sight(target)?;
        let keys: BTreeSet<&str> = objects.iter().map(|object| object.key.as_str()).collect();
        let keys: Vec<&str> = keys.into_iter().collect();
        let wanted = self.wanted(target, branch).await?;
        let mut by_owner: BTreeMap<String, Vec<StoredObject>> = BTreeMap::new();
        for keys in keys.chunks(AT_ONCE) {
            let select =
                self.ranked((target, &sight), way, keys, (branch, limit), wanted.as_ref())?;
            let owners = keys.iter().map(|key| (*key).to_owned()).collect();
            let link = Reached { path: &way.back.name, keys: owners };
            let held = self.held(target, &Wanted::link(&link)).await?;
            for row in held.select(&select).await? {
                let owner = match keys {
                    [only] => (*only).to_owned(),
                    _ => way.owner(target, &row, target.width(&sight)),
                };
                by_owner.entry(owner).or_default().push(held.object(target, &row, &sight));
            }
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(objects
            .iter()
            .map(|object| {
                // the same object may stand at several places of the tree
                let mut owned = by_owner.get(&object.key).cloned().unwrap_or_default();
                let has_more = owned.len() > limit;
                owned.truncate(limit);
                (owned, has_more)
            })
            .collect())
    }

    /// The first objects of a branch of each of some objects, one more than the limit; with the
    /// keys of those behind the objects if there are several.
    fn ranked(
        &self,
        (target, sight): (&Plan, &Sight),
        way: Way<'_>,
        keys: &[&str],
        (branch, limit): (&Branch, u32),
        wanted: Option<&Expr>,
    ) -> Result<SelectStatement, Error> {
        let ordering = Ordering::new(target, &branch.order, sight)?;
        if let [key] = keys {
            let mut select = target.select(sight);
            self.owned(target, way, &[key], wanted, &mut select)?;
            select.limit(u64::from(limit) + 1);
            ordering.order(&mut select);
            return Ok(select);
        }
        let mut inner = target.rows(sight);
        self.owned(target, way, keys, wanted, &mut inner)?;
        let mut window = WindowStatement::new();
        for (index, column) in way.owner_columns(target).iter().enumerate() {
            let owner = Expr::col((way.alias(), Alias::new(&column.name)));
            window.add_partition_by(owner.clone());
            inner.expr_as(owner, Alias::new(owner_name(index)));
        }
        ordering.order(&mut window);
        inner.expr_window_as(Func::cust("ROW_NUMBER"), window, RANK);
        let rank = Expr::col((ROOT, RANK));
        let mut select = target.select_from(inner, sight);
        for index in 0..way.back.columns.len() {
            select.column((ROOT, Alias::new(owner_name(index))));
        }
        select
            .and_where(rank.clone().lte(i64::from(limit) + 1))
            .order_by_expr(rank, sea_orm::sea_query::Order::Asc);
        Ok(select)
    }

    /// Leaves the rows of a branch that belong to some objects.
    fn owned(
        &self,
        target: &Plan,
        way: Way<'_>,
        keys: &[&str],
        wanted: Option<&Expr>,
        select: &mut SelectStatement,
    ) -> Result<(), Error> {
        let (view, leading) = (self.view(), way.leading(target));
        let seen = match way.between {
            None => view.back_seen(target, &way.back.name)?,
            Some(between) => {
                let on = view.leads_on(between, &way.back.name, target)?;
                select.join(JoinType::InnerJoin, between.0.table().alias(BETWEEN), on);
                None
            }
        };
        let is_owned =
            keys.iter().filter_map(|key| leading.leads_to(way.alias(), way.back, key, None));
        let is_owned = is_owned.reduce(Expr::or).unwrap_or_else(|| Expr::cust("1 = 0"));
        let conditions = [Some(is_owned), seen, wanted.cloned()];
        conditions.into_iter().flatten().for_each(|condition| {
            select.and_where(condition);
        });
        Ok(())
    }

    async fn wanted(&self, target: &Plan, branch: &Branch) -> Result<Option<Expr>, Error> {
        if branch.filter.is_empty() {
            return Ok(None);
        }
        let (filter, arguments) = (&branch.filter, &branch.arguments);
        let checked = filter::checked(&self.model, &target.class, filter, arguments)?;
        // of what belongs to an object, which is not much
        self.compiled(target, &checked.checked, true).await.map(Some)
    }
}

/// How the objects of a branch lead back to those that it grows from.
#[derive(Clone, Copy)]
struct Way<'a> {
    /// The relation to one that leads back.
    back: &'a Member,
    /// The class between that has it, if they do not have it themselves.
    between: Option<(&'a Plan, &'a Between)>,
}

impl<'a> Way<'a> {
    /// The class that leads back.
    fn leading(self, target: &'a Plan) -> &'a Plan {
        self.between.map_or(target, |(plan, _)| plan)
    }

    /// The alias of its table.
    fn alias(self) -> &'static str {
        if self.between.is_some() { BETWEEN } else { ROOT }
    }

    /// The columns that hold the key of the object that a branch grows from.
    fn owner_columns(self, target: &'a Plan) -> &'a [Column] {
        self.leading(target).columns_of(self.back)
    }

    /// That key in the cells of a row from this one on.
    fn owner(self, target: &Plan, row: &QueryResult, first: usize) -> String {
        let columns = self.owner_columns(target).iter().enumerate();
        let parts = columns.map(|(index, column)| column.codec.decode(row, first + index));
        let parts: Vec<String> = parts.map(|it| text(&it.unwrap_or(Value::Null))).collect();
        key::join(&parts)
    }
}

fn owner_name(index: usize) -> String {
    format!("caruso_owner_{index}")
}

/// How many branches there are.
fn count(branches: &[Branch], depth: usize) -> Result<usize, Error> {
    if depth > MAX_DEPTH && !branches.is_empty() {
        return Err(mistake(format!("branches grow at most {MAX_DEPTH} deep")));
    }
    let below = branches.iter().map(|branch| count(&branch.branches, depth + 1));
    Ok(branches.len() + below.sum::<Result<usize, _>>()?)
}

fn mistake(message: String) -> Error {
    Error::Filter(vec![message])
}
