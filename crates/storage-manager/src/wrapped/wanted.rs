//! What a wrapper is asked for a request. It may give more than what is wanted, never less: what
//! it gives is asked again, by the whole statement.

use caruso_expression::{Checked, Comparison, Typed, TypedKind, Value};
use caruso_object_model::{AttributeType, Class, Member, key};

use super::source::Having;
use crate::compile::Plans;
use crate::federation::{Found, Reached};
use crate::plan::{Plan, text};

/// What is known of the objects that a statement is about.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wanted<'a> {
    /// Their keys.
    pub(crate) keys: Option<&'a [String]>,
    /// What is true of them, and what other databases say to that.
    pub(crate) filter: Option<(&'a Checked, &'a Found)>,
    /// Where they lead to.
    pub(crate) link: Option<&'a Reached<'a>>,
}

/// What a wrapper is asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ask {
    /// Objects by their keys.
    Keys(Vec<String>),
    /// Objects that have some values.
    Having(Having),
}

impl<'a> Wanted<'a> {
    /// The objects of these keys.
    pub(crate) fn keys(keys: &'a [String]) -> Self {
        Self { keys: Some(keys), ..Self::default() }
    }

    /// The objects of which this is true.
    pub(crate) fn filter(condition: &'a Checked, found: &'a Found) -> Self {
        Self { filter: Some((condition, found)), ..Self::default() }
    }

    /// The objects that lead to some.
    pub(crate) fn link(link: &'a Reached<'a>) -> Self {
        Self { link: Some(link), ..Self::default() }
    }

    /// What the wrapper of a class is asked for them.
    pub(crate) fn ask(&self, plans: &Plans, plan: &Plan) -> Ask {
        if let Some(keys) = self.keys {
            return Ask::Keys(keys.to_vec());
        }
        let mut facts = Facts { plans, class: &plan.class, having: Having::new(), keys: None };
        if let Some(link) = self.link {
            facts.leads(link.path, &link.keys);
        }
        if let Some((condition, found)) = self.filter {
            facts.learn(condition.root(), found);
        }
        if let Some(keys) = facts.keys.take().or_else(|| facts.own_keys()) {
            return Ask::Keys(keys);
        }
        let searches: Vec<&str> = plan.class.searches().collect();
        facts.having.retain(|name, _| searches.contains(&name.as_str()));
        Ask::Having(facts.having)
    }
}

/// What is true of every object that is wanted: of each name, it has one of some values.
struct Facts<'a> {
    plans: &'a Plans,
    class: &'a Class,
    having: Having,
    keys: Option<Vec<String>>,
}

impl Facts<'_> {
    fn learn(&mut self, node: &Typed, found: &Found) {
        if let Some(answer) = found.answer(node) {
            match answer.object.as_ref().map(|object| &object.kind) {
                _ if answer.is_outside => {}
                None => self.keys = Some(answer.keys.clone()),
                Some(TypedKind::Variable(name)) => self.leads(name, &answer.keys),
                Some(_) => {}
            }
            return;
        }
        match &node.kind {
            TypedKind::And(parts) => parts.iter().for_each(|part| self.learn(part, found)),
            TypedKind::IsTrue(operand) => self.learn(operand, found),
            TypedKind::Variable(name) => self.has(name, &[Value::Bool(true)]),
            TypedKind::Compare(Comparison::Equal, left, right) => match (&left.kind, &right.kind) {
                (_, TypedKind::Literal(value)) => self.is_one_of(left, from_ref(value)),
                (TypedKind::Literal(value), _) => self.is_one_of(right, from_ref(value)),
                _ => {}
            },
            TypedKind::In(element, list) => {
                if let TypedKind::Literal(Value::List(values)) = &list.kind {
                    self.is_one_of(element, values);
                }
            }
            _ => {}
        }
    }

    /// A value is one of some.
    fn is_one_of(&mut self, node: &Typed, values: &[Value]) {
        match &node.kind {
            TypedKind::Variable(name) => self.has(name, values),
            TypedKind::Member(object, attribute) => {
                let TypedKind::Variable(relation) = &object.kind else { return };
                let Some(Member::ToOne(to_one)) = self.class.member(relation) else { return };
                let key = self.plans.get(&to_one.class).and_then(|it| it.class.single_key());
                if key.is_some_and(|key| key.name == *attribute) {
                    self.leads(relation, &values.iter().map(text).collect::<Vec<_>>());
                }
            }
            _ => {}
        }
    }

    fn has(&mut self, name: &str, values: &[Value]) {
        let Some(Member::Attribute(attribute)) = self.class.member(name) else { return };
        if values.iter().all(|value| is_of(&attribute.ty, value)) {
            self.having.entry(name.to_owned()).or_insert_with(|| values.to_vec());
        }
    }

    fn leads(&mut self, relation: &str, keys: &[String]) {
        if let Some(Member::ToOne(_)) = self.class.member(relation) {
            let keys = || keys.iter().map(|key| Value::from(key.as_str())).collect();
            self.having.entry(relation.to_owned()).or_insert_with(keys);
        }
    }

    /// The keys, where they follow from what the objects have.
    fn own_keys(&self) -> Option<Vec<String>> {
        if let Some(single) = self.class.single_key() {
            return Some(self.having.get(&single.name)?.iter().map(text).collect());
        }
        let part = |name: &str| match self.having.get(name)?.as_slice() {
            [only] => Some(text(only)),
            _ => None,
        };
        let parts = self.class.keys().map(|it| part(&it.name)).collect::<Option<Vec<_>>>()?;
        Some(vec![key::join(&parts)])
    }
}

/// True when a wrapper can tell whether an attribute is this value. Numbers are written in several
/// ways, and so are points in time.
fn is_of(ty: &AttributeType, value: &Value) -> bool {
    matches!(
        (ty, value),
        (AttributeType::Bool, Value::Bool(_))
            | (AttributeType::Int, Value::Int(_))
            | (AttributeType::Text(_) | AttributeType::Choice(_), Value::Text(_))
            | (AttributeType::Date, Value::Date(_))
    )
}

fn from_ref(value: &Value) -> &[Value] {
    std::slice::from_ref(value)
}
