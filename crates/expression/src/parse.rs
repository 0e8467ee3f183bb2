//! Tokens into a tree, by precedence climbing.
//!
//! Limits come first: the length of the source before anything is read, the depth while it is
//! read (so that no recursion is deeper than [`MAX_DEPTH`]), the number of nodes as they arise.

use std::ops::Range;

use crate::Error;
use crate::lex::{Token, TokenKind, tokens};
use crate::tree::{Expression, Kind, Literal, Node, Operator};

/// The longest source that is read.
pub const MAX_SOURCE_BYTES: usize = 4 * 1024;
/// The most nodes a tree may have.
pub const MAX_NODES: usize = 1_000;
/// The deepest tree; a chain of `and` or of `or` counts once, however long.
pub const MAX_DEPTH: usize = 48;

/// Parses an expression.
///
/// # Errors
///
/// The first mistake: source, depth or size over the limit
/// ([`codes::LIMIT`](crate::codes::LIMIT)), or text that is no expression
/// ([`codes::SYNTAX`](crate::codes::SYNTAX)).
pub fn parse(source: &str) -> Result<Expression, Error> {
    if source.len() > MAX_SOURCE_BYTES {
        let message = format!("the expression is longer than {MAX_SOURCE_BYTES} bytes");
        return Err(Error::limit(&(0..source.len()), message));
    }
    let mut parser = Parser { tokens: tokens(source)?, next: 0, nesting: 0, nodes: 0 };
    let built = parser.expression(LOWEST)?;
    match parser.peek() {
        TokenKind::End => Ok(Expression { root: built.node }),
        _ => Err(parser.unexpected("the end")),
    }
}

/// True for words that are operators or constants and so cannot be names.
pub(crate) fn is_reserved(word: &str) -> bool {
    matches!(word, "true" | "false" | "null" | "not") || infix(word).is_some()
}

const LOWEST: u8 = 1;
const CONDITIONAL: u8 = 1;
const OR: u8 = 2;
const AND: u8 = 3;
const NOT_WORD: u8 = 4;
const COMPARISON: u8 = 5;
const SUM: u8 = 6;
const PRODUCT: u8 = 7;
const SIGN: u8 = 8;

#[derive(Clone, Copy)]
enum Infix {
    And,
    Or,
    Binary(Operator),
}

/// The operator that a symbol or word stands for, and how tightly it binds.
fn infix(written: &str) -> Option<(Infix, u8)> {
    let found = match written {
        "||" | "or" => (Infix::Or, OR),
        "&&" | "and" => (Infix::And, AND),
        "==" | "eq" => (Infix::Binary(Operator::Equal), COMPARISON),
        "!=" | "ne" => (Infix::Binary(Operator::NotEqual), COMPARISON),
        "<" | "lt" => (Infix::Binary(Operator::Less), COMPARISON),
        "<=" | "le" => (Infix::Binary(Operator::LessOrEqual), COMPARISON),
        ">" | "gt" => (Infix::Binary(Operator::Greater), COMPARISON),
        ">=" | "ge" => (Infix::Binary(Operator::GreaterOrEqual), COMPARISON),
        "in" => (Infix::Binary(Operator::In), COMPARISON),
        "+" => (Infix::Binary(Operator::Add), SUM),
        "-" => (Infix::Binary(Operator::Subtract), SUM),
        "*" => (Infix::Binary(Operator::Multiply), PRODUCT),
        "/" => (Infix::Binary(Operator::Divide), PRODUCT),
        "%" => (Infix::Binary(Operator::Remainder), PRODUCT),
        _ => return None,
    };
    Some(found)
}

/// A node and the depth of the tree below it.
struct Built {
    node: Node,
    depth: usize,
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    nesting: usize,
    nodes: usize,
}

impl Parser {
    fn token(&self) -> &Token {
        &self.tokens[self.next]
    }

    fn peek(&self) -> &TokenKind {
        &self.token().kind
    }

    /// Steps over a token; the end is never stepped over.
    fn advance(&mut self) -> Token {
        let token = self.token().clone();
        if token.kind != TokenKind::End {
            self.next += 1;
        }
        token
    }

    fn is_at(&self, symbol: &str) -> bool {
        matches!(self.peek(), TokenKind::Symbol(found) if *found == symbol)
    }

    fn eat(&mut self, symbol: &str) -> bool {
        let is_there = self.is_at(symbol);
        if is_there {
            self.next += 1;
        }
        is_there
    }

    fn expect(&mut self, symbol: &'static str) -> Result<Range<usize>, Error> {
        if self.is_at(symbol) {
            Ok(self.advance().at)
        } else {
            Err(self.unexpected(&format!("`{symbol}`")))
        }
    }

    fn unexpected(&self, wanted: &str) -> Error {
        let found = match self.peek() {
            TokenKind::End => "the expression ends".to_owned(),
            TokenKind::Symbol(symbol) => format!("`{symbol}` stands"),
            TokenKind::Word(word) => format!("`{word}` stands"),
            TokenKind::Text(_) => "a text stands".to_owned(),
            TokenKind::Int(_) | TokenKind::Decimal(_) => "a number stands".to_owned(),
        };
        Error::syntax(&self.token().at, format!("{found} where {wanted} is expected"))
    }

    fn build(&mut self, at: Range<usize>, kind: Kind, below: usize) -> Result<Built, Error> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            let message = format!("the expression has more than {MAX_NODES} parts");
            return Err(Error::limit(&at, message));
        }
        if below >= MAX_DEPTH {
            return Err(too_deep(&at));
        }
        Ok(Built { node: Node { at, kind }, depth: below + 1 })
    }

    fn expression(&mut self, tightest: u8) -> Result<Built, Error> {
        if self.nesting >= MAX_DEPTH {
            return Err(too_deep(&self.token().at));
        }
        self.nesting += 1;
        let built = self.climb(tightest);
        self.nesting -= 1;
        built
    }

    fn climb(&mut self, lowest: u8) -> Result<Built, Error> {
        let mut left = self.prefix(lowest)?;
        loop {
            if lowest <= CONDITIONAL && self.eat("?") {
                left = self.conditional(left)?;
                continue;
            }
            let operator = match self.peek() {
                TokenKind::Symbol(symbol) => infix(symbol),
                TokenKind::Word(word) => infix(word),
                _ => None,
            };
            match operator {
                Some((operator, power)) if power >= lowest => {
                    self.advance();
                    let right = self.expression(power + 1)?;
                    left = self.join(operator, left, right)?;
                }
                _ => return Ok(left),
            }
        }
    }

    fn conditional(&mut self, condition: Built) -> Result<Built, Error> {
        let then = self.expression(OR)?;
        self.expect(":")?;
        let otherwise = self.expression(CONDITIONAL)?;
        let at = condition.node.at.start..otherwise.node.at.end;
        let below = condition.depth.max(then.depth).max(otherwise.depth);
        let parts = [condition.node, then.node, otherwise.node];
        self.build(at, Kind::Conditional(Box::new(parts)), below)
    }

    fn join(&mut self, operator: Infix, left: Built, right: Built) -> Result<Built, Error> {
        let at = left.node.at.start..right.node.at.end;
        let below = left.depth.max(right.depth);
        match operator {
            Infix::Binary(operator) => {
                let kind = Kind::Binary(operator, Box::new(left.node), Box::new(right.node));
                self.build(at, kind, below)
            }
            Infix::And => self.chain(at, left, right, Kind::And, |kind| match kind {
                Kind::And(parts) => Ok(parts),
                other => Err(other),
            }),
            Infix::Or => self.chain(at, left, right, Kind::Or, |kind| match kind {
                Kind::Or(parts) => Ok(parts),
                other => Err(other),
            }),
        }
    }

    /// Joins two sides into one flat chain, so that long chains are not deep.
    fn chain(
        &mut self,
        at: Range<usize>,
        left: Built,
        right: Built,
        make: fn(Vec<Node>) -> Kind,
        parts_of: fn(Kind) -> Result<Vec<Node>, Kind>,
    ) -> Result<Built, Error> {
        let mut parts = Vec::new();
        let mut below = 0;
        for side in [left, right] {
            match parts_of(side.node.kind) {
                Ok(chained) => {
                    parts.extend(chained);
                    below = below.max(side.depth - 1);
                }
                Err(kind) => {
                    parts.push(Node { at: side.node.at, kind });
                    below = below.max(side.depth);
                }
            }
        }
        self.build(at, make(parts), below)
    }

    fn prefix(&mut self, lowest: u8) -> Result<Built, Error> {
        let start = self.token().at.start;
        match self.peek() {
            TokenKind::Symbol("!") => {
                self.advance();
                let operand = self.expression(SIGN)?;
                self.wrap(start, operand, Kind::Not)
            }
            TokenKind::Symbol("-") => {
                self.advance();
                if let Some(literal) = self.negative_literal(start)? {
                    return self.postfix(literal);
                }
                let operand = self.expression(SIGN)?;
                self.wrap(start, operand, Kind::Negate)
            }
            TokenKind::Word(word) if word == "not" => {
                if lowest > NOT_WORD {
                    let error = Error::syntax(&self.token().at, "`not` needs parentheses here");
                    return Err(error.hint("write `(not …)`"));
                }
                self.advance();
                let operand = self.expression(NOT_WORD)?;
                self.wrap(start, operand, Kind::Not)
            }
            _ => {
                let primary = self.primary()?;
                self.postfix(primary)
            }
        }
    }

    fn wrap(
        &mut self,
        start: usize,
        operand: Built,
        make: fn(Box<Node>) -> Kind,
    ) -> Result<Built, Error> {
        let at = start..operand.node.at.end;
        self.build(at, make(Box::new(operand.node)), operand.depth)
    }

    /// A minus directly before a number belongs to the number, so that the smallest one exists.
    fn negative_literal(&mut self, start: usize) -> Result<Option<Built>, Error> {
        let at = start..self.token().at.end;
        let literal = match *self.peek() {
            TokenKind::Int(number) => match 0_i64.checked_sub_unsigned(number) {
                Some(number) => Literal::Int(number),
                None => return Err(too_large(&at)),
            },
            TokenKind::Decimal(number) => Literal::Decimal(-number),
            _ => return Ok(None),
        };
        self.advance();
        self.build(at, Kind::Literal(literal), 0).map(Some)
    }

    fn primary(&mut self) -> Result<Built, Error> {
        let Token { at, kind } = self.token().clone();
        let kind = match kind {
            TokenKind::Int(number) => match i64::try_from(number) {
                Ok(number) => Kind::Literal(Literal::Int(number)),
                Err(_) => return Err(too_large(&at)),
            },
            TokenKind::Decimal(number) => Kind::Literal(Literal::Decimal(number)),
            TokenKind::Text(text) => Kind::Literal(Literal::Text(text)),
            TokenKind::Word(word) => match word.as_str() {
                "true" | "false" => Kind::Literal(Literal::Bool(word == "true")),
                "null" => Kind::Literal(Literal::Null),
                _ if is_reserved(&word) => return Err(self.unexpected("a value")),
                _ => return self.name(word),
            },
            TokenKind::Symbol("(") => {
                self.advance();
                let inner = self.expression(LOWEST)?;
                self.expect(")")?;
                return Ok(inner);
            }
            TokenKind::Symbol("[") => {
                self.advance();
                let (parts, below, end) = self.arguments("]")?;
                return self.build(at.start..end, Kind::List(parts), below);
            }
            TokenKind::Symbol(_) | TokenKind::End => return Err(self.unexpected("a value")),
        };
        self.advance();
        self.build(at, kind, 0)
    }

    fn name(&mut self, name: String) -> Result<Built, Error> {
        let name_at = self.advance().at;
        if !self.eat("(") {
            return self.build(name_at, Kind::Name(name), 0);
        }
        let (arguments, below, end) = self.arguments(")")?;
        let at = name_at.start..end;
        self.build(at, Kind::Call { receiver: None, name, name_at, arguments }, below)
    }

    fn postfix(&mut self, mut base: Built) -> Result<Built, Error> {
        loop {
            if self.is_at("[") {
                let error = Error::syntax(&self.token().at, "lists are not read by position");
                return Err(error.hint("ask with `in`, `exists` or `all`"));
            }
            if !self.eat(".") {
                return Ok(base);
            }
            let TokenKind::Word(name) = self.peek().clone() else {
                return Err(self.unexpected("a name"));
            };
            let name_at = self.advance().at;
            let start = base.node.at.start;
            let object = Box::new(base.node);
            base = if self.eat("(") {
                let (arguments, below, end) = self.arguments(")")?;
                let kind = Kind::Call { receiver: Some(object), name, name_at, arguments };
                self.build(start..end, kind, below.max(base.depth))?
            } else {
                self.build(start..name_at.end, Kind::Member(object, name), base.depth)?
            };
        }
    }

    /// Nodes between commas up to the closing bracket: nodes, depth below, end of the bracket.
    fn arguments(&mut self, close: &'static str) -> Result<(Vec<Node>, usize, usize), Error> {
        let mut parts = Vec::new();
        let mut below = 0;
        while !self.is_at(close) {
            let part = self.expression(LOWEST)?;
            below = below.max(part.depth);
            parts.push(part.node);
            if !self.eat(",") {
                break;
            }
        }
        let end = self.expect(close)?.end;
        Ok((parts, below, end))
    }
}

fn too_deep(at: &Range<usize>) -> Error {
    Error::limit(at, format!("the expression is nested deeper than {MAX_DEPTH}"))
}

fn too_large(at: &Range<usize>) -> Error {
    Error::syntax(at, "the number does not fit into 64 bits")
}
