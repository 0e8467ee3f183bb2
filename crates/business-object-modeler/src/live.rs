//! Classes beside their tables in a live database: what fits, and what does not.

use std::collections::BTreeSet;

use caruso_database::{Catalog, Codec, Column, DbBackend, Pair, Table, TableName};
use caruso_object_model::{
    Attribute, AttributeType, Class, KeySource, Model, Revision, Stored, ToOne,
};

/// A class with its table.
pub(crate) struct Live<'a> {
    pub(crate) class: &'a Class,
    pub(crate) table: &'a Table,
    /// Attributes whose columns are there and fit.
    pub(crate) attributes: Vec<Held<'a>>,
    /// Relations whose columns are all there and fit.
    pub(crate) relations: Vec<Led<'a>>,
}

/// An attribute with its column.
pub(crate) struct Held<'a> {
    pub(crate) attribute: &'a Attribute,
    pub(crate) column: &'a Column,
    pub(crate) codec: Codec,
    /// Of one in two columns: the second, and how both make its value.
    pub(crate) second: Option<(&'a Column, Codec, Pair)>,
}

impl<'a> Held<'a> {
    /// Its columns, one or two.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &'a Column> + use<'a> {
        let second = self.second.as_ref().map(|(column, ..)| *column);
        std::iter::once(self.column).chain(second)
    }
}

/// A relation with its columns, in the order of the key that it leads to.
pub(crate) struct Led<'a> {
    pub(crate) relation: &'a ToOne,
    pub(crate) target: &'a Class,
    pub(crate) columns: Vec<(&'a Column, Codec)>,
    /// The column that says whether they lead to this class, if there is one.
    pub(crate) kind: Option<(&'a Column, Codec)>,
}

/// What does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// There is no such table.
    Table(TableName),
    /// There is no such column.
    Column { by: Named, column: String, known: Vec<String> },
    /// The column holds something else; why.
    Unfit { by: Named, column: String, why: String },
    /// The database does not assign this column.
    Assigned { by: Named, column: String },
}

/// Who names a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Named {
    /// An attribute or relation, by its id and name.
    Member(String, String),
    /// The class, in its `revision`.
    Revision,
}

/// The table of a class.
pub(crate) fn table_name(class: &Class) -> TableName {
    TableName { schema: class.schema.clone(), name: class.table.clone() }
}

/// The tables of a database that a model names.
pub(crate) fn tables_of(model: &Model, database: &str) -> Vec<TableName> {
    model.holders().filter(|it| it.database == database).map(|it| table_name(&it)).collect()
}

/// A class beside its table, with all that does not fit; nothing beside a table that is not there.
pub(crate) fn beside<'a>(
    model: &'a Model,
    class: &'a Class,
    catalog: &'a Catalog,
    backend: DbBackend,
) -> (Option<Live<'a>>, Vec<Misfit>) {
    let name = table_name(class);
    let Some(table) = find(catalog, &name, backend) else {
        return (None, vec![Misfit::Table(name)]);
    };
    let mut holder = Holder { backend, table, misfits: Vec::new() };
    let mut attributes = Vec::new();
    for attribute in class.attributes() {
        let by = Named::Member(attribute.id.clone(), attribute.name.clone());
        let columns = attribute.columns();
        let columns = columns.map(|it| holder.column(&by, it.column, it.ty, it.stored));
        let columns: Vec<Option<(&Column, Codec)>> = columns.collect();
        let Some(columns) = columns.into_iter().collect::<Option<Vec<_>>>() else { continue };
        let mut columns = columns.into_iter();
        let Some((column, codec)) = columns.next() else { continue };
        holder.assigned(class, attribute, by, column);
        let second = columns.next().zip(Pair::of(attribute));
        let second = second.map(|((column, codec), pair)| (column, codec, pair));
        attributes.push(Held { attribute, column, codec, second });
    }
    let mut relations = Vec::new();
    for relation in class.to_one() {
        let Some(target) = model.target(relation) else { continue };
        let by = Named::Member(relation.id.clone(), relation.name.clone());
        let keys = relation.columns.iter().zip(target.keys());
        let columns = keys.map(|(name, key)| holder.column(&by, name, &key.ty, &key.stored));
        let columns: Vec<Option<(&Column, Codec)>> = columns.collect();
        let kind = relation.kind.as_ref();
        let kind = match kind {
            Some(it) => holder.column(&by, &it.column, &it.ty, &Stored::default()).map(Some),
            None => Some(None),
        };
        if let (Some(columns), Some(kind)) = (columns.into_iter().collect(), kind) {
            relations.push(Led { relation, target, columns, kind });
        }
    }
    if let Revision::Column(name) = &class.revision {
        holder.column(&Named::Revision, name, &AttributeType::Int, &Stored::default());
    }
    (Some(Live { class, table, attributes, relations }), holder.misfits)
}

/// The table of this name; in a file capitals tell tables apart only where two differ by them.
fn find<'a>(catalog: &'a Catalog, name: &TableName, backend: DbBackend) -> Option<&'a Table> {
    let is_it = |table: &&Table| {
        table.name.schema == name.schema && table.name.name.eq_ignore_ascii_case(&name.name)
    };
    let loosely = || catalog.tables.iter().find(is_it).filter(|_| backend == DbBackend::Sqlite);
    catalog.table(name).or_else(loosely)
}

struct Holder<'a> {
    backend: DbBackend,
    table: &'a Table,
    misfits: Vec<Misfit>,
}

impl<'a> Holder<'a> {
    fn column(
        &mut self,
        by: &Named,
        name: &str,
        ty: &AttributeType,
        stored: &Stored,
    ) -> Option<(&'a Column, Codec)> {
        let (by, column) = (by.clone(), name.to_owned());
        let Some(live) = self.table.column(name) else {
            let known = self.table.columns.iter().map(|it| it.name.clone()).collect();
            self.misfits.push(Misfit::Column { by, column, known });
            return None;
        };
        match Codec::resolve(self.backend, ty, stored, &live.physical, &live.declared) {
            Ok(codec) => Some((live, codec)),
            Err(unfit) => {
                self.misfits.push(Misfit::Unfit { by, column, why: unfit.to_string() });
                None
            }
        }
    }

    fn assigned(&mut self, class: &Class, attribute: &Attribute, by: Named, column: &Column) {
        let is_to_be = class.key_source == KeySource::Assigned && class.is_key(&attribute.name);
        if is_to_be && !column.is_assigned {
            self.misfits.push(Misfit::Assigned { by, column: attribute.column.clone() });
        }
    }
}

impl<'a> Live<'a> {
    /// The columns of its attributes, those of each together, in the order of the model.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &'a Column> {
        self.attributes.iter().flat_map(Held::columns)
    }

    /// Where the columns of an attribute begin among [`Live::columns`].
    pub(crate) fn place(&self, attribute: usize) -> usize {
        self.attributes[..attribute].iter().map(|held| held.columns().count()).sum()
    }

    /// The key's columns, in its order; none if one of them is not there or does not fit.
    pub(crate) fn key(&self) -> Option<Vec<&Held<'a>>> {
        let keys = self.class.keys();
        keys.map(|key| self.attributes.iter().find(|it| it.attribute.name == key.name)).collect()
    }

    /// True when the database itself lets no two rows have the same key: some of its columns alone
    /// tell rows apart.
    pub(crate) fn is_key_declared(&self) -> bool {
        let Some(keys) = self.key() else { return false };
        let keys: BTreeSet<&str> = keys.iter().map(|it| it.column.name.as_str()).collect();
        let sets = std::iter::once(&self.table.primary_key).chain(&self.table.unique);
        let is_within = |columns: &Vec<String>| {
            !columns.is_empty() && columns.iter().all(|it| keys.contains(it.as_str()))
        };
        sets.into_iter().any(is_within)
    }
}

impl Led<'_> {
    /// True when an index begins with the columns of the relation, in whatever order.
    pub(crate) fn is_indexed(&self, table: &Table) -> bool {
        let mut wanted: Vec<&str> = self.columns.iter().map(|(it, _)| it.name.as_str()).collect();
        wanted.sort_unstable();
        table.indexes.iter().any(|index| {
            let mut first: Vec<&str> =
                index.iter().take(wanted.len()).map(String::as_str).collect();
            first.sort_unstable();
            first == wanted
        })
    }
}
