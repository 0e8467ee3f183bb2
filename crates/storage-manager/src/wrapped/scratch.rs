//! A table in memory for the objects that a wrapper gave to one request. The statement of the
//! request is asked of it, as of every other table: so filters, orders, rules and derived
//! attributes mean the same wherever objects are held.

use std::collections::{BTreeSet, HashMap};

use caruso_database::{
    Access, Address, Catalog, DatabaseConnection, DbBackend, connect, schema, to_its_end,
};
use caruso_expression::Value;
use caruso_object_model::{Class, Model, key};
use sea_orm::sea_query::{Alias, Expr, Query, Table, TableCreateStatement};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};

use super::source::Given;
use crate::database::table_name;
use crate::fit::Fit;
use crate::plan::{Plan, Seen, StoredObject, text};
use crate::rights::Sight;
use crate::work::encode;

/// Rows that one statement inserts, by their columns: the engine binds only so many values.
const BINDS: usize = 32_000;

/// Objects of one class, in memory.
#[derive(Debug)]
pub(crate) struct Scratch {
    connection: DatabaseConnection,
    /// What was unreadable when it was given, by key.
    unreadable: HashMap<String, Vec<String>>,
}

impl Scratch {
    /// The plan of a class that a wrapper holds, and what does not fit.
    pub(crate) async fn plan(
        model: &Model,
        class: &Class,
    ) -> Result<(Option<Plan>, Vec<String>), DbErr> {
        let connection = open(create(model, class)).await?;
        let catalog = Catalog::read(&connection, Some(&[table_name(class)])).await?;
        let mut fit = Fit::new(DbBackend::Sqlite, class, &catalog);
        let plan = Plan::new(model, class, &mut fit);
        Ok((plan, fit.findings()))
    }

    /// A table with these objects. One whose key cannot be read is left out, with a warning, as is
    /// the second of two that have the same.
    pub(crate) async fn of(model: &Model, plan: &Plan, given: Vec<Given>) -> Result<Self, DbErr> {
        let connection = open(create(model, &plan.class)).await?;
        let (mut rows, mut unreadable) = (Vec::with_capacity(given.len()), HashMap::new());
        let (mut known, mut keyless) = (BTreeSet::new(), 0_usize);
        for object in given {
            let Some(row) = Row::of(plan, object) else {
                keyless += 1;
                continue;
            };
            if !known.insert(row.key.clone()) {
                continue;
            }
            if !row.unreadable.is_empty() {
                unreadable.insert(row.key, row.unreadable);
            }
            rows.push(row.cells);
        }
        if keyless > 0 {
            let (class, wrapper) = (&plan.class.name, &plan.class.wrapper);
            tracing::warn!(class, wrapper, objects = keyless, "objects without a key left out");
        }
        for rows in rows.chunks((BINDS / plan.columns.len().max(1)).max(1)) {
            let columns = plan.columns.iter().map(|column| Alias::new(&column.name));
            let mut insert = Query::insert().into_table(plan.part(0)).columns(columns).take();
            rows.iter().for_each(|row| _ = insert.values_panic(row.clone()));
            connection.execute(&insert).await?;
        }
        Ok(Self { connection, unreadable })
    }

    /// The key of an object; `None` where it cannot be read.
    pub(crate) fn key_of(plan: &Plan, given: &Given) -> Option<String> {
        Row::of(plan, given.clone()).map(|row| row.key)
    }

    /// The object of a key, if it is seen.
    pub(crate) async fn find(
        &self,
        plan: &Plan,
        key: &str,
        sight: &Sight,
    ) -> Result<Option<StoredObject>, DbErr> {
        let Some(select) = plan.select_one(key, sight) else { return Ok(None) };
        let rows = self.all(DbBackend::Sqlite.build(&select)).await?;
        let objects = rows.iter().map(|row| self.seen(plan, row, sight).stored());
        Ok(objects.into_iter().find(|object| object.key == key))
    }

    pub(crate) async fn all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let connection = self.connection.clone();
        to_its_end(async move { connection.query_all_raw(statement).await }).await
    }

    /// The object in a row of [`Plan::select`].
    pub(crate) fn seen<'p>(
        &'p self,
        plan: &'p Plan,
        row: &QueryResult,
        sight: &'p Sight,
    ) -> Seen<'p> {
        let mut seen = plan.seen(row, 0, sight);
        let unreadable = self.unreadable.get(&seen.key).into_iter().flatten().map(String::as_str);
        let unreadable = unreadable.filter(|name| !seen.withheld.contains(name));
        seen.unreadable.extend(unreadable);
        seen
    }
}

/// An object as a row.
struct Row {
    key: String,
    cells: Vec<Expr>,
    unreadable: Vec<String>,
}

impl Row {
    /// `None` without a key.
    fn of(plan: &Plan, Given { values, mut unreadable }: Given) -> Option<Self> {
        let mut cells = Vec::with_capacity(plan.columns.len());
        for member in &plan.members {
            let value = values.get(&member.name).unwrap_or(&Value::Null);
            // a wrapper may leave out the currency that the model names
            let value = match plan.columns_of(member) {
                [column] => column.codec.of_currency(value.clone()),
                _ => value.clone(),
            };
            let encoded = encode(plan, member, &value);
            if encoded.is_none() && !unreadable.contains(&member.name) {
                unreadable.push(member.name.clone());
            }
            let encoded = encoded.unwrap_or_else(|| vec![None; member.columns.len()]);
            cells.extend(encoded.into_iter().map(|cell| match cell {
                Some(cell) => Expr::val(cell),
                None => Expr::cust("NULL"),
            }));
        }
        let part = |name: &str| match values.get(name) {
            Some(value) if !value.is_null() => Some(text(value)),
            _ => None,
        };
        let mut keys = plan.class.keys();
        if keys.any(|it| unreadable.contains(&it.name)) {
            return None;
        }
        let parts = plan.class.keys().map(|it| part(&it.name)).collect::<Option<Vec<_>>>()?;
        unreadable.retain(|name| plan.member(name).is_some());
        Some(Self { key: key::join(&parts), cells, unreadable })
    }
}

/// The table of a class; whatever is required may be missing in what somebody else gives.
fn create(model: &Model, class: &Class) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(schema::table_ref(class));
    for mut column in
        schema::columns(model, class).iter().map(|it| it.definition(DbBackend::Sqlite))
    {
        table.col(&mut column);
    }
    table
}

async fn open(table: TableCreateStatement) -> Result<DatabaseConnection, DbErr> {
    let connection = connect(&Address::in_memory(), Access::Write, 1).await?;
    connection.execute(&table).await?;
    Ok(connection)
}
