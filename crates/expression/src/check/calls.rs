//! Functions, methods and macros.

use std::ops::Range;

use super::calendar;
use super::operators::element_of;
use super::presence::path;
use super::{Checker, is_reserved, shown};
use crate::Error;
use crate::tree::{Kind, Literal, Node};
use crate::typed::{Conversion, Each, TextTest, Typed, TypedKind};
use crate::types::Type;

const FUNCTIONS: [&str; 5] = ["has", "int", "money", "size", "string"];
const METHODS: [&str; 9] =
    ["all", "contains", "endsWith", "exists", "filter", "map", "or", "size", "startsWith"];

/// The names of all functions, or of all methods.
fn names(are_methods: bool) -> impl Iterator<Item = &'static str> {
    let own: &[&str] = if are_methods { &METHODS } else { &FUNCTIONS };
    own.iter().copied().chain(calendar::names(are_methods))
}

/// A call as it stands in the tree, without its receiver.
pub(super) struct Call<'a> {
    pub(super) name: &'a str,
    pub(super) name_at: &'a Range<usize>,
    pub(super) arguments: &'a [Node],
}

impl Checker<'_> {
    pub(super) fn call(
        &mut self,
        call: &Call<'_>,
        receiver: Option<&Node>,
        want: Option<&Type>,
    ) -> Option<(Type, TypedKind)> {
        let Some(receiver) = receiver else {
            return self.function(call);
        };
        match call.name {
            "or" => self.or_else(call, receiver, want),
            "size" => {
                let [] = self.arguments(call)?;
                self.size(receiver)
            }
            "contains" => self.text_test(call, TextTest::Contains, receiver),
            "startsWith" => self.text_test(call, TextTest::StartsWith, receiver),
            "endsWith" => self.text_test(call, TextTest::EndsWith, receiver),
            "exists" => self.each(call, Each::Exists, receiver),
            "all" => self.each(call, Each::All, receiver),
            "filter" => self.each(call, Each::Filter, receiver),
            "map" => self.each(call, Each::Map, receiver),
            _ if calendar::has(call.name, true) => self.calendar(call, Some(receiver)),
            _ => self.unknown(call, true),
        }
    }

    fn function(&mut self, call: &Call<'_>) -> Option<(Type, TypedKind)> {
        match call.name {
            "has" => {
                let [tested] = self.arguments(call)?;
                if path(tested).is_none() {
                    let error = Error::type_(&tested.at, "`has` asks for a name or an attribute");
                    return self.fail(error.hint("write `has(object.attribute)`"));
                }
                let tested = self.maybe(tested, None)?;
                Some((Type::Bool, TypedKind::IsPresent(Box::new(tested))))
            }
            "size" => {
                let [of] = self.arguments(call)?;
                self.size(of)
            }
            "string" => {
                let [of] = self.arguments(call)?;
                self.conversion(of, Conversion::ToText)
            }
            "int" => {
                let [of] = self.arguments(call)?;
                self.conversion(of, Conversion::ToInt)
            }
            "money" => {
                let [of] = self.arguments(call)?;
                match &of.kind {
                    Kind::Literal(Literal::Text(text)) => {
                        let (ty, value) = self.money_literal(of, text)?;
                        Some((ty, TypedKind::Literal(value)))
                    }
                    _ => self.conversion(of, Conversion::ToMoney),
                }
            }
            _ if calendar::has(call.name, false) => self.calendar(call, None),
            _ => self.unknown(call, false),
        }
    }

    fn unknown<T>(&mut self, call: &Call<'_>, is_method: bool) -> Option<T> {
        let name = call.name;
        let error = Error::name(call.name_at, format!("there is no function `{name}`"));
        let is_elsewhere = names(!is_method).any(|other| other == name);
        self.fail(match (is_elsewhere, is_method) {
            (true, false) => error.hint(format!("write `value.{name}(…)`")),
            (true, true) => error.hint(format!("write `{name}(value)`")),
            _ => error.nearest(name, names(is_method).map(str::to_owned)),
        })
    }

    /// Exactly the wanted number of arguments.
    fn arguments<'a, const N: usize>(&mut self, call: &Call<'a>) -> Option<[&'a Node; N]> {
        let all: Vec<&Node> = call.arguments.iter().collect();
        match all.try_into() {
            Ok(arguments) => Some(arguments),
            Err(all) => {
                let (name, given) = (call.name, all.len());
                let plural = if N == 1 { "" } else { "s" };
                let message = format!("`{name}` takes {N} argument{plural}, {given} given");
                self.fail(Error::type_(call.name_at, message))
            }
        }
    }

    /// A value that need not be there; neither needs what its path goes through.
    pub(super) fn maybe(&mut self, node: &Node, want: Option<&Type>) -> Option<Typed> {
        match &node.kind {
            Kind::Member(object, name) if self.value_of_record(node).is_none() => {
                let object = self.maybe(object, None)?;
                let (ty, kind) = self.member(node, object, name)?;
                Some(Typed { at: node.at.clone(), ty, kind })
            }
            _ => self.node(node, want),
        }
    }

    fn or_else(
        &mut self,
        call: &Call<'_>,
        receiver: &Node,
        want: Option<&Type>,
    ) -> Option<(Type, TypedKind)> {
        let [default] = self.arguments(call)?;
        let value = self.maybe(receiver, want)?;
        let default = self.value(default, Some(value.ty.present()))?;
        let Some(ty) = value.ty.present().unified(&default.ty).filter(|_| value.ty != Type::Null)
        else {
            let message = format!("{} cannot stand for {}", default.ty, value.ty.present());
            return self.fail(Error::type_(&default.at, message));
        };
        Some((ty, TypedKind::OrElse(Box::new(value), Box::new(default))))
    }

    fn size(&mut self, of: &Node) -> Option<(Type, TypedKind)> {
        let typed = self.value(of, None)?;
        if !matches!(typed.ty.present(), Type::Text | Type::List(_)) {
            let message = format!("{} is {} and has no size", shown(of), typed.ty);
            return self.fail(Error::type_(&of.at, message));
        }
        Some((lifted(Type::Int, &typed), TypedKind::Size(Box::new(typed))))
    }

    fn conversion(&mut self, of: &Node, conversion: Conversion) -> Option<(Type, TypedKind)> {
        let typed = self.value(of, None)?;
        let found = typed.ty.present();
        let (is_fitting, ty, what) = match conversion {
            Conversion::ToText => {
                (!matches!(found, Type::List(_) | Type::Object(_)), Type::Text, "text")
            }
            Conversion::ToMoney => (*found == Type::Text, Type::Money(None), "amount of money"),
            Conversion::ToInt => {
                let is_fitting =
                    matches!(found, Type::Int | Type::Decimal | Type::Text | Type::Instant);
                (is_fitting, Type::Int, "number")
            }
        };
        if !is_fitting {
            let message = format!("{} is {} and has no {what}", shown(of), typed.ty);
            return self.fail(Error::type_(&of.at, message));
        }
        Some((lifted(ty, &typed), TypedKind::Convert(conversion, Box::new(typed))))
    }

    fn text_test(
        &mut self,
        call: &Call<'_>,
        test: TextTest,
        receiver: &Node,
    ) -> Option<(Type, TypedKind)> {
        let [wanted] = self.arguments(call)?;
        let text = self.text(receiver);
        let wanted = self.text(wanted);
        let (text, wanted) = (text?, wanted?);
        Some((Type::Bool, TypedKind::Text(test, Box::new(text), Box::new(wanted))))
    }

    fn text(&mut self, node: &Node) -> Option<Typed> {
        let typed = self.value(node, None)?;
        if *typed.ty.present() != Type::Text {
            let message = format!("{} is {}, not text", shown(node), typed.ty);
            let error = Error::type_(&node.at, message);
            return self.fail(error.hint(format!("write `string({node})`")));
        }
        Some(typed)
    }

    fn each(&mut self, call: &Call<'_>, each: Each, receiver: &Node) -> Option<(Type, TypedKind)> {
        let [variable, body] = self.arguments(call)?;
        let list = self.list_of(receiver, None)?;
        let name = self.new_name(variable)?;
        let element = element_of(&list.ty).cloned().unwrap_or(Type::Null);
        self.locals.push((name, element.clone()));
        let body = match each {
            Each::Map => self.value(body, None),
            Each::Exists | Each::All | Each::Filter => self.condition(body),
        };
        self.locals.pop();
        let body = body?;
        let ty = match each {
            Each::Exists | Each::All => Type::Bool,
            Each::Filter => element.list(),
            Each::Map => body.ty.clone().list(),
        };
        Some((ty, TypedKind::Each(each, Box::new(list), Box::new(body))))
    }

    /// The name of a macro's variable; it must be new, so that no path has two meanings.
    fn new_name(&mut self, node: &Node) -> Option<String> {
        let name = match &node.kind {
            Kind::Name(name) if !is_reserved(name) => name,
            _ => {
                let error = Error::type_(&node.at, "a new name for the element is wanted here");
                return self.fail(error.hint("write `list.exists(element, element …)`"));
            }
        };
        let is_taken = self.locals.iter().any(|(local, _)| local == name)
            || self.schema.variable(name).is_some()
            || self.schema.definition(name).is_some()
            || self.schema.values_of(name).is_some();
        if is_taken {
            let error = Error::name(&node.at, format!("`{name}` already means something here"));
            return self.fail(error.hint("take another name for the element"));
        }
        Some(name.clone())
    }
}

/// A type that is missing when the operand is.
pub(super) fn lifted(ty: Type, operand: &Typed) -> Type {
    if operand.ty.is_optional() { ty.optional() } else { ty }
}
