//! The syntax tree, as parsed: names not yet looked up, nothing typed.

use std::ops::Range;

use rust_decimal::Decimal;

/// A parsed expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    pub(crate) root: Node,
}

impl Expression {
    /// The outermost node.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// Puts constants in place of every `object.name` that the function knows, so that values
    /// from elsewhere are never pasted into text. The checker reads them as if they were written.
    #[must_use]
    pub fn bind(mut self, object: &str, constant: &dyn Fn(&str) -> Option<Literal>) -> Self {
        bind(&mut self.root, object, constant);
        self
    }
}

fn bind(node: &mut Node, object: &str, constant: &dyn Fn(&str) -> Option<Literal>) {
    match &mut node.kind {
        Kind::Member(of, name) if matches!(&of.kind, Kind::Name(known) if known == object) => {
            if let Some(literal) = constant(name) {
                node.kind = Kind::Literal(literal);
            }
        }
        Kind::Literal(_) | Kind::Name(_) => {}
        Kind::Member(part, _) | Kind::Not(part) | Kind::Negate(part) => {
            bind(part, object, constant);
        }
        Kind::List(parts) | Kind::And(parts) | Kind::Or(parts) => {
            parts.iter_mut().for_each(|part| bind(part, object, constant));
        }
        Kind::Binary(_, left, right) => {
            bind(left, object, constant);
            bind(right, object, constant);
        }
        Kind::Conditional(parts) => {
            parts.iter_mut().for_each(|part| bind(part, object, constant));
        }
        Kind::Call { receiver, arguments, .. } => {
            let parts = receiver.iter_mut().map(|receiver| &mut **receiver);
            parts.chain(arguments).for_each(|part| bind(part, object, constant));
        }
    }
}

/// One node and its bytes in the source. Two nodes are equal when their kinds are, wherever
/// they stand.
#[derive(Debug, Clone)]
pub struct Node {
    /// Bytes of the source that the node covers.
    pub at: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

impl Eq for Node {}

/// The kinds of node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// `null`, `true`, `5`, `1.10`, `'text'`.
    Literal(Literal),
    /// `[a, b]`.
    List(Vec<Node>),
    /// A free name.
    Name(String),
    /// `object.name`.
    Member(Box<Node>, String),
    /// `!a`, `not a`.
    Not(Box<Node>),
    /// `-a`.
    Negate(Box<Node>),
    /// `a && b && c`: two or more, none of which is an `And`.
    And(Vec<Node>),
    /// `a || b || c`: two or more, none of which is an `Or`.
    Or(Vec<Node>),
    /// Any other operator between two operands.
    Binary(Operator, Box<Node>, Box<Node>),
    /// `condition ? then : otherwise`.
    Conditional(Box<[Node; 3]>),
    /// `name(arguments)` or `receiver.name(arguments)`; also the macros.
    Call {
        /// What stands before the dot, if anything.
        receiver: Option<Box<Node>>,
        /// The name as written.
        name: String,
        /// Bytes of the name alone.
        name_at: Range<usize>,
        /// What stands in the parentheses.
        arguments: Vec<Node>,
    },
}

/// A value written in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// `5`, `-5`, `0x1f`.
    Int(i64),
    /// `1.10`.
    Decimal(Decimal),
    /// `'text'`, `"text"`.
    Text(String),
    /// A list of texts, none too. Only [`Expression::bind`] puts it into a tree: what is written
    /// is a [`Kind::List`], which has no type of its own when it is empty.
    Texts(Vec<String>),
}

/// Operators with two operands, apart from `&&` and `||`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `==`, `eq`.
    Equal,
    /// `!=`, `ne`.
    NotEqual,
    /// `<`, `lt`.
    Less,
    /// `<=`, `le`.
    LessOrEqual,
    /// `>`, `gt`.
    Greater,
    /// `>=`, `ge`.
    GreaterOrEqual,
    /// `in`.
    In,
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `%`.
    Remainder,
}

impl Operator {
    /// The operator as CEL writes it.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}
