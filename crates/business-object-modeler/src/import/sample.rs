//! A bounded look at the data.

use std::collections::BTreeMap;

use caruso_database::{
    Catalog, Codec, Column, DatabaseConnection, DbBackend, Physical, Table, TableName,
};
use caruso_object_model::phone::Country;
use caruso_object_model::{AttributeType, Stored};
use sea_orm::sea_query::{Alias, Expr, Func, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr};

use super::profile::Profile;
use crate::statement;

/// The most rows of a table that are looked at.
pub const MOST_ROWS: u64 = 10_000;
/// The most cells of a table that are looked at; a wide table has fewer rows.
const MOST_CELLS: u64 = 1_000_000;
/// The longest beginning of a text that is looked at, in characters.
const BEGINNING: u32 = 40;

/// What the data of tables are like.
#[derive(Debug, Clone, Default)]
pub struct Samples {
    /// By table; those that could not be read are not here.
    pub tables: BTreeMap<TableName, Sample>,
    /// Tables that could not be read.
    pub unread: Vec<TableName>,
}

/// What the data of a table are like.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// How many rows were looked at.
    pub rows: u64,
    /// Whether these are all.
    pub is_whole: bool,
    /// By column. Columns whose type says it all are not here.
    pub columns: BTreeMap<String, Profile>,
}

impl Samples {
    /// Looks at the first rows of every table, with one statement each; at most [`MOST_ROWS`].
    /// A table that cannot be read, such as one the user has no right to, is in
    /// [`Samples::unread`]. `progress` is told of each table before it is read.
    ///
    /// # Errors
    ///
    /// What the driver says when the connection is lost.
    pub async fn read(
        connection: &DatabaseConnection,
        catalog: &Catalog,
        country: Country,
        mut progress: impl FnMut(&TableName),
    ) -> Result<Self, DbErr> {
        let mut samples = Self::default();
        for table in &catalog.tables {
            progress(&table.name);
            match sample(connection, table, country).await {
                Ok(sample) => {
                    samples.tables.insert(table.name.clone(), sample);
                }
                Err(error) if is_lost(&error) => return Err(error),
                Err(_) => samples.unread.push(table.name.clone()),
            }
        }
        Ok(samples)
    }
}

fn is_lost(error: &DbErr) -> bool {
    caruso_database::Failure::of(error) == caruso_database::Failure::Down
}

async fn sample(
    connection: &DatabaseConnection,
    table: &Table,
    country: Country,
) -> Result<Sample, DbErr> {
    let backend = connection.get_database_backend();
    let columns = table.columns.iter();
    let columns = columns.filter_map(|column| Some((column, reader(backend, column)?)));
    let columns: Vec<(&Column, Codec)> = columns.collect();
    if columns.is_empty() {
        return Ok(Sample::default());
    }
    let limit = (MOST_CELLS / columns.len() as u64).clamp(1, MOST_ROWS);
    let rows = connection.query_all(&select(table, &columns, limit)).await?;
    let read = rows.len() as u64;
    let profiles = columns.iter().enumerate().map(|(at, (column, codec))| {
        let cells = rows.iter().map(|row| codec.read(row, at).ok());
        (column.name.clone(), Profile::of(cells, country))
    });
    Ok(Sample { rows: read, is_whole: read < limit, columns: profiles.collect() })
}

/// How the cells of a column are read; nothing where its type says all that can be known.
fn reader(backend: DbBackend, column: &Column) -> Option<Codec> {
    // MariaDB has days without number in columns that are never empty
    let may_be_zero = backend == DbBackend::MySql && !column.is_nullable;
    let ty = match column.physical {
        Physical::Int { .. } => AttributeType::Int,
        Physical::Decimal { .. } | Physical::Float | Physical::Single => AttributeType::Decimal(1),
        Physical::Text { .. } => AttributeType::Text(None),
        Physical::Date if may_be_zero => AttributeType::Date,
        Physical::DateTime | Physical::Instant if may_be_zero => AttributeType::Instant,
        _ => return None,
    };
    Codec::resolve(backend, &ty, &Stored::default(), &column.physical, "").ok()
}

fn select(table: &Table, columns: &[(&Column, Codec)], limit: u64) -> SelectStatement {
    let mut select = Query::select();
    for (column, _) in columns {
        let name = Expr::col(Alias::new(&column.name));
        match column.physical {
            Physical::Text { length, .. } if length.is_none_or(|length| length > BEGINNING) => {
                let length = Expr::cust(BEGINNING.to_string());
                let beginning = Func::cust("substr").args([name, Expr::cust("1"), length]);
                select.expr(beginning);
            }
            _ => {
                select.expr(name);
            }
        }
    }
    select.from(statement::table(&table.name)).limit(limit).take()
}
