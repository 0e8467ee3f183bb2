//! Abstract classes beside the tables of their kinds: whether these write values alike, so that one
//! statement reads them, and whether a key is in two of them.

use caruso_database::{Codec, dialect};
use caruso_object_model::Class;
use sea_orm::sea_query::{Alias, Expr, IntoIden, Query, SelectStatement, TableRef, UnionType};

use crate::live::{Live, Named};
use crate::statement;

/// The keys of all tables under each other.
pub(crate) struct Keys {
    /// The rows, to be given an alias.
    pub(crate) from: TableRef,
    /// The columns, in the order of the key.
    pub(crate) columns: Vec<(String, Codec)>,
}

/// The members of an abstract class that its tables do not write alike.
pub(crate) fn unlike(class: &Class, tables: &[Live<'_>]) -> Vec<Named> {
    let mut unlike = Vec::new();
    for attribute in class.attributes() {
        let codecs = tables.iter().map(|live| {
            let held = live.attributes.iter().find(|it| it.attribute.name == attribute.name);
            held.map(|held| &held.codec)
        });
        if !are_alike(codecs) {
            unlike.push(Named::Member(attribute.id.clone(), attribute.name.clone()));
        }
    }
    for relation in class.to_one() {
        let is_alike = (0..relation.columns.len()).all(|part| {
            are_alike(tables.iter().map(|live| {
                let led = live.relations.iter().find(|it| it.relation.name == relation.name)?;
                led.columns.get(part).map(|(_, codec)| codec)
            }))
        });
        if !is_alike {
            unlike.push(Named::Member(relation.id.clone(), relation.name.clone()));
        }
    }
    unlike
}

/// What is not there, or does not fit, is said of its table.
fn are_alike<'a>(codecs: impl Iterator<Item = Option<&'a Codec>>) -> bool {
    let read = |codec: &Codec| dialect::operand(codec, Expr::cust("1")).1;
    let mut codecs = codecs.flatten().map(read);
    let Some(first) = codecs.next() else { return true };
    codecs.try_fold(first, |one, other| one.united(&other)).is_some()
}

/// The keys of all tables of an abstract class; nothing where some are not there or not alike.
pub(crate) fn keys(class: &Class, tables: &[Live<'_>]) -> Option<Keys> {
    let mut all: Option<SelectStatement> = None;
    let mut columns: Vec<(String, Codec)> = Vec::new();
    for live in tables {
        let mut select = Query::select().from(statement::table(&live.table.name)).take();
        for (part, held) in live.key()?.into_iter().enumerate() {
            let column = Expr::col(Alias::new(&held.column.name));
            let (expr, codec) = dialect::operand(&held.codec, column);
            let name = format!("k{part}");
            select.expr_as(expr, Alias::new(&name));
            match columns.get_mut(part) {
                Some((_, known)) => *known = known.united(&codec)?,
                None => columns.push((name, codec)),
            }
        }
        match &mut all {
            Some(all) => _ = all.union(UnionType::All, select),
            None => all = Some(select),
        }
    }
    let from = TableRef::SubQuery(Box::new(all?), Alias::new(&class.name).into_iden());
    Some(Keys { from, columns })
}
