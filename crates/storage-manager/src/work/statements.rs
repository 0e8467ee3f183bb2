//! The statements that write objects.

use std::collections::BTreeMap;

use caruso_database::dialect;
use caruso_expression::Value;
use caruso_object_model::{Revision, key};
use sea_orm::sea_query::{
    Alias, Expr, ExprTrait, Func, InsertStatement, Query, UpdateStatement, Value as Cell,
};

use crate::plan::{Member, Plan, StoredObject};

/// What a new object has, with the values that make it one of its class.
pub(super) fn completed(
    plan: &Plan,
    attributes: &BTreeMap<String, Value>,
) -> BTreeMap<String, Value> {
    let mut attributes = attributes.clone();
    for (name, value) in plan.class.fixed() {
        attributes.entry(name.to_owned()).or_insert_with(|| value.clone());
    }
    attributes
}

/// What changes of an object, without relations that are to lead nowhere and do already: their
/// columns may be those of another relation.
pub(super) fn without_nothing(
    plan: &Plan,
    attributes: &BTreeMap<String, Value>,
    before: &StoredObject,
) -> BTreeMap<String, Value> {
    let is_nothing = |name: &str, value: &Value| {
        let is_of_kind = plan.member(name).is_some_and(|member| member.kind.is_some());
        value.is_null() && is_of_kind && !before.attributes.contains_key(name)
    };
    let changes = attributes.iter().filter(|(name, value)| !is_nothing(name, value));
    changes.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The key of a new object that is given one.
pub(super) fn key_of(plan: &Plan, attributes: &BTreeMap<String, Value>) -> String {
    let parts = plan.class.keys().map(|key| attributes.get(&key.name));
    let parts = parts.map(|part| part.map(ToString::to_string).unwrap_or_default());
    key::join(&parts.collect::<Vec<_>>())
}

/// The insertion of a new object, at its first revision where a column counts.
pub(super) fn insert(plan: &Plan, attributes: &BTreeMap<String, Value>) -> InsertStatement {
    let cells = cells_of(plan, 0, attributes).into_iter();
    let (mut columns, mut cells): (Vec<_>, Vec<_>) = cells.unzip();
    if let Revision::Column(counter) = &plan.class.revision {
        columns.push(Alias::new(counter));
        cells.push(Expr::val(1_i64));
    }
    Query::insert().into_table(plan.part(0)).columns(columns).values_panic(cells).take()
}

/// The insertions into the tables that hold further parts of an object.
pub(super) fn further_inserts(
    plan: &Plan,
    attributes: &BTreeMap<String, Value>,
    key: &str,
) -> Vec<InsertStatement> {
    let parts = plan.class.parts.iter().enumerate().map(|(index, part)| {
        let key = plan.key_cells(key).unwrap_or_default();
        let key = plan.key_columns().zip(key).map(|(it, cell)| dialect::parameter(&it.codec, cell));
        let key = part.key.iter().map(Alias::new).zip(key);
        let cells = key.chain(cells_of(plan, index + 1, attributes));
        let (columns, cells): (Vec<_>, Vec<_>) = cells.unzip();
        Query::insert().into_table(plan.part(index + 1)).columns(columns).values_panic(cells).take()
    });
    parts.collect()
}

/// Columns and cells of the attributes that an operation names, in one of the tables. Where an
/// empty relation shares a column with something that has a value, the value stays.
fn cells_of(plan: &Plan, part: usize, attributes: &BTreeMap<String, Value>) -> Vec<(Alias, Expr)> {
    let mut cells: Vec<(&str, Option<Expr>)> = Vec::new();
    for member in &plan.members {
        let Some(value) = attributes.get(&member.name) else { continue };
        let Some(encoded) = encode(plan, member, value) else { continue };
        let columns = member.places().map(|place| &plan.columns[place]).zip(encoded);
        for (column, cell) in columns.filter(|(column, _)| column.part == part) {
            let cell = cell.map(|cell| dialect::parameter(&column.codec, cell));
            match cells.iter_mut().find(|(name, _)| *name == column.stored) {
                Some((_, known)) => *known = known.take().or(cell),
                None => cells.push((&column.stored, cell)),
            }
        }
    }
    let null = |cell: Option<Expr>| cell.unwrap_or_else(|| Expr::cust("NULL"));
    cells.into_iter().map(|(name, cell)| (Alias::new(name), null(cell))).collect()
}

/// A value as the columns of a member hold it, missing ones as `None`; `None` when they cannot.
pub(crate) fn encode(plan: &Plan, member: &Member, value: &Value) -> Option<Vec<Option<Cell>>> {
    let columns = plan.columns_of(member);
    if value.is_null() {
        return Some(vec![None; member.places().count()]);
    }
    if member.target.is_none() {
        return Some(member.cells(columns, value)?.into_iter().map(Some).collect());
    }
    let parts = key::split(&value.to_string(), columns.len())?;
    let columns = columns.iter().zip(&parts);
    let cells = columns.map(|(column, part)| column.codec.encode_key(part).map(Some));
    let kind = member.kind.map(|place| {
        let name = Value::from(member.name.as_str());
        plan.columns[place].codec.encode(&name).map(Some)
    });
    cells.chain(kind).collect()
}

/// The change of an object in one of its tables; `None` where nothing of it changes there.
pub(crate) fn updated(
    plan: &Plan,
    part: usize,
    key: Vec<Cell>,
    attributes: &BTreeMap<String, Value>,
) -> Option<UpdateStatement> {
    let mut update = Query::update();
    update.table(plan.part(part));
    let cells = cells_of(plan, part, attributes);
    let changes_nothing = cells.is_empty();
    for (column, cell) in cells {
        update.value(column, cell);
    }
    match &plan.class.revision {
        // the first table counts the changes of all
        Revision::Column(counter) if part == 0 => {
            let counter = Alias::new(counter);
            let next = Func::coalesce([Expr::col(counter.clone()), Expr::cust("0")]);
            update.value(counter, Expr::from(next).add(Expr::cust("1")));
        }
        _ if changes_nothing => return None,
        _ => {}
    }
    Some(update.and_where(plan.has_part_key(part, key)).take())
}
