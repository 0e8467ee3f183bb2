//! The parts of a condition that are about objects in other databases.
//!
//! A part is a condition by itself, in which everything that belongs to a row is reached through
//! one relation that leads out of the database. It becomes a condition over the class out there;
//! the keys that it gives are what the relation must lead to.

use std::collections::BTreeMap;

use caruso_expression::{Budget, Checked, Each, Type, Typed, TypedKind, Value};
use caruso_object_model::Member;

use crate::compile::Plans;
use crate::error::Error;
use crate::plan::Plan;

/// A part of a condition that is about objects in another database.
#[derive(Debug)]
pub(crate) struct Part<'p> {
    /// The nodes of the condition that it is.
    pub(crate) nodes: Vec<Typed>,
    /// The object here whose key, or whose relation, is among the keys; the row itself without one.
    pub(crate) object: Option<Typed>,
    /// Which keys are wanted of the objects out there.
    pub(crate) wanted: Wanted<'p>,
    /// The class out there.
    pub(crate) plan: &'p Plan,
    /// The condition over it.
    pub(crate) condition: Checked,
    /// True when the object here is wanted whose key is not among the keys.
    pub(crate) is_outside: bool,
}

/// Which keys are wanted of objects out there.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted<'p> {
    /// Their own.
    Own,
    /// Those that they lead back to, by a relation to many of this class here.
    Back(&'p caruso_object_model::ToMany),
}

/// The parts of a condition over a class that are about other databases.
///
/// # Errors
///
/// [`Error::Filter`] where values of several databases stand in one comparison.
pub(crate) fn parts<'p>(
    plans: &'p Plans,
    plan: &'p Plan,
    condition: &Checked,
) -> Result<Vec<Part<'p>>, Error> {
    let mut search = Search { plans, plan, depth: 0, is_key_here: true, found: Vec::new() };
    search.condition(condition.root())?;
    Ok(search.found)
}

struct Search<'p> {
    plans: &'p Plans,
    plan: &'p Plan,
    /// How many rows of enclosing macros are in sight.
    depth: usize,
    /// Whether the key of an object out there is here, in the relation.
    is_key_here: bool,
    found: Vec<Part<'p>>,
}

impl<'p> Search<'p> {
    fn condition(&mut self, node: &Typed) -> Result<(), Error> {
        if let Some(object) = self.way(node) {
            return self.through_one(object, node.clone(), vec![node.clone()]);
        }
        match &node.kind {
            TypedKind::And(parts) | TypedKind::Or(parts) => self.several(node, parts),
            TypedKind::Not(operand) | TypedKind::IsTrue(operand) => self.condition(operand),
            TypedKind::Each(each @ (Each::Exists | Each::All), list, body) => {
                if self.is_elsewhere(&list.ty) {
                    return self.through_many(node, *each, list, body);
                }
                self.depth += 1;
                let found = self.condition(body);
                self.depth -= 1;
                found
            }
            _ if self.reached(node).iter().any(Option::is_some) => Err(mixed(node)),
            _ => Ok(()),
        }
    }

    /// Conditions of which those that go the same way are asked together.
    fn several(&mut self, node: &Typed, parts: &[Typed]) -> Result<(), Error> {
        let mut ways: Vec<(Typed, Vec<Typed>)> = Vec::new();
        for part in parts {
            let Some(object) = self.way(part) else {
                self.condition(part)?;
                continue;
            };
            match ways.iter_mut().find(|(known, _)| is_same(known, object)) {
                Some((_, together)) => together.push(part.clone()),
                None => ways.push((object.clone(), vec![part.clone()])),
            }
        }
        for (object, together) in ways {
            let kind = match node.kind {
                TypedKind::Or(_) => TypedKind::Or(together.clone()),
                _ => {
                    // what is said of its key can be asked here; there it leaves fewer
                    let with_keys = Self { is_key_here: false, found: Vec::new(), ..*self };
                    let is_of_key = |part: &&Typed| {
                        let way = with_keys.way(part);
                        self.way(part).is_none() && way.is_some_and(|it| is_same(it, &object))
                    };
                    let of_key = parts.iter().filter(is_of_key).cloned();
                    TypedKind::And(together.iter().cloned().chain(of_key).collect())
                }
            };
            let whole = Typed { at: node.at.clone(), ty: Type::Bool, kind };
            self.through_one(&object, whole, together)?;
        }
        Ok(())
    }

    /// A part whose values are all reached through an object out there.
    fn through_one(
        &mut self,
        object: &Typed,
        mut whole: Typed,
        nodes: Vec<Typed>,
    ) -> Result<(), Error> {
        let Some(plan) = self.class_of(&object.ty) else { return Ok(()) };
        rename(&mut whole, &|it| is_same(it, object), self.depth);
        // what holds of no object at all holds but for those that break it
        let nothing = BTreeMap::new();
        let of_nothing = Checked::of_part(whole.clone()).evaluate(&nothing, Budget::default());
        let is_outside = of_nothing == Ok(Value::Bool(true));
        let condition = if is_outside { negated(whole) } else { Checked::of_part(whole) };
        let (object, wanted) = (Some(object.clone()), Wanted::Own);
        self.found.push(Part { nodes, object, wanted, plan, condition, is_outside });
        Ok(())
    }

    /// A part about the objects of a relation to many that leads out.
    fn through_many(
        &mut self,
        node: &Typed,
        each: Each,
        list: &Typed,
        body: &Typed,
    ) -> Result<(), Error> {
        if !self.reached(body).is_empty() {
            return Err(mixed(node));
        }
        let (object, name) = match &list.kind {
            TypedKind::Member(object, name) => (Some((**object).clone()), name),
            TypedKind::Variable(name) => (None, name),
            _ => return Ok(()),
        };
        let own = match &object {
            Some(object) => self.class_of(&object.ty),
            None => Some(self.plan),
        };
        let relation = own.and_then(|plan| plan.class.member(name));
        let (Some(Member::ToMany(relation)), Some(plan)) =
            (relation, self.plans.get(relation_class(list)))
        else {
            return Ok(());
        };
        let mut root = body.clone();
        let depth = self.depth;
        rename(&mut root, &|it| matches!(it.kind, TypedKind::Local(at) if at == depth), depth + 1);
        let is_outside = each == Each::All;
        let condition = if is_outside { negated(root) } else { Checked::of_part(root) };
        let (nodes, wanted) = (vec![node.clone()], Wanted::Back(relation));
        self.found.push(Part { nodes, object, wanted, plan, condition, is_outside });
        Ok(())
    }

    /// The one object out there that all values of a condition are reached through.
    fn way<'t>(&self, node: &'t Typed) -> Option<&'t Typed> {
        let reached = self.reached(node).into_iter().collect::<Option<Vec<_>>>()?;
        let (first, others) = reached.split_first()?;
        others.iter().all(|it| is_same(it, first)).then_some(*first)
    }

    /// For each value of a row from before, the object out there that it is reached through, or
    /// `None` if it is here. The rows of macros within the node are not from before.
    fn reached<'t>(&self, node: &'t Typed) -> Vec<Option<&'t Typed>> {
        match &node.kind {
            TypedKind::Variable(_) | TypedKind::Local(_) | TypedKind::Member(..) => {
                match first(node).kind {
                    TypedKind::Local(at) if at >= self.depth => Vec::new(),
                    _ => vec![self.leaving(node)],
                }
            }
            _ => node.children().into_iter().flat_map(|child| self.reached(child)).collect(),
        }
    }

    /// The first object out there that a value is reached through.
    fn leaving<'t>(&self, node: &'t Typed) -> Option<&'t Typed> {
        let TypedKind::Member(object, name) = &node.kind else { return None };
        let is_key = || self.class_of(&object.ty).is_some_and(|plan| plan.class.is_key(name));
        let leaves = || self.is_elsewhere(&object.ty) && !(self.is_key_here && is_key());
        self.leaving(object).or_else(|| leaves().then_some(&**object))
    }

    fn is_elsewhere(&self, ty: &Type) -> bool {
        self.class_of(ty).is_some_and(|plan| !plan.class.is_beside(&self.plan.class))
    }

    fn class_of(&self, ty: &Type) -> Option<&'p Plan> {
        match ty.present() {
            Type::Object(class) => self.plans.get(&**class),
            Type::List(of) => self.class_of(of),
            _ => None,
        }
    }
}

/// What a path of members begins with.
fn first(node: &Typed) -> &Typed {
    match &node.kind {
        TypedKind::Member(object, _) => first(object),
        _ => node,
    }
}

/// The class that a list is of.
fn relation_class(list: &Typed) -> &str {
    match list.ty.present() {
        Type::List(of) => match of.present() {
            Type::Object(class) => class,
            _ => "",
        },
        _ => "",
    }
}

/// Puts the members of an object in the place of that object's members; rows of macros are counted
/// from so many fewer on.
fn rename(node: &mut Typed, is_object: &dyn Fn(&Typed) -> bool, fewer: usize) {
    match &mut node.kind {
        TypedKind::Member(object, name) if is_object(object) => {
            node.kind = TypedKind::Variable(std::mem::take(name));
        }
        TypedKind::IsPresent(object) if is_object(object) => {
            node.kind = TypedKind::Literal(Value::Bool(true));
        }
        TypedKind::Local(at) => *at = at.saturating_sub(fewer),
        _ => {
            let children = node.children_mut().into_iter();
            children.for_each(|child| rename(child, is_object, fewer));
        }
    }
}

/// True when two nodes mean the same object, wherever they stand.
fn is_same(one: &Typed, other: &Typed) -> bool {
    match (&one.kind, &other.kind) {
        (TypedKind::Variable(one), TypedKind::Variable(other)) => one == other,
        (TypedKind::Local(one), TypedKind::Local(other)) => one == other,
        (TypedKind::Member(one, name), TypedKind::Member(other, named)) => {
            name == named && is_same(one, other)
        }
        _ => false,
    }
}

fn negated(condition: Typed) -> Checked {
    let (at, ty) = (condition.at.clone(), Type::Bool);
    Checked::of_part(Typed { at, ty, kind: TypedKind::Not(Box::new(condition)) })
}

fn mixed(node: &Typed) -> Error {
    let at = node.at.start;
    let message = format!("at {at}: values of several databases do not compare with each other");
    Error::Filter(vec![message])
}
