//! A checked expression with the names it reads.

use std::collections::BTreeSet;

use caruso_expression::{Budget, Checked, Type, Typed, TypedKind, Value, Values};

/// An expression of a script.
#[derive(Debug, Clone)]
pub(crate) struct Formula {
    checked: Checked,
    reads: BTreeSet<String>,
}

impl Formula {
    pub(crate) fn new(checked: Checked) -> Self {
        let mut reads = BTreeSet::new();
        collect(checked.root(), &mut reads);
        Self { checked, reads }
    }

    /// The names whose values can decide its own.
    pub(crate) fn reads(&self) -> &BTreeSet<String> {
        &self.reads
    }

    pub(crate) fn root(&self) -> &Typed {
        self.checked.root()
    }

    pub(crate) fn ty(&self) -> &Type {
        self.checked.type_of()
    }

    /// The name, if it is nothing but a name.
    pub(crate) fn bare_name(&self) -> Option<&str> {
        match &self.checked.root().kind {
            TypedKind::Variable(name) => Some(name),
            _ => None,
        }
    }

    /// Its value; missing where it has none, such as after a division by zero.
    pub(crate) fn value(&self, values: &dyn Values) -> Value {
        self.checked.evaluate(values, Budget::default()).unwrap_or(Value::Null)
    }

    pub(crate) fn is_true(&self, values: &dyn Values) -> bool {
        self.value(values) == Value::Bool(true)
    }
}

fn collect(node: &Typed, reads: &mut BTreeSet<String>) {
    match &node.kind {
        TypedKind::Variable(name) => {
            reads.insert(name.clone());
        }
        TypedKind::Literal(_) | TypedKind::Local(_) => {}
        TypedKind::List(parts) | TypedKind::And(parts) | TypedKind::Or(parts) => {
            parts.iter().for_each(|part| collect(part, reads));
        }
        TypedKind::Conditional(parts) => parts.iter().for_each(|part| collect(part, reads)),
        TypedKind::Member(inner, _)
        | TypedKind::Not(inner)
        | TypedKind::IsTrue(inner)
        | TypedKind::IsPresent(inner)
        | TypedKind::Negate(inner)
        | TypedKind::Size(inner)
        | TypedKind::Part(_, inner)
        | TypedKind::Convert(_, inner) => collect(inner, reads),
        TypedKind::Compare(_, left, right)
        | TypedKind::Text(_, left, right)
        | TypedKind::Arithmetic(_, left, right)
        | TypedKind::In(left, right)
        | TypedKind::OrElse(left, right)
        | TypedKind::Each(_, left, right) => {
            collect(left, reads);
            collect(right, reads);
        }
    }
}
