//! Abstract classes: the rows of all their kinds, under each other.

use caruso_database::{Codec, Pair, TableKind, dialect};
use caruso_object_model::{AttributeType, Class, Revision};
use sea_orm::sea_query::{Alias, Expr, Query, SelectStatement, UnionType};

use super::{Column, Member, Plan, Sort};
use crate::cost::Cost;

/// How one of several tables holds a column of them all.
struct Cell {
    expr: Expr,
    codec: Codec,
    is_nullable: bool,
}

impl Plan {
    /// The plan of an abstract class over those of the classes that hold its objects, one at
    /// least.
    ///
    /// # Errors
    ///
    /// What they do not hold alike.
    pub(crate) fn united(class: &Class, variants: &[&Self]) -> Result<Self, Vec<String>> {
        let Some(first) = variants.first() else { return Err(Vec::new()) };
        let mut uniting = Uniting::of(class, variants);
        for attribute in class.attributes() {
            let columns: Vec<&str> = attribute.columns().map(|held| held.column).collect();
            let member = uniting.member(&attribute.name, &columns);
            uniting.members.push(Member {
                pair: Pair::of(attribute),
                sort: Sort::of(&attribute.ty),
                ..member
            });
        }
        for relation in class.to_one() {
            let columns: Vec<&str> = relation.columns.iter().map(String::as_str).collect();
            let member = uniting.member(&relation.name, &columns);
            let target = Some(relation.class.clone());
            uniting.members.push(Member { target, sort: Sort::Reference, ..member });
        }
        let counter = match &class.revision {
            Revision::Column(counter) => uniting.counter(counter),
            Revision::Attributes(_) | Revision::Content => None,
        };
        let Uniting { columns, members, selects, findings, .. } = uniting;
        if !findings.is_empty() {
            return Err(findings);
        }
        let place = |name: &str| members.iter().find(|it| it.name == name);
        let key = class.keys().filter_map(|key| place(&key.name).map(|it| it.columns.start));
        let key = key.collect();
        Ok(Self {
            source: all_of(selects),
            class: class.clone(),
            backend: first.backend,
            kind: TableKind::Table,
            key,
            counter,
            cost: cost(variants, &columns, &members),
            columns,
            members,
            // each table has its own
            is_key_unique: false,
            derived: Vec::new(),
            flag: Codec::computed(first.backend, &AttributeType::Int),
        })
    }
}

fn all_of(mut selects: Vec<SelectStatement>) -> Option<SelectStatement> {
    let others = selects.split_off(1);
    let mut all = selects.pop()?;
    others.into_iter().for_each(|select| _ = all.union(UnionType::All, select));
    Some(all)
}

/// What an index finds in all tables, it finds in all of them together.
fn cost(variants: &[&Plan], columns: &[Column], members: &[Member]) -> Cost {
    let is_large = variants.iter().any(|plan| plan.cost.is_large);
    let indexes = |plan: &&Plan| -> Vec<Vec<String>> {
        let united = |stored: &String| {
            let is_it = |member: &&Member| {
                let held = plan.member(&member.name).map(|held| plan.columns_of(held));
                held.is_some_and(|held| held.iter().any(|column| column.name == *stored))
            };
            let member = members.iter().find(is_it)?;
            let held = plan.columns_of(plan.member(&member.name)?);
            let place = held.iter().position(|column| column.name == *stored)?;
            Some(columns.get(member.columns.start + place)?.name.clone())
        };
        let indexes = plan.cost.indexes.iter();
        indexes.map(|index| index.iter().map_while(united).collect()).collect()
    };
    let all: Vec<Vec<Vec<String>>> = variants.iter().map(indexes).collect();
    let Some((first, others)) = all.split_first() else { return Cost::default() };
    let in_all = |index: &&Vec<String>| {
        let has = |indexes: &Vec<Vec<String>>| indexes.iter().any(|it| it.starts_with(index));
        !index.is_empty() && others.iter().all(has)
    };
    let beginnings =
        first.iter().flat_map(|index| (1..=index.len()).map(|end| index[..end].to_vec()));
    let beginnings: Vec<Vec<String>> = beginnings.collect();
    Cost { is_large, indexes: beginnings.iter().filter(in_all).cloned().collect() }
}

struct Uniting<'a> {
    class: &'a Class,
    variants: &'a [&'a Plan],
    columns: Vec<Column>,
    members: Vec<Member>,
    /// The rows of each.
    selects: Vec<SelectStatement>,
    findings: Vec<String>,
}

impl<'a> Uniting<'a> {
    fn of(class: &'a Class, variants: &'a [&'a Plan]) -> Self {
        let rows = |(place, plan): (usize, &&Plan)| {
            Query::select().from(plan.table().alias(alias(place))).take()
        };
        let selects = variants.iter().enumerate().map(rows).collect();
        let (columns, members, findings) = (Vec::new(), Vec::new(), Vec::new());
        Self { class, variants, columns, members, selects, findings }
    }

    fn member(&mut self, name: &str, columns: &[&str]) -> Member {
        let first = self.columns.len();
        for (part, column) in columns.iter().enumerate() {
            let cells = self.variants.iter().enumerate().filter_map(|(place, plan)| {
                let held = plan.columns_of(plan.member(name)?).get(part)?;
                let expr = Expr::col((alias(place), Alias::new(&held.name)));
                let (expr, codec) = dialect::operand(&held.codec, expr);
                Some(Cell { expr, codec, is_nullable: held.is_nullable })
            });
            let cells: Vec<Cell> = cells.collect();
            let is_nullable = cells.iter().any(|cell| cell.is_nullable);
            let Some(codec) = self.united(name, column, cells) else { continue };
            let (name, stored) = ((*column).to_owned(), (*column).to_owned());
            self.columns.push(Column { name, stored, part: 0, codec, is_nullable });
        }
        let (name, columns) = (name.to_owned(), first..self.columns.len());
        Member { name, sort: Sort::Plain, columns, pair: None, target: None, kind: None }
    }

    fn counter(&mut self, counter: &str) -> Option<Codec> {
        let cells = self.variants.iter().enumerate().filter_map(|(place, plan)| {
            let expr = Expr::col((alias(place), Alias::new(counter)));
            Some(Cell { expr, codec: plan.counter.clone()?, is_nullable: true })
        });
        let cells = cells.collect();
        self.united(counter, counter, cells)
    }

    /// Puts the cells of all tables under one name.
    fn united(&mut self, of: &str, name: &str, cells: Vec<Cell>) -> Option<Codec> {
        let codecs = cells.iter().map(|cell| Some(cell.codec.clone()));
        let codec = codecs.reduce(|one, other| one?.united(&other?)).flatten();
        let Some(codec) = codec.filter(|_| cells.len() == self.variants.len()) else {
            let tables: Vec<&str> = self.variants.iter().map(|it| &*it.class.table).collect();
            let (class, tables) = (&self.class.name, tables.join("`, `"));
            let finding = format!("class `{class}`: `{of}` is not written alike in `{tables}`");
            self.findings.push(finding);
            return None;
        };
        for (select, cell) in self.selects.iter_mut().zip(cells) {
            select.expr_as(cell.expr, Alias::new(name));
        }
        Some(codec)
    }
}

fn alias(place: usize) -> Alias {
    Alias::new(format!("u{place}"))
}
