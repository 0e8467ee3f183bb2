//! What leads nowhere in a target that has been filled, by object and relation. The database would
//! refuse the foreign key, and does not say for which row.

use caruso_database::schema::{foreign_keys, table_ref};
use caruso_object_model::{Class, Model, ToOne, key};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DbErr};

use super::End;
use crate::plan::{Plan, ROOT};

/// Objects that are named of one relation.
const MOST_NAMED: usize = 10;
/// The table that is led to.
const OTHER: &str = "k";

/// The relations that lead some object to nothing, each with the keys of such objects.
pub(super) async fn find(model: &Model, classes: &[Class], to: &End) -> Result<Vec<String>, DbErr> {
    let mut found = Vec::new();
    for class in classes {
        let Some(plan) = to.plans.get(&class.name) else { continue };
        for (relation, _) in foreign_keys(model, class) {
            let Some(target) = model.neighbour(class, relation) else { continue };
            let mut keys = of(to, plan, relation, target).await?;
            if keys.is_empty() {
                continue;
            }
            if keys.len() > MOST_NAMED {
                keys.truncate(MOST_NAMED);
                keys.push("…".to_owned());
            }
            found.push(format!("`{}.{}` of {}", class.name, relation.name, keys.join(", ")));
        }
    }
    Ok(found)
}

/// The keys of objects that a relation leads to nothing, one more than are named at most.
async fn of(to: &End, plan: &Plan, relation: &ToOne, target: &Class) -> Result<Vec<String>, DbErr> {
    let own = |name: &str| Expr::col((ROOT, Alias::new(name)));
    let mut others = Query::select();
    others.expr(Expr::cust("1")).from(table_ref(target).alias(OTHER));
    let mut select = Query::select();
    select.exprs(plan.key_columns().map(|column| own(&column.name)));
    select.from(plan.table().alias(ROOT));
    for (column, key) in relation.columns.iter().zip(target.keys()) {
        select.and_where(own(column).is_not_null());
        others.and_where(Expr::col((OTHER, Alias::new(&key.column))).eq(own(column)));
    }
    select.and_where(Expr::exists(others.take()).not()).limit(MOST_NAMED as u64 + 1);
    let rows = to.database.reader.query_all(&select).await?;
    let key_of = |row: &sea_orm::QueryResult| {
        let parts = plan.key_columns().enumerate();
        let part = |(index, column): (usize, &crate::plan::Column)| {
            column.codec.decode(row, index).map_or_else(|_| "?".to_owned(), |it| it.to_string())
        };
        key::join(&parts.map(part).collect::<Vec<_>>())
    };
    let mut keys: Vec<String> = rows.iter().map(key_of).collect();
    keys.sort_unstable();
    Ok(keys)
}
