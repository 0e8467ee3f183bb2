//! What columns hold, as far as their types tell.

use std::collections::BTreeSet;

use caruso_database::{Column, DbBackend, Physical};

use super::draft::{Attribute, Class, Draft, Kind, is_text, label};
use super::words;

/// The longest text that the model can bound.
const LONGEST: u32 = 1_000_000;
/// The most decimals that the model has.
pub(super) const MOST_DECIMALS: u32 = 9;
/// The decimals where nothing says how many there are: money has so many.
const USUAL_DECIMALS: u32 = 2;
/// What secrets are called, in part.
const SECRET_PARTS: &[&str] =
    &["password", "passwd", "passwort", "kennwort", "wachtwoord", "passphrase", "secret"];
/// The fewest characters of a column that can hold one; shorter ones say something about it.
const SHORTEST_SECRET: u32 = 8;
/// What columns are called that count the changes of a row.
const COUNTERS: &[&str] = &[
    "version",
    "row_version",
    "rowversion",
    "lock_version",
    "lockversion",
    "revision",
    "rev",
    "row_revision",
    "opt_lock",
    "optlock",
    "optimistic_lock",
    "versie",
    "versienr",
    "versie_nr",
    "version_no",
    "version_nr",
    "version_number",
    "versionsnr",
    "mutnr",
    "mut_nr",
    "change_count",
    "aenderungszaehler",
    "modcount",
    "mod_count",
];

/// Makes attributes of the columns of a class, and tells which one counts changes.
pub(super) fn read<'a>(draft: &mut Draft<'a>, class: &mut Class<'a>) {
    let table = class.table;
    let mut taken = BTreeSet::new();
    for column in &table.columns {
        if !is_text(&column.name) {
            let name = column.name.escape_debug();
            let why = "its name has characters that XML cannot write";
            class.left_out.push(format!("Column `{name}` is left out: {why}."));
        } else if !taken.insert(column.name.to_ascii_lowercase()) {
            let why = "another column differs from it in capitals alone";
            class.left_out.push(format!("Column `{}` is left out: {why}.", column.name));
        } else if is_secret(class, column) {
            let why = "it is called like a secret, which nobody needs at a desk";
            class.left_out.push(format!("Column `{}` is left out: {why}.", column.name));
        } else if class.revision.is_none() && counts_changes(class, column) {
            class.revision = Some(column.name.clone());
        } else {
            attribute(draft, class, column);
        }
    }
}

/// True for a text of such a name, long enough for a secret, that is no part of a key.
fn is_secret(class: &Class<'_>, column: &Column) -> bool {
    let words = words::words(&column.name);
    let name = words.concat().to_ascii_lowercase();
    let is_token = words.len() > 1 && name.ends_with("token");
    let is_called = is_token || SECRET_PARTS.iter().any(|part| name.contains(part));
    let is_long = match column.physical {
        Physical::Text { length, .. } => length.is_none_or(|length| length >= SHORTEST_SECRET),
        _ => false,
    };
    let has = |columns: &[String]| columns.contains(&column.name);
    let is_key = has(&class.table.primary_key) || class.table.unique.iter().any(|it| has(it));
    is_called && is_long && !is_key
}

/// True for a number of such a name that is no part of a key and leads nowhere.
fn counts_changes(class: &Class<'_>, column: &Column) -> bool {
    let name = words::member_name(&words::words(&column.name), "column");
    let is_number = matches!(column.physical, Physical::Int { .. });
    let has = |columns: &[String]| columns.contains(&column.name);
    let is_key = has(&class.table.primary_key) || class.table.unique.iter().any(|it| has(it));
    let leads = class.table.foreign_keys.iter().any(|it| has(&it.columns));
    COUNTERS.contains(&name.as_str()) && is_number && !is_key && !leads
}

fn attribute<'a>(draft: &mut Draft<'a>, class: &mut Class<'a>, column: &'a Column) {
    let is_key = class.table.primary_key.contains(&column.name)
        || class.table.unique.iter().any(|columns| columns.contains(&column.name));
    let mut notes = Vec::new();
    let kind = match kind(draft, class, column, is_key, &mut notes) {
        Ok(kind) if draft.fits(&kind, &[], column) => kind,
        other => {
            let why = other.err().unwrap_or("such columns are not read");
            let (name, declared) = (&column.name, &column.declared);
            class.left_out.push(format!("Column `{name}` ({declared}) is left out: {why}."));
            return;
        }
    };
    if column.is_computed {
        notes.push("The database computes it; it cannot be written.".to_owned());
    }
    let words = words::own_words(&column.name);
    let label = label(&words, &column.name, column.comment.as_deref(), &mut notes);
    class.attributes.push(Attribute {
        column,
        name: String::new(),
        label,
        kind,
        missing: Vec::new(),
        is_required: !column.is_nullable,
        search: None,
        notes,
    });
}

/// What a column holds; the error says why that cannot be mapped.
fn kind(
    draft: &mut Draft<'_>,
    class: &Class<'_>,
    column: &Column,
    is_key: bool,
    notes: &mut Vec<String>,
) -> Result<Kind, &'static str> {
    let backend = draft.options.backend;
    Ok(match &column.physical {
        // elsewhere it is a number, which can tell objects apart
        Physical::Bool if is_key && backend != DbBackend::Postgres => Kind::Int,
        Physical::Bool => Kind::Bool,
        Physical::Int { .. } => Kind::Int,
        Physical::Decimal { scale, .. } => decimal(backend, *scale, notes),
        Physical::Float | Physical::Single => {
            notes.push(format!(
                "A binary number: those that need more than {USUAL_DECIMALS} decimals are not \
                 read; say how many there are, 1 to {MOST_DECIMALS}."
            ));
            Kind::Decimal(USUAL_DECIMALS)
        }
        Physical::Text { length, .. } => {
            Kind::Text(length.filter(|length| (1..=LONGEST).contains(length)))
        }
        Physical::Enum { values, .. } if values.is_empty() => Kind::Text(None),
        Physical::Enum { name, values } => choice(draft, class, column, name.as_deref(), values)?,
        Physical::Date => Kind::Date,
        Physical::DateTime => {
            notes.push(
                "The column does not say in which zone its clock stands: UTC is taken, unless \
                 `zone` says another, as zone=\"Europe/Amsterdam\"."
                    .to_owned(),
            );
            Kind::Instant
        }
        Physical::Instant => Kind::Instant,
        Physical::Uuid => Kind::Text(Some(36)),
        Physical::Time => return Err("it is the `time-column` of an instant, if anything"),
        Physical::Json => return Err("JSON cannot be mapped yet"),
        Physical::Bytes => return Err("bytes cannot be mapped yet"),
        Physical::Other => return Err("columns of this type cannot be mapped yet"),
    })
}

fn decimal(backend: DbBackend, scale: Option<u32>, notes: &mut Vec<String>) -> Kind {
    match scale {
        Some(0) if backend != DbBackend::Sqlite => Kind::Int,
        Some(0) => {
            notes.push("Whole numbers; a file keeps them as numbers with decimals.".to_owned());
            Kind::Decimal(1)
        }
        Some(decimals @ 1..=MOST_DECIMALS) => Kind::Decimal(decimals),
        Some(decimals) => {
            notes.push(format!(
                "The column has {decimals} decimals; numbers that need more than \
                 {MOST_DECIMALS} are not read."
            ));
            Kind::Decimal(MOST_DECIMALS)
        }
        None => {
            notes.push(format!(
                "The column does not say how many decimals it has; numbers that need more than \
                 {USUAL_DECIMALS} are not read."
            ));
            Kind::Decimal(USUAL_DECIMALS)
        }
    }
}

/// An enumeration of the database, under the name of its type where it has one.
fn choice(
    draft: &mut Draft<'_>,
    class: &Class<'_>,
    column: &Column,
    name: Option<&str>,
    values: &[String],
) -> Result<Kind, &'static str> {
    if !values.iter().all(|value| value.is_empty() || is_text(value)) {
        return Err("its values have characters that XML cannot write");
    }
    let of_type = name.map(|name| name.rsplit('.').next().unwrap_or(name));
    let wished = words::words(of_type.unwrap_or(&column.name));
    let wished = words::member_name(&wished, "values");
    let owner = words::member_name(&words::words(&class.name), "table");
    Ok(Kind::Choice(draft.enums.place(&wished, &owner, values)))
}
