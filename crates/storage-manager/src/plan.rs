//! What is known of a class before any request comes: its columns in the live database, how they
//! are read, and how an object is made of a row.

mod seen;
mod tables;
mod united;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use caruso_database::{Codec, Pair, Raw, TableKind, Unreadable, dialect};
use caruso_expression::{Checked, Currency, Value};
use caruso_object_model::{AttributeType, Class, Model, Revision, Stored, key};
use sea_orm::sea_query::{
    Alias, CaseStatement, Expr, ExprTrait, Func, Query, SelectStatement, Value as Cell,
};
use sea_orm::{DbBackend, QueryResult};
use sha2::{Digest as _, Sha256};

use crate::compile::{Operand, only_where};
use crate::cost::Cost;
use crate::error::Error;
use crate::fit::Fit;
use crate::prepared::{Slot, Slots};
use crate::rights::Sight;
pub(crate) use seen::{Named, Seen, Sort};

/// An object as it was read. A relation's value is the key of the other object; what is missing
/// is absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StoredObject {
    /// Its class.
    pub class: String,
    /// Its key as text.
    pub key: String,
    /// Changes whenever the object does.
    pub revision: String,
    /// Attributes and relations to one, by name.
    pub attributes: BTreeMap<String, Value>,
    /// Attributes and relations whose cells mean nothing: findings about the quality of the data.
    pub unreadable: Vec<String>,
    /// Attributes and relations that the user may not see.
    pub withheld: Vec<String>,
}

/// The alias of the table that a request is about.
pub(crate) const ROOT: &str = "o";

/// A column of a class.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// In [`Plan::table`].
    pub(crate) name: String,
    /// In the table that holds it.
    pub(crate) stored: String,
    /// Which of the tables of the class that is.
    pub(crate) part: usize,
    pub(crate) codec: Codec,
    pub(crate) is_nullable: bool,
}

/// An attribute, or a relation to one, and where its columns are in [`Plan::columns`].
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) sort: Sort,
    pub(crate) columns: std::ops::Range<usize>,
    /// Of an attribute in two columns: how they make its value.
    pub(crate) pair: Option<Pair>,
    /// Of a relation: the class it leads to.
    pub(crate) target: Option<String>,
    /// Of a relation that shares its columns with others: the column that tells them apart.
    pub(crate) kind: Option<usize>,
}

impl Member {
    /// The places of all columns that are written with the member.
    pub(crate) fn places(&self) -> impl Iterator<Item = usize> + use<> {
        self.columns.clone().chain(self.kind)
    }

    /// The value in the values of its columns, and in that of the column that tells its kind.
    pub(crate) fn value(
        &self,
        values: &[Result<Value, Unreadable>],
        kind: Option<&Result<Value, Unreadable>>,
    ) -> Result<Value, Unreadable> {
        if kind.is_some_and(|it| !matches!(it, Ok(Value::Text(kind)) if **kind == *self.name)) {
            return Ok(Value::Null);
        }
        match (values, &self.pair) {
            ([value], _) => return value.clone(),
            ([first, second], Some(pair)) => return pair.value(first, second),
            _ => {}
        }
        let mut parts = Vec::with_capacity(values.len());
        for value in values {
            parts.push(value.as_ref().map_err(|unreadable| *unreadable)?);
        }
        if parts.iter().any(|part| part.is_null()) {
            return Ok(Value::Null);
        }
        let parts: Vec<String> = parts.into_iter().map(text).collect();
        Ok(Value::from(key::join(&parts)))
    }

    /// A value as its columns hold it, each by its codec; `None` when they cannot.
    pub(crate) fn cells(&self, columns: &[Column], value: &Value) -> Option<Vec<Cell>> {
        match &self.pair {
            Some(pair) => {
                let parts = pair.split(value)?;
                columns.iter().zip(&parts).map(|(it, part)| it.codec.encode(part)).collect()
            }
            None => columns.iter().map(|column| column.codec.encode(value)).collect(),
        }
    }
}

/// A class with its columns.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) class: Class,
    pub(crate) backend: DbBackend,
    pub(crate) kind: TableKind,
    /// Where rows come from that are not simply those of one table.
    source: Option<SelectStatement>,
    pub(crate) columns: Vec<Column>,
    pub(crate) members: Vec<Member>,
    /// Places of the key's columns.
    pub(crate) key: Vec<usize>,
    /// How the column is read that counts the changes.
    pub(crate) counter: Option<Codec>,
    pub(crate) cost: Cost,
    /// Whether the database sees to it that no two rows have the same key.
    pub(crate) is_key_unique: bool,
    /// How the derived attributes of the class are found, in their order.
    pub(crate) derived: Vec<How>,
    /// How it is read whether a member is seen.
    flag: Codec,
}

/// How a derived attribute is found.
#[derive(Debug, Clone)]
pub(crate) enum How {
    /// The database computes it.
    Asked,
    /// It is computed of what was read.
    AfterReading(Checked),
}

impl Plan {
    /// The plan of a class in its live table; what does not fit is left out and reported.
    pub(crate) fn new(model: &Model, class: &Class, fit: &mut Fit<'_>) -> Option<Self> {
        let mut columns = Vec::new();
        let mut members = Vec::new();
        for attribute in class.attributes() {
            let first = columns.len();
            for held in attribute.columns() {
                columns.extend(fit.column(attribute.part, held.column, held.ty, held.stored));
            }
            members.push(Member {
                name: attribute.name.clone(),
                sort: Sort::of(&attribute.ty),
                columns: first..columns.len(),
                pair: Pair::of(attribute),
                target: None,
                kind: None,
            });
        }
        for relation in class.to_one() {
            let first = columns.len();
            let target = model.target(relation)?;
            for (column, key) in relation.columns.iter().zip(target.keys()) {
                columns.extend(fit.column(relation.part, column, &key.ty, &key.stored));
            }
            let held = first..columns.len();
            let kind = relation.kind.as_ref().and_then(|kind| {
                let column =
                    fit.column(relation.part, &kind.column, &kind.ty, &Stored::default())?;
                columns.push(column);
                Some(columns.len() - 1)
            });
            members.push(Member {
                name: relation.name.clone(),
                sort: Sort::Reference,
                columns: held,
                pair: None,
                target: Some(relation.class.clone()),
                kind,
            });
        }
        let counter = match &class.revision {
            Revision::Column(name) => Some(fit.counter(name)?),
            Revision::Attributes(_) | Revision::Content => None,
        };
        let is_whole = fit.is_whole();
        let place =
            |name: &str| members.iter().find(|it| it.name == name).map(|it| it.columns.start);
        let key: Vec<usize> = class.keys().filter_map(|key| place(&key.name)).collect();
        let is_key_unique = fit.table().is_some_and(|table| {
            let stored = key.iter().filter_map(|it| columns.get(*it));
            let stored: Vec<&str> = stored.map(|column| column.stored.as_str()).collect();
            let is_within = |unique: &Vec<String>| {
                !unique.is_empty() && unique.iter().all(|it| stored.contains(&it.as_str()))
            };
            is_within(&table.primary_key) || table.unique.iter().any(is_within)
        });
        is_whole.then(|| Self {
            source: tables::joined(class, &columns, &key),
            class: class.clone(),
            backend: fit.backend,
            kind: fit.kind(),
            columns,
            members,
            key,
            counter,
            cost: Cost::default(),
            is_key_unique,
            derived: Vec::new(),
            flag: Codec::computed(fit.backend, &AttributeType::Int),
        })
    }

    /// The attribute or relation of this name.
    pub(crate) fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }

    /// The columns of a member.
    pub(crate) fn columns_of(&self, member: &Member) -> &[Column] {
        &self.columns[member.columns.clone()]
    }

    /// The values of a member in a row under an alias: each of its columns, or the one value that
    /// both of an attribute make. Of money with currencies of its own the amount, where there is
    /// one.
    pub(crate) fn operands(&self, alias: &str, member: &Member) -> Vec<Operand> {
        match self.joined(alias, member) {
            Some(joined) => vec![joined],
            None => member.columns.clone().map(|place| self.operand(alias, place)).collect(),
        }
    }

    /// A column of a row under an alias.
    pub(crate) fn operand(&self, alias: &str, place: usize) -> Operand {
        let column = &self.columns[place];
        let expr = Expr::col((Alias::new(alias), Alias::new(&column.name)));
        let (expr, codec) = dialect::operand(&column.codec, expr);
        Operand { expr, codec }
    }

    /// The value of an attribute of a row under an alias; as [`Plan::operands`].
    pub(crate) fn attribute(&self, alias: &str, member: &Member) -> Operand {
        let joined = self.joined(alias, member);
        joined.unwrap_or_else(|| self.operand(alias, member.columns.start))
    }

    /// The one value of a member of which a column alone does not say it; `None` where it does.
    fn joined(&self, alias: &str, member: &Member) -> Option<Operand> {
        if let Some([amount, code]) = self.money(alias, member) {
            let codes = Currency::codes().filter_map(|it| code.codec.encode(&Value::from(it)));
            let is_money = code.is_in(self.backend, codes.collect());
            return Some(Operand { expr: only_where(Some(is_money), amount.expr), ..amount });
        }
        let Pair::Moment(moment) = member.pair.as_ref()? else { return None };
        let [first, second] = [0, 1].map(|index| self.operand(alias, member.columns.start + index));
        let (day, time) = ((first.expr, &first.codec), (second.expr, &second.codec));
        let (expr, codec) = moment.operand(self.backend, day, time);
        Some(Operand { expr, codec })
    }

    /// Whether a member is money of which each has its own currency.
    pub(crate) fn has_currencies(&self, member: &Member) -> bool {
        let is_written =
            |place: usize| self.columns.get(place).is_some_and(|it| it.codec.has_currencies());
        matches!(member.pair, Some(Pair::Money)) || is_written(member.columns.start)
    }

    /// Amount and code of such money in a row under an alias, from two columns or from one.
    pub(crate) fn money(&self, alias: &str, member: &Member) -> Option<[Operand; 2]> {
        if !self.has_currencies(member) {
            return None;
        }
        let place = member.columns.start;
        if member.columns.len() == 2 {
            return Some([0, 1].map(|index| self.operand(alias, place + index)));
        }
        let Operand { expr, codec } = self.operand(alias, place);
        Some(codec.money(self.backend, expr)?.map(|(expr, codec)| Operand { expr, codec }))
    }

    /// The error that an attribute is money with currencies of its own, which have no such thing.
    pub(crate) fn several_currencies(&self, name: &str, what: &str) -> Error {
        let class = &self.class.name;
        let message = format!(
            "`{name}` of a {class} is money of several currencies, which {what}; ask for those of \
             one, with `{name}.currency eq 'EUR'`, and compare"
        );
        Error::Filter(vec![message])
    }

    /// The condition that the columns of a relation hold a key of its class, in a row under an
    /// alias; `None` where they always do.
    pub(crate) fn is_kind(&self, alias: &str, member: &Member) -> Option<Expr> {
        let kind = self.operand(alias, member.kind?);
        let code = kind.codec.encode(&Value::from(member.name.as_str()))?;
        let is_it = kind.is_in(self.backend, vec![code]);
        Some(Func::coalesce([is_it, Expr::cust("FALSE")]).into())
    }

    /// The columns of the key.
    pub(crate) fn key_columns(&self) -> impl Iterator<Item = &Column> {
        self.key.iter().map(|place| &self.columns[*place])
    }

    /// The names of all columns, each once, and of the counter.
    pub(crate) fn column_names(&self) -> BTreeSet<&str> {
        let counter = match &self.class.revision {
            Revision::Column(counter) => Some(counter.as_str()),
            _ => None,
        };
        self.columns.iter().map(|column| column.name.as_str()).chain(counter).collect()
    }

    /// All columns of the objects, then the counter, then what is seen, then derived values, from
    /// the table under the alias [`ROOT`]; of the rows that are seen.
    pub(crate) fn select(&self, sight: &Sight) -> SelectStatement {
        let mut select = self.selected();
        select.from(self.table().alias(ROOT));
        sight.join(&mut select);
        select.exprs(sight.members.iter().map(|(_, seen)| flag(self.backend, seen)));
        select.exprs(sight.asked().map(|(_, operand)| operand.expr.clone()));
        sight.row.iter().for_each(|seen| {
            select.and_where(seen.clone());
        });
        select
    }

    /// The rows that are seen, with all columns under their names, and what is seen; for
    /// [`Plan::select_from`].
    pub(crate) fn rows(&self, sight: &Sight) -> SelectStatement {
        let mut rows = Query::select();
        rows.columns(self.column_names().into_iter().map(|name| (ROOT, Alias::new(name))));
        for (index, (_, seen)) in sight.members.iter().enumerate() {
            rows.expr_as(flag(self.backend, seen), Alias::new(flag_name(index)));
        }
        for (index, (_, operand)) in sight.asked().enumerate() {
            rows.expr_as(operand.expr.clone(), Alias::new(value_name(index)));
        }
        sight.row.iter().for_each(|seen| {
            rows.and_where(seen.clone());
        });
        rows.from(self.table().alias(ROOT));
        sight.join(&mut rows);
        rows
    }

    /// What [`Plan::select`] gives, from a sub-query made of [`Plan::rows`].
    pub(crate) fn select_from(&self, rows: SelectStatement, sight: &Sight) -> SelectStatement {
        let mut select = self.selected();
        for index in 0..sight.members.len() {
            select.column((ROOT, Alias::new(flag_name(index))));
        }
        for (index, _) in sight.asked().enumerate() {
            select.column((ROOT, Alias::new(value_name(index))));
        }
        select.from_subquery(rows, ROOT).take()
    }

    fn selected(&self) -> SelectStatement {
        let mut select = Query::select();
        for column in &self.columns {
            select.column((ROOT, Alias::new(&column.name)));
        }
        if let Revision::Column(counter) = &self.class.revision {
            select.column((ROOT, Alias::new(counter)));
        }
        select
    }

    /// How many columns [`Plan::select`] has.
    pub(crate) fn width(&self, sight: &Sight) -> usize {
        self.flags() + sight.members.len() + sight.asked().count()
    }

    /// Where it stands in [`Plan::select`] what is seen.
    fn flags(&self) -> usize {
        self.columns.len() + usize::from(self.counter.is_some())
    }

    /// The cells of a key; `None` when the text cannot be a key of this class.
    pub(crate) fn key_cells(&self, text: &str) -> Option<Vec<Cell>> {
        let parts = key::split(text, self.key.len())?;
        let columns = self.key_columns().zip(&parts);
        columns.map(|(column, part)| column.codec.encode_key(part)).collect()
    }

    /// The condition that a row, under an alias or alone, has this key.
    pub(crate) fn has_key(&self, alias: Option<&str>, cells: Vec<Cell>) -> Expr {
        let parts = self.key_columns().zip(cells).map(|(column, cell)| {
            let name = Alias::new(&column.name);
            let expr = match alias {
                Some(alias) => Expr::col((Alias::new(alias), name)),
                None => Expr::col(name),
            };
            expr.eq(dialect::parameter(&column.codec, cell))
        });
        parts.reduce(Expr::and).unwrap_or_else(|| Expr::cust("1 = 0"))
    }

    /// The condition that a row under the alias [`ROOT`] has one of these keys; `None` without any.
    /// Keys that differ in their last part alone are one list, which costs a database much less
    /// than as many alternatives.
    pub(crate) fn has_one_of(&self, keys: impl Iterator<Item = Vec<Cell>>) -> Option<Expr> {
        let columns: Vec<&Column> = self.key_columns().collect();
        let (last, first) = columns.split_last()?;
        let mut lists: Vec<(Vec<Cell>, Vec<Expr>)> = Vec::new();
        for mut cells in keys {
            let Some(cell) = cells.pop() else { continue };
            let part = dialect::parameter(&last.codec, cell);
            match lists.iter_mut().find(|(others, _)| *others == cells) {
                Some((_, list)) => list.push(part),
                None => lists.push((cells, vec![part])),
            }
        }
        let expr = |column: &Column| Expr::col((ROOT, Alias::new(&column.name)));
        let conditions = lists.into_iter().map(|(cells, list)| {
            let equal = first
                .iter()
                .zip(cells)
                .map(|(column, cell)| expr(column).eq(dialect::parameter(&column.codec, cell)));
            equal.chain([expr(last).is_in(list)]).reduce(Expr::and)
        });
        conditions.flatten().reduce(Expr::or)
    }

    /// The condition that a relation leads to the object of this key; `None` when it cannot.
    /// With slots, the key is left to the request.
    pub(crate) fn leads_to(
        &self,
        alias: &str,
        relation: &Member,
        key: &str,
        slots: Option<&Slots>,
    ) -> Option<Expr> {
        let columns = self.columns_of(relation);
        let parts = key::split(key, columns.len())?;
        let parts = columns.iter().zip(&parts).enumerate().map(|(index, (column, part))| {
            let cell = column.codec.encode_key(part)?;
            let cell = match slots {
                Some(slots) => slots.marker(Slot::Key(index, column.codec.clone())),
                None => cell,
            };
            let expr = Expr::col((Alias::new(alias), Alias::new(&column.name)));
            Some(expr.eq(dialect::parameter(&column.codec, cell)))
        });
        let parts = parts.collect::<Option<Vec<_>>>()?.into_iter();
        parts.chain(self.is_kind(alias, relation)).reduce(Expr::and)
    }

    /// The relation to one of this name.
    pub(crate) fn relation(&self, name: &str) -> Result<&Member, Error> {
        self.member(name).filter(|it| it.target.is_some()).ok_or_else(|| self.unknown(name))
    }

    /// The error that the class has no attribute or relation of this name.
    pub(crate) fn unknown(&self, name: &str) -> Error {
        let nearest = caruso_markup::nearest(name, self.class.member_names());
        Error::UnknownAttribute {
            class: self.class.name.clone(),
            name: name.to_owned(),
            nearest: nearest.map(str::to_owned),
        }
    }

    /// The object of one key; `None` when the text cannot be a key of this class.
    pub(crate) fn select_one(&self, key: &str, sight: &Sight) -> Option<SelectStatement> {
        let cells = self.key_cells(key)?;
        Some(self.select(sight).and_where(self.has_key(Some(ROOT), cells)).take())
    }

    /// The object of any one key, which is left to the request.
    pub(crate) fn select_any(&self, sight: &Sight, slots: &Slots) -> SelectStatement {
        let parts = self.key_columns().enumerate();
        let cells = parts.map(|(part, it)| slots.marker(Slot::Key(part, it.codec.clone())));
        let is_it = self.has_key(Some(ROOT), cells.collect());
        self.select(sight).and_where(is_it).take()
    }

    /// The object in a row of [`Plan::select`].
    pub(crate) fn object(&self, row: &QueryResult, sight: &Sight) -> StoredObject {
        self.seen(row, 0, sight).stored()
    }

    /// A count where a column counts, else what was read, as a hash.
    fn revision(
        &self,
        row: &QueryResult,
        first: usize,
        raws: &[Result<Raw, Unreadable>],
    ) -> String {
        if let Some(counter) = &self.counter {
            // rows that were never changed by us may have none
            return match counter.decode(row, first + self.columns.len()) {
                Ok(Value::Int(number)) => number.to_string(),
                _ => "0".to_owned(),
            };
        }
        let (mut hash, mut text) = (Sha256::new(), String::new());
        let mut add = |raw: &Result<Raw, Unreadable>| {
            text.clear();
            // a string takes everything
            let _ = write!(text, "{raw:?}\u{1f}");
            hash.update(&text);
        };
        match &self.class.revision {
            Revision::Attributes(attributes) => attributes.iter().for_each(|index| {
                self.members[*index].columns.clone().for_each(|place| add(&raws[place]));
            }),
            _ => raws.iter().for_each(add),
        }
        URL_SAFE_NO_PAD.encode(&hash.finalize()[..12])
    }
}

/// A value as text; texts themselves without the machinery of formatting.
pub(crate) fn text(value: &Value) -> String {
    match value.as_text() {
        Some(text) => text.to_owned(),
        None => value.to_string(),
    }
}

/// Whether something is seen, as a number that every engine has.
pub(crate) fn flag(backend: DbBackend, seen: &Expr) -> Expr {
    let case = CaseStatement::new().case(seen.clone(), Expr::cust("1")).finally(Expr::cust("0"));
    dialect::as_integer(backend, Expr::Case(Box::new(case)))
}

/// The name of a derived value in a sub-query.
fn value_name(index: usize) -> String {
    format!("caruso_value_{index}")
}

/// The name of a flag in a sub-query.
fn flag_name(index: usize) -> String {
    format!("caruso_seen_{index}")
}
