//! Queries and pages: order, the place where a page ended, and its token.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use caruso_expression::Value;
use caruso_object_model::{AttributeType, Member};
use sea_orm::QueryResult;
use sea_orm::sea_query::{Alias, CaseStatement, Expr, ExprTrait, Value as Cell};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use crate::codec;
use crate::error::Error;
use crate::plan::{Plan, ROOT, StoredObject};

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
    /// Attributes to order by; the key decides among equals.
    pub order: Vec<Order>,
    /// 1 to 500; 0 means 50.
    pub page_size: u32,
    /// From the page before; empty for the first.
    pub page_token: String,
}

/// One attribute to order by. Missing values come last, either way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The attribute.
    pub attribute: String,
    /// The largest first.
    pub is_descending: bool,
}

/// A page of objects.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// In the order asked for.
    pub objects: Vec<StoredObject>,
    /// For the next page; empty on the last one.
    pub next_page_token: String,
}

/// What the rows are ordered by: expressions of SQL, the key last.
pub(crate) struct Ordering {
    terms: Vec<Term>,
}

struct Term {
    expr: Expr,
    is_number: bool,
    is_descending: bool,
}

/// Where a page ended: the values of the terms in its last row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Place(Vec<Option<PlaceValue>>);

#[derive(Debug, Clone, PartialEq)]
enum PlaceValue {
    Number(i64),
    Text(String),
}

impl Ordering {
    pub(crate) fn new(plan: &Plan, order: &[Order]) -> Result<Self, Error> {
        let key = Order { attribute: plan.class.key().name.clone(), is_descending: false };
        let mut terms = Vec::new();
        for order in order.iter().chain([&key]) {
            let name = &order.attribute;
            let is_single =
                matches!(plan.class.member(name), Some(Member::Attribute(_) | Member::ToOne(_)));
            let column = plan.column(name).filter(|_| is_single);
            let Some(column) = column else {
                let nearest = caruso_markup::nearest(name, plan.class.member_names());
                return Err(Error::UnknownAttribute {
                    class: plan.class.name.clone(),
                    name: name.clone(),
                    nearest: nearest.map(str::to_owned),
                });
            };
            let expr = Expr::col((ROOT, Alias::new(&column.column)));
            let (expr, is_number) = sortable(expr, &column.ty);
            terms.push(Term { expr, is_number, is_descending: order.is_descending });
        }
        Ok(Self { terms })
    }

    /// Orders a statement, and adds the terms to what it selects.
    pub(crate) fn apply(&self, select: &mut sea_orm::sea_query::SelectStatement) {
        use sea_orm::sea_query::Order::{Asc, Desc};
        for term in &self.terms {
            select.expr(term.expr.clone());
            select.order_by_expr(term.expr.clone().is_null(), Asc);
            let order = if term.is_descending { Desc } else { Asc };
            select.order_by_expr(term.expr.clone(), order);
        }
    }

    /// The place of a row whose first cells are something else.
    pub(crate) fn place(&self, row: &QueryResult, first: usize) -> Option<Place> {
        let values = self.terms.iter().enumerate().map(|(index, term)| {
            let index = first + index;
            if term.is_number {
                codec::number_cell(row, index).ok().map(|cell| cell.map(PlaceValue::Number))
            } else {
                codec::text_cell(row, index).ok().map(|cell| cell.map(PlaceValue::Text))
            }
        });
        values.collect::<Option<_>>().map(Place)
    }

    /// The rows behind a place: larger in some term and equal in those before it.
    pub(crate) fn behind(&self, place: &Place) -> Result<Expr, Error> {
        if place.0.len() != self.terms.len() {
            return Err(Error::PageToken);
        }
        let mut equal: Option<Expr> = None;
        let mut behind: Option<Expr> = None;
        for (term, value) in self.terms.iter().zip(&place.0) {
            let (is_equal, is_behind) = match value {
                None => (term.expr.clone().is_null(), None),
                Some(value) => {
                    let cell = value.cell();
                    let beyond = if term.is_descending {
                        term.expr.clone().lt(cell.clone())
                    } else {
                        term.expr.clone().gt(cell.clone())
                    };
                    let is_behind = beyond.or(term.expr.clone().is_null());
                    (term.expr.clone().eq(cell), Some(is_behind))
                }
            };
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

/// A column in a form that sorts as its values do: codes of a choice in the order of the model.
fn sortable(expr: Expr, ty: &AttributeType) -> (Expr, bool) {
    let codes: Vec<&String> = match ty {
        AttributeType::Bool(Some([yes, no])) => vec![no, yes],
        AttributeType::Choice(enumeration) => {
            enumeration.values.iter().map(|value| &value.stored).collect()
        }
        other => return (expr, codec::is_number(other)),
    };
    let mut case = CaseStatement::new();
    for (index, code) in codes.into_iter().enumerate() {
        // written out, so that the place of a page is compared with a number and not with text
        case = case.case(expr.clone().eq(code.clone()), Expr::cust(index.to_string()));
    }
    (case.into(), true)
}

impl PlaceValue {
    fn cell(&self) -> Cell {
        match self {
            Self::Number(number) => Cell::from(*number),
            Self::Text(text) => Cell::from(text.clone()),
        }
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
        let arguments = crate::json::of_attributes(&self.arguments);
        let whole = json!([model, self.class, self.filter, arguments, order]);
        hash.update(whole.to_string());
        URL_SAFE_NO_PAD.encode(&hash.finalize()[..12])
    }

    /// The token of a place.
    pub(crate) fn token(&self, model: &str, place: &Place) -> String {
        let values = place.0.iter().map(|value| match value {
            None => Json::Null,
            Some(PlaceValue::Number(number)) => json!(number),
            Some(PlaceValue::Text(text)) => json!(text),
        });
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
        let value = |json: &Json| match json {
            Json::Null => Some(None),
            Json::Number(number) => number.as_i64().map(|it| Some(PlaceValue::Number(it))),
            Json::String(text) => Some(Some(PlaceValue::Text(text.clone()))),
            _ => None,
        };
        let values = values.iter().map(value).collect::<Option<_>>();
        values.map(|values| Some(Place(values))).ok_or(Error::PageToken)
    }
}
