//! A tree back into text, in the symbols of CEL, with as few parentheses as it needs.

use std::fmt::{self, Formatter, Write};

use crate::tree::{Expression, Kind, Literal, Node, Operator};

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        node(f, self)
    }
}

/// How tightly a node binds; the same order as in the parser.
fn strength(kind: &Kind) -> u8 {
    match kind {
        Kind::Conditional(_) => 1,
        Kind::Or(_) => 2,
        Kind::And(_) => 3,
        Kind::Binary(operator, ..) => match operator {
            Operator::Add | Operator::Subtract => 6,
            Operator::Multiply | Operator::Divide | Operator::Remainder => 7,
            _ => 5,
        },
        Kind::Not(_) | Kind::Negate(_) => 8,
        Kind::Literal(Literal::Int(number)) if *number < 0 => 8,
        Kind::Literal(Literal::Decimal(number)) if number.is_sign_negative() => 8,
        _ => 9,
    }
}

/// Prints a node, in parentheses when it binds less tightly than its place needs.
fn part(f: &mut Formatter<'_>, inner: &Node, needs: u8) -> fmt::Result {
    if strength(&inner.kind) < needs {
        f.write_char('(')?;
        node(f, inner)?;
        f.write_char(')')
    } else {
        node(f, inner)
    }
}

fn node(f: &mut Formatter<'_>, node: &Node) -> fmt::Result {
    let own = strength(&node.kind);
    match &node.kind {
        Kind::Literal(literal) => print_literal(f, literal),
        Kind::List(parts) => {
            f.write_char('[')?;
            joined(f, parts, ", ", 1)?;
            f.write_char(']')
        }
        Kind::Name(name) => f.write_str(name),
        Kind::Member(object, name) => {
            part(f, object, 9)?;
            write!(f, ".{name}")
        }
        Kind::Not(operand) => {
            f.write_char('!')?;
            part(f, operand, own)
        }
        Kind::Negate(operand) => negate(f, operand),
        Kind::And(parts) => joined(f, parts, " && ", own + 1),
        Kind::Or(parts) => joined(f, parts, " || ", own + 1),
        Kind::Binary(operator, left, right) => {
            part(f, left, own)?;
            write!(f, " {} ", operator.symbol())?;
            part(f, right, own + 1)
        }
        Kind::Conditional(parts) => {
            part(f, &parts[0], own + 1)?;
            f.write_str(" ? ")?;
            part(f, &parts[1], own + 1)?;
            f.write_str(" : ")?;
            part(f, &parts[2], own)
        }
        Kind::Call { receiver, name, arguments, .. } => {
            if let Some(receiver) = receiver {
                part(f, receiver, 9)?;
                f.write_char('.')?;
            }
            write!(f, "{name}(")?;
            joined(f, arguments, ", ", 1)?;
            f.write_char(')')
        }
    }
}

/// A minus; a number behind it stands in parentheses, else the minus would belong to the number.
fn negate(f: &mut Formatter<'_>, operand: &Node) -> fmt::Result {
    f.write_char('-')?;
    let starts_with_number = {
        let mut first = operand;
        loop {
            match &first.kind {
                Kind::Member(object, _) => first = object,
                Kind::Call { receiver: Some(receiver), .. } => first = receiver,
                Kind::Literal(Literal::Int(_) | Literal::Decimal(_)) => break true,
                _ => break false,
            }
        }
    };
    part(f, operand, if starts_with_number { 10 } else { 8 })
}

fn joined(f: &mut Formatter<'_>, parts: &[Node], between: &str, needs: u8) -> fmt::Result {
    for (index, inner) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        part(f, inner, needs)?;
    }
    Ok(())
}

fn print_literal(f: &mut Formatter<'_>, literal: &Literal) -> fmt::Result {
    match literal {
        Literal::Null => f.write_str("null"),
        Literal::Bool(value) => write!(f, "{value}"),
        Literal::Int(number) => write!(f, "{number}"),
        Literal::Decimal(number) if number.scale() == 0 => write!(f, "{number}.0"),
        Literal::Decimal(number) => write!(f, "{number}"),
        Literal::Text(text) => print_text(f, text),
        Literal::Texts(texts) => {
            f.write_char('[')?;
            for (index, text) in texts.iter().enumerate() {
                f.write_str(if index == 0 { "" } else { ", " })?;
                print_text(f, text)?;
            }
            f.write_char(']')
        }
    }
}

fn print_text(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('\'')?;
    for c in text.chars() {
        match c {
            '\'' | '\\' => write!(f, "\\{c}")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('\'')
}
