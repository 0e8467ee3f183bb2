//! Figures over the objects that satisfy a filter, in groups.

use std::collections::BTreeMap;

use caruso_database::{Codec, dialect};
use caruso_expression::Value;
use caruso_object_model::{AttributeType, Member, key};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, Order, Query as Select, SelectStatement};
use sea_orm::{DbBackend, QueryResult};

use crate::compile::{Operand, only_where};
use crate::engine::Engine;
use crate::error::Error;
use crate::federation::Found;
use crate::filter;
use crate::plan::Plan;
use crate::rights::Sight;
use crate::wrapped::Wanted;

/// The most groups of an answer.
const MAX_GROUPS: u64 = 1_000;
/// The most attributes to group by.
const MAX_BY: usize = 4;
/// The most measures.
const MAX_MEASURES: usize = 16;
/// Decimals that an average has more than what it is made of.
const MORE_DECIMALS: u32 = 4;

/// A request for figures.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Aggregate {
    /// The class.
    pub class: String,
    /// As in a query.
    pub filter: String,
    /// Values for names that start with `argument.` in the filter.
    pub arguments: BTreeMap<String, Value>,
    /// Attributes or relations to one; at most 4.
    pub group_by: Vec<String>,
    /// 1 to 16.
    pub measures: Vec<Measure>,
    /// Whether a large table may be searched without an index.
    pub allows_scan: bool,
}

/// One figure of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// What is computed.
    pub function: Function,
    /// Of which attribute; a count may have none.
    pub attribute: Option<String>,
}

/// What is computed of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Objects, or those that have a value.
    Count,
    /// Of an int or a decimal.
    Sum,
    /// The sum divided by the count, with four more decimals than the attribute has.
    Average,
    /// The smallest value.
    Least,
    /// The largest value.
    Greatest,
}

/// The figures of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The values that its objects share.
    pub by: Vec<Value>,
    /// As the measures were asked for; [`Value::Null`] where no object has a value.
    pub measures: Vec<Value>,
}

/// A value of each row, under a name of its own.
struct Part {
    name: String,
    codec: Codec,
}

impl Engine {
    /// Figures, in the order of what they are grouped by, and whether there are more groups.
    ///
    /// # Errors
    ///
    /// As [`Engine::query`].
    pub async fn aggregate(&self, request: &Aggregate) -> Result<(Vec<Group>, bool), Error> {
        let plan = self.plan(&request.class)?;
        let is_fine = request.group_by.len() <= MAX_BY
            && (1..=MAX_MEASURES).contains(&request.measures.len());
        if !is_fine {
            let limits =
                format!("at most {MAX_BY} attributes to group by, 1 to {MAX_MEASURES} measures");
            return Err(Error::Filter(vec![limits]));
        }
        let sight = self.view().sight(plan)?;
        let mut rows = Rows::new(plan, &sight);
        let by = request.group_by.iter().map(|name| rows.group(name));
        let by: Vec<Vec<Part>> = by.collect::<Result<_, _>>()?;
        let measures = request.measures.iter().map(|measure| rows.measure(measure));
        let measures: Vec<Option<Part>> = measures.collect::<Result<_, _>>()?;
        let checked = match request.filter.as_str() {
            "" => None,
            text => {
                Some(filter::checked(&self.model, &plan.class, text, &request.arguments)?.checked)
            }
        };
        let found = match &checked {
            Some(checked) => self.found(plan, checked, request.allows_scan).await?,
            None => Found::default(),
        };
        if !request.allows_scan {
            self.served(plan, checked.as_ref().map(|it| (it, &found)), None, None)?;
        }
        if let Some(checked) = &checked {
            rows.select.and_where(self.view().compile_found(plan, checked, &found)?);
        }
        let select = grouped(plan.backend, rows.select, &by, &measures, &request.measures);
        let filter = checked.as_ref().map(|checked| (checked, &found));
        let held = self.held(plan, &Wanted { filter, ..Wanted::default() }).await?;
        let mut rows = held.select(&select).await?;
        let most = usize::try_from(MAX_GROUPS).unwrap_or(usize::MAX);
        let has_more = rows.len() > most;
        rows.truncate(most);
        let group = |row: &QueryResult| Reading { row, place: 0 }.group(&by, &measures, request);
        Ok((rows.iter().map(group).collect(), has_more))
    }
}

/// The rows that are grouped: values of the groups and of the measures, under names.
struct Rows<'a> {
    plan: &'a Plan,
    sight: &'a Sight,
    select: SelectStatement,
    parts: usize,
}

impl<'a> Rows<'a> {
    fn new(plan: &'a Plan, sight: &'a Sight) -> Self {
        let mut select = Select::select();
        select.from(plan.table().alias(crate::plan::ROOT));
        sight.join(&mut select);
        sight.row.iter().for_each(|seen| {
            select.and_where(seen.clone());
        });
        // so that rows are there even when nothing of them is asked
        select.expr_as(Expr::cust("1"), "r");
        Self { plan, sight, select, parts: 0 }
    }

    fn part(&mut self, member: &str, operand: Operand) -> Part {
        let seen = self.sight.of_member(member).cloned();
        let seen = seen.into_iter().chain(operand.known(self.plan.backend)).reduce(Expr::and);
        let exact = operand.exact(self.plan.backend);
        // what is not seen or means nothing is missing
        let expr = only_where(seen, exact);
        let name = format!("p{}", self.parts);
        self.parts += 1;
        self.select.expr_as(expr, Alias::new(&name));
        Part { name, codec: operand.codec }
    }

    /// What a member is in a row.
    fn operands(&self, name: &str) -> Result<Vec<Operand>, Error> {
        if let Some((_, operand)) = self.sight.asked().find(|(asked, _)| *asked == name) {
            return Ok(vec![operand.clone()]);
        }
        let member = self.plan.member(name).ok_or_else(|| self.plan.unknown(name))?;
        let leads = self.plan.is_kind(crate::plan::ROOT, member);
        let operands = self.plan.operands(crate::plan::ROOT, member).into_iter();
        let shown = operands.map(|Operand { expr, codec }| Operand {
            expr: only_where(leads.clone(), expr),
            codec,
        });
        Ok(shown.collect())
    }

    fn group(&mut self, name: &str) -> Result<Vec<Part>, Error> {
        if self.plan.member(name).is_some_and(|it| self.plan.has_currencies(it)) {
            return Err(self.plan.several_currencies(name, "are not grouped by"));
        }
        let operands = self.operands(name)?.into_iter();
        Ok(operands.map(|operand| self.part(name, operand)).collect())
    }

    fn measure(&mut self, measure: &Measure) -> Result<Option<Part>, Error> {
        let Some(name) = &measure.attribute else {
            return match measure.function {
                Function::Count => Ok(None),
                _ => Err(Error::Filter(vec!["only a count is of no attribute".into()])),
            };
        };
        let member = self.plan.class.member(name);
        let is_value = matches!(member, Some(Member::Attribute(_) | Member::Derived(_)));
        let operand = self.operands(name)?.into_iter().next().filter(|_| is_value);
        let Some(operand) = operand else { return Err(self.plan.unknown(name)) };
        let has_currencies = self.plan.member(name).is_some_and(|it| self.plan.has_currencies(it));
        if has_currencies && measure.function != Function::Count {
            return Err(self.plan.several_currencies(name, "have no such measure"));
        }
        let codec = &operand.codec;
        let is_fitting = match measure.function {
            Function::Count => true,
            Function::Sum | Function::Average => codec.is_summable(),
            Function::Least | Function::Greatest => codec.is_comparable(),
        };
        if !is_fitting {
            let what = format!("{:?}", measure.function).to_lowercase();
            let message = format!("`{name}` is not stored so that it has this measure: {what}");
            return Err(Error::Filter(vec![message]));
        }
        Ok(Some(self.part(name, operand)))
    }
}

/// The groups of some rows, and their measures.
fn grouped(
    backend: DbBackend,
    rows: SelectStatement,
    by: &[Vec<Part>],
    measures: &[Option<Part>],
    wanted: &[Measure],
) -> SelectStatement {
    let mut select = Select::select();
    for part in by.iter().flatten() {
        let column = Expr::col(Alias::new(&part.name));
        select.expr(column.clone()).add_group_by([column.clone()]);
        select
            .order_by_expr(column.clone().is_null(), Order::Asc)
            .order_by_expr(column, Order::Asc);
    }
    for (part, measure) in measures.iter().zip(wanted) {
        let Some(part) = part else {
            select.expr(Func::cust("COUNT").arg(Expr::cust("*")));
            continue;
        };
        let column = Expr::col(Alias::new(&part.name));
        match measure.function {
            Function::Count => select.expr(Func::count(column)),
            Function::Sum => select.expr(dialect::sum(backend, column)),
            Function::Average => {
                select.expr(dialect::sum(backend, column.clone())).expr(Func::count(column))
            }
            Function::Least => select.expr(Func::min(column)),
            Function::Greatest => select.expr(Func::max(column)),
        };
    }
    select.from_subquery(rows, "rows").limit(MAX_GROUPS + 1).take()
}

/// A row of groups, read from left to right.
struct Reading<'a> {
    row: &'a QueryResult,
    place: usize,
}

impl Reading<'_> {
    fn group(&mut self, by: &[Vec<Part>], measures: &[Option<Part>], of: &Aggregate) -> Group {
        let by = by.iter().map(|parts| {
            let parts: Vec<Value> = parts.iter().map(|part| self.value(&part.codec)).collect();
            match parts.as_slice() {
                [part] => part.clone(),
                parts if parts.iter().any(Value::is_null) => Value::Null,
                parts => {
                    let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
                    Value::from(key::join(&parts))
                }
            }
        });
        let by = by.collect();
        let measures = measures.iter().zip(&of.measures);
        let measures = measures.map(|(part, measure)| self.measure(part.as_ref(), measure));
        Group { by, measures: measures.collect() }
    }

    fn value(&mut self, codec: &Codec) -> Value {
        self.place += 1;
        codec.decode(self.row, self.place - 1).unwrap_or(Value::Null)
    }

    fn measure(&mut self, part: Option<&Part>, measure: &Measure) -> Value {
        let backend = self.row_backend();
        let count = Codec::computed(backend, &AttributeType::Int);
        match (part, measure.function) {
            (None, _) | (_, Function::Count) => self.value(&count),
            (Some(part), Function::Least | Function::Greatest) => self.value(&part.codec),
            (Some(part), function) => {
                self.place += 1;
                let sum = part.codec.sum(self.row, self.place - 1);
                if function == Function::Sum {
                    return sum.unwrap_or(Value::Null);
                }
                let count = self.value(&count);
                match (sum, count) {
                    (Ok(sum), Value::Int(count)) => average(&sum, count, &part.codec),
                    _ => Value::Null,
                }
            }
        }
    }

    fn row_backend(&self) -> DbBackend {
        if self.row.try_as_pg_row().is_some() {
            DbBackend::Postgres
        } else if self.row.try_as_mysql_row().is_some() {
            DbBackend::MySql
        } else {
            DbBackend::Sqlite
        }
    }
}

fn average(sum: &Value, count: i64, codec: &Codec) -> Value {
    let decimals = match codec.ty() {
        AttributeType::Decimal(decimals) | AttributeType::Money { decimals, .. } => *decimals,
        _ => 0,
    };
    let sum = match sum {
        Value::Int(number) => (*number).into(),
        Value::Decimal(number) => *number,
        Value::Money(money) => money.amount,
        _ => return Value::Null,
    };
    match sum.checked_div(count.into()) {
        Some(average) => {
            codec.of_currency(Value::Decimal(average.round_dp(decimals + MORE_DECIMALS)))
        }
        None => Value::Null,
    }
}
