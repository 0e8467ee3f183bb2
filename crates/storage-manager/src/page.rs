//! Queries and pages: order, the place where a page ended, and its token.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use caruso_database::{Codec, Raw, dialect};
use caruso_expression::Value;
use caruso_object_model::AttributeType;
use sea_orm::QueryResult;
use sea_orm::sea_query::{
    CaseStatement, Expr, ExprTrait, Func, OrderedStatement, SelectStatement, Value as Cell,
};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use crate::compile::{Operand, only_where};
use crate::error::Error;
use crate::plan::{Plan, ROOT, StoredObject};
use crate::prepared::{Slot, Slots};
use crate::rights::Sight;

/// The most objects of a page.
pub(crate) const MAX_PAGE_SIZE: u32 = 500;
/// The objects of a page when nothing is said.
pub(crate) const DEFAULT_PAGE_SIZE: u32 = 50;

/// A request for objects of a class.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// The class.
    pub class: String,
    /// An expression over its members; empty means all.
    pub filter: String,
    /// Values for names that start with `argument.` in the filter.
    pub arguments: BTreeMap<String, Value>,
    /// If set, only objects that lead to this one.
    pub link: Option<Link>,
    /// Attributes to order by; the key decides among equals.
    pub order: Vec<Order>,
    /// 1 to 500; 0 means 50.
    pub page_size: u32,
    /// From the page before; empty for the first.
    pub page_token: String,
    /// Whether all objects that satisfy the filter are counted, too.
    pub wants_count: bool,
    /// Whether a large table may be searched without an index.
    pub allows_scan: bool,
}

/// An object that others lead to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Link {
    /// Relations to one, joined by dots.
    pub path: String,
    /// The key of the object that the last of them leads to.
    pub key: String,
}

/// One attribute to order by. Missing values come last, either way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Order {
    /// The attribute.
    pub attribute: String,
    /// The largest first.
    pub is_descending: bool,
}

/// A page of objects.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T = StoredObject> {
    /// In the order asked for.
    pub objects: Vec<T>,
    /// For the next page; empty on the last one.
    pub next_page_token: String,
    /// How many there are on all pages, if that was wanted; 10,000 stands for that many or more.
    pub count: Option<u32>,
}

/// What the rows are ordered by: expressions of SQL, the key last.
#[derive(Debug, Clone)]
pub(crate) struct Ordering {
    terms: Vec<Term>,
}

#[derive(Debug, Clone)]
struct Term {
    expr: Expr,
    codec: Codec,
    is_nullable: bool,
    is_descending: bool,
}

/// Where a page ended: the cells of the terms in its last row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Place(Vec<Raw>);

impl Place {
    /// The cell of a term.
    pub(crate) fn cell(&self, term: usize) -> Option<&Raw> {
        self.0.get(term)
    }

    /// Which cells are missing.
    pub(crate) fn missing(&self) -> Vec<bool> {
        self.0.iter().map(|raw| *raw == Raw::Null).collect()
    }
}

impl Ordering {
    /// By the key alone.
    pub(crate) fn by_key(plan: &Plan) -> Self {
        // what is not stored in its order still has one
        let term = |place: &usize| {
            let Operand { expr, codec } = plan.operand(ROOT, *place);
            Term { expr, codec, is_nullable: false, is_descending: false }
        };
        Self { terms: plan.key.iter().map(term).collect() }
    }

    pub(crate) fn new(plan: &Plan, order: &[Order], sight: &Sight) -> Result<Self, Error> {
        let mut terms = Vec::new();
        for order in order {
            let name = &order.attribute;
            if let Some((_, operand)) = sight.asked().find(|(asked, _)| asked == name) {
                let is_descending = order.is_descending;
                terms.push(Term::new(plan, name, operand.clone(), true, is_descending)?);
                continue;
            }
            let member = plan.member(name).ok_or_else(|| plan.unknown(name))?;
            if plan.has_currencies(member) {
                return Err(plan.several_currencies(name, "have no order"));
            }
            let columns = plan.columns_of(member).iter();
            for (column, operand) in columns.zip(plan.operands(ROOT, member)) {
                let Operand { expr, codec } = operand;
                let seen = sight.of_member(name);
                let leads = plan.is_kind(ROOT, member);
                // what two columns make may mean nothing, whatever each of them holds
                let is_nullable = column.is_nullable
                    || member.pair.is_some()
                    || seen.is_some()
                    || leads.is_some();
                let shown = seen.cloned().into_iter().chain(leads).reduce(Expr::and);
                let operand = Operand { expr: only_where(shown, expr), codec };
                let is_descending = order.is_descending;
                terms.push(Term::new(plan, &column.name, operand, is_nullable, is_descending)?);
            }
        }
        terms.extend(Self::by_key(plan).terms);
        Ok(Self { terms })
    }

    /// Orders a statement, and adds the terms to what it selects.
    pub(crate) fn apply(&self, select: &mut SelectStatement) {
        select.exprs(self.terms.iter().map(|term| term.expr.clone()));
        self.order(select);
    }

    /// Orders a statement or a window.
    pub(crate) fn order(&self, statement: &mut impl OrderedStatement) {
        use sea_orm::sea_query::Order::{Asc, Desc};
        for term in &self.terms {
            if term.is_nullable {
                statement.order_by_expr(term.expr.clone().is_null(), Asc);
            }
            let order = if term.is_descending { Desc } else { Asc };
            statement.order_by_expr(term.expr.clone(), order);
        }
    }

    /// The place of a row whose first cells are something else.
    pub(crate) fn place(&self, row: &QueryResult, first: usize) -> Option<Place> {
        let cells = self.terms.iter().enumerate();
        let cells = cells.map(|(index, term)| term.codec.read(row, first + index).ok());
        cells.collect::<Option<_>>().map(Place)
    }

    /// The rows behind a place: larger in some term and equal in those before it.
    /// With slots, the cells of the place are left to the request.
    pub(crate) fn behind(&self, place: &Place, slots: Option<&Slots>) -> Result<Expr, Error> {
        if place.0.len() != self.terms.len() {
            return Err(Error::PageToken);
        }
        let mut equal: Option<Expr> = None;
        let mut behind: Option<Expr> = None;
        for (index, (term, raw)) in self.terms.iter().zip(&place.0).enumerate() {
            let cell = match (raw, slots) {
                (Raw::Null, _) => None,
                (_, Some(slots)) => Some(slots.marker(Slot::Place(index, term.codec.clone()))),
                (raw, None) => Some(term.codec.cell(raw.clone()).ok_or(Error::PageToken)?),
            };
            let (is_equal, is_behind) = term.split(cell);
            if let Some(is_behind) = is_behind {
                let branch = match &equal {
                    Some(equal) => equal.clone().and(is_behind),
                    None => is_behind,
                };
                behind = Some(match behind {
                    Some(behind) => behind.or(branch),
                    None => branch,
                });
            }
            equal = Some(match equal {
                Some(equal) => equal.and(is_equal),
                None => is_equal,
            });
        }
        behind.ok_or(Error::PageToken)
    }
}

impl Term {
    /// A value in a form that sorts as values do: codes in the order of the model, what is no value
    /// last.
    fn new(
        plan: &Plan,
        name: &str,
        Operand { expr, codec }: Operand,
        is_nullable: bool,
        is_descending: bool,
    ) -> Result<Self, Error> {
        if !codec.is_ordered() {
            let message = format!("`{name}` is not stored in its order");
            return Err(Error::Filter(vec![message]));
        }
        let cell = |cell| dialect::parameter(&codec, cell);
        let expr = match codec.codes() {
            Some(codes) => {
                let mut case = CaseStatement::new();
                for (index, code) in codes.into_iter().enumerate() {
                    // written out, so that the place of a page is compared with a number
                    let exact = dialect::exact(plan.backend, codec.collation(), expr.clone());
                    case = case.case(exact.eq(cell(code)), Expr::cust(index.to_string()));
                }
                let codec = Codec::computed(plan.backend, &AttributeType::Int);
                let expr = dialect::as_integer(plan.backend, Expr::Case(Box::new(case)));
                return Ok(Self { expr, codec, is_nullable: true, is_descending });
            }
            None => codec.missing().into_iter().fold(expr, |expr, missing| {
                Func::cust("NULLIF").args([expr, cell(missing)]).into()
            }),
        };
        Ok(Self { expr, codec, is_nullable, is_descending })
    }

    /// The conditions that a row is equal to a cell, and that it is behind it, if any can be.
    fn split(&self, cell: Option<Cell>) -> (Expr, Option<Expr>) {
        let expr = || self.expr.clone();
        let Some(cell) = cell else { return (expr().is_null(), None) };
        let cell = dialect::parameter(&self.codec, cell);
        let beyond =
            if self.is_descending { expr().lt(cell.clone()) } else { expr().gt(cell.clone()) };
        let behind = if self.is_nullable { beyond.or(expr().is_null()) } else { beyond };
        (expr().eq(cell), Some(behind))
    }
}

impl Query {
    /// The page size in force.
    pub(crate) fn size(&self) -> Result<u32, Error> {
        match self.page_size {
            0 => Ok(DEFAULT_PAGE_SIZE),
            size @ 1..=MAX_PAGE_SIZE => Ok(size),
            _ => Err(Error::PageSize),
        }
    }

    /// What a token must have been made for: this query of this model.
    fn fingerprint(&self, model: &str) -> String {
        let mut hash = Sha256::new();
        let order = self.order.iter().map(|it| format!("{}{}", it.attribute, it.is_descending));
        let order: Vec<_> = order.collect();
        let arguments = crate::json::Attributes(&self.arguments);
        let link = self.link.as_ref().map(|link| [&link.path, &link.key]);
        let whole = json!([model, self.class, self.filter, arguments, order, link]);
        hash.update(whole.to_string());
        URL_SAFE_NO_PAD.encode(&hash.finalize()[..12])
    }

    /// The token of a place.
    pub(crate) fn token(&self, model: &str, place: &Place) -> String {
        let values = place.0.iter().map(crate::json::of_raw);
        let whole = json!([self.fingerprint(model), values.collect::<Vec<_>>()]);
        URL_SAFE_NO_PAD.encode(whole.to_string())
    }

    /// The place that the token of this query names; `None` without a token.
    pub(crate) fn place(&self, model: &str) -> Result<Option<Place>, Error> {
        if self.page_token.is_empty() {
            return Ok(None);
        }
        let bytes = URL_SAFE_NO_PAD.decode(&self.page_token).map_err(|_| Error::PageToken)?;
        let whole: Json = serde_json::from_slice(&bytes).map_err(|_| Error::PageToken)?;
        if whole.get(0).and_then(Json::as_str) != Some(&self.fingerprint(model)) {
            return Err(Error::PageToken);
        }
        let values = whole.get(1).and_then(Json::as_array).ok_or(Error::PageToken)?;
        let values = values.iter().map(crate::json::to_raw).collect::<Option<_>>();
        values.map(|values| Some(Place(values))).ok_or(Error::PageToken)
    }
}
