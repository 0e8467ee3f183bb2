//! What is known of a class before any request comes: its columns, how they are read, and that
//! the database has them.

use std::collections::BTreeMap;

use caruso_expression::Value;
use caruso_object_model::{Attribute, AttributeType, Class, Model};
use sea_orm::QueryResult;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement};

use crate::codec;

/// An object as it was read. A relation's value is the key of the other object; what is missing
/// is absent, and so is what could not be read.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredObject {
    /// Its class.
    pub class: String,
    /// Its key as text.
    pub key: String,
    /// Changes whenever the object does.
    pub revision: String,
    /// Attributes and relations to one, by name.
    pub attributes: BTreeMap<String, Value>,
}

/// The alias of the table that a request is about.
pub(crate) const ROOT: &str = "o";

/// A column of a class: the member it holds and how it is written.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) member: String,
    pub(crate) column: String,
    pub(crate) ty: AttributeType,
    pub(crate) is_required: bool,
    /// Of a relation: the class it leads to.
    pub(crate) target: Option<String>,
}

/// A class with its columns.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) class: Class,
    pub(crate) columns: Vec<Column>,
}

impl Plan {
    pub(crate) fn new(model: &Model, class: &Class) -> Self {
        let attribute = |attribute: &Attribute| Column {
            member: attribute.name.clone(),
            column: attribute.column.clone(),
            ty: attribute.ty.clone(),
            is_required: attribute.is_required,
            target: None,
        };
        let relations = class.to_one().iter().filter_map(|relation| {
            let key = model.target_key(relation)?;
            Some(Column {
                member: relation.name.clone(),
                column: relation.column.clone(),
                ty: key.ty.clone(),
                is_required: relation.is_required,
                target: Some(relation.class.clone()),
            })
        });
        let columns = class.attributes().iter().map(attribute).chain(relations).collect();
        Self { class: class.clone(), columns }
    }

    pub(crate) fn column(&self, member: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.member == member)
    }

    /// All columns of the objects, then the revision, from the table under the alias [`ROOT`].
    pub(crate) fn select(&self) -> SelectStatement {
        let mut select = Query::select();
        for column in &self.columns {
            select.column((ROOT, Alias::new(&column.column)));
        }
        select.column((ROOT, Alias::new(&self.class.revision_column)));
        select.from_as(Alias::new(&self.class.table), ROOT);
        select
    }

    /// The object of one key; `None` when the text cannot be a key of this class.
    pub(crate) fn select_one(&self, key: &str) -> Option<SelectStatement> {
        let cell = codec::encode(&self.class.key().ty, &Value::from(key))?;
        let column = Expr::col((ROOT, Alias::new(&self.class.key().column)));
        Some(self.select().and_where(column.eq(cell)).take())
    }

    /// The object in a row of [`Plan::select`]. What cannot be read is left out and counted.
    pub(crate) fn object(&self, row: &QueryResult) -> StoredObject {
        let mut attributes = BTreeMap::new();
        let mut unreadable = Vec::new();
        for (index, column) in self.columns.iter().enumerate() {
            match codec::decode(&column.ty, row, index) {
                Ok(Value::Null) => {}
                Ok(value) => {
                    attributes.insert(column.member.clone(), value);
                }
                Err(codec::Unreadable) => unreadable.push(column.member.as_str()),
            }
        }
        if !unreadable.is_empty() {
            let (class, attributes) = (&self.class.name, unreadable.join(", "));
            tracing::warn!(class, attributes, "an object has cells that cannot be read");
        }
        let key = attributes.get(&self.class.key().name);
        StoredObject {
            class: self.class.name.clone(),
            key: key.map(ToString::to_string).unwrap_or_default(),
            revision: revision(row, self.columns.len()),
            attributes,
        }
    }
}

/// The revision in a cell; rows that were never changed by us may have none.
pub(crate) fn revision(row: &QueryResult, index: usize) -> String {
    codec::number_cell(row, index).ok().flatten().unwrap_or(0).to_string()
}
