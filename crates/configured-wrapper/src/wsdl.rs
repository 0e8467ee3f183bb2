//! WSDL 1.1 descriptions of SOAP 1.1 services, document/literal, with the XSD types in them.
//!
//! Source: WSDL 1.1 (W3C Note), XML Schema 1.0 part 1. Read are sequences and `all` of elements,
//! named and nested types, simple types by their base, and extensions. Everything else may be
//! anything; schemas in other files are not read.

use std::collections::BTreeMap;

use caruso_expression::Type;
use caruso_markup::{Foreign, Qualified};

use crate::schema::{Field, Schema};

const SCHEMA: &str = "http://www.w3.org/2001/XMLSchema";
const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
/// Deepest type that is looked at.
const MAX_DEPTH: usize = 8;

/// A description, as it was read.
pub(crate) struct Description {
    root: Foreign,
}

/// An element of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) name: Qualified,
    pub(crate) content: Content,
    pub(crate) is_required: bool,
    pub(crate) is_list: bool,
    /// Whether it may say that it has no value.
    pub(crate) is_nillable: bool,
}

/// What an element has in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Any,
    Plain(Type),
    /// In their order.
    Fields(Vec<Shape>),
}

/// An operation of a description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Described {
    pub(crate) action: String,
    pub(crate) input: Shape,
    pub(crate) output: Shape,
}

impl Shape {
    /// The same as JSON has it.
    pub(crate) fn schema(&self) -> Schema {
        let one = match &self.content {
            Content::Any => Schema::Any,
            Content::Plain(kind) => Schema::Plain(kind.clone(), self.is_nillable),
            Content::Fields(fields) => {
                let field = |it: &Shape| Field {
                    schema: it.schema(),
                    is_required: it.is_required && !it.is_nillable && !it.is_list,
                    is_read_only: false,
                };
                let fields = fields.iter().map(|it| (it.name.1.clone(), field(it)));
                Schema::Fields(fields.collect(), self.is_nillable)
            }
        };
        if self.is_list { Schema::List(one.into()) } else { one }
    }
}

impl Description {
    /// Reads a description.
    ///
    /// # Errors
    /// Why it is none.
    pub(crate) fn read(content: &[u8]) -> Result<Self, String> {
        let root = Foreign::read(content)?;
        let is_it = root.name == (WSDL.to_owned(), "definitions".to_owned());
        if is_it { Ok(Self { root }) } else { Err("it is no WSDL 1.1".into()) }
    }

    /// Every operation.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        let types = self.root.named("portType");
        types.flat_map(|it| it.named("operation")).filter_map(|it| it.value("name"))
    }

    /// The operation of this name.
    ///
    /// # Errors
    /// Nothing where there is none; else what of it cannot be called.
    pub(crate) fn call(&self, id: &str) -> Result<Described, Option<String>> {
        let is_it = |it: &&Foreign| it.value("name") == Some(id);
        let mut types = self.root.named("portType").flat_map(|it| it.named("operation"));
        let operation = types.find(is_it).ok_or(None)?;
        let bound = self.root.named("binding").find_map(|binding| {
            let soap = binding.children.iter().find(|it| is_soap(it, "binding"))?;
            Some((soap, binding.named("operation").find(is_it)?))
        });
        let (soap, bound) = bound.ok_or("no SOAP 1.1 binding has it".to_owned())?;
        let own = bound.children.iter().find(|it| is_soap(it, "operation"));
        let style = own.and_then(|it| it.value("style")).or_else(|| soap.value("style"));
        let bodies = ["input", "output"].iter().filter_map(|name| bound.child(name)?.child("body"));
        let is_literal = bodies.clone().all(|it| it.value("use") == Some("literal"));
        if style == Some("rpc") || !is_literal {
            return Err(Some("it is not document/literal".into()));
        }
        let action = own.and_then(|it| it.value("soapAction")).unwrap_or_default().to_owned();
        let (input, output) =
            (self.message(operation, "input")?, self.message(operation, "output")?);
        Ok(Described { action, input, output })
    }

    /// The element that a message of an operation is.
    fn message(&self, operation: &Foreign, direction: &str) -> Result<Shape, String> {
        let missing = || format!("nothing says what its {direction} is");
        let named = operation.child(direction).and_then(|it| it.qualified("message"));
        let (_, name) = named.ok_or_else(missing)?;
        let mut messages = self.root.named("message");
        let message = messages.find(|it| it.value("name") == Some(name.as_str()));
        let mut parts = message.ok_or_else(missing)?.named("part");
        let element = parts.next().and_then(|it| it.qualified("element"));
        let element = element.ok_or_else(|| format!("its {direction} is no element"))?;
        if parts.next().is_some() {
            return Err(format!("its {direction} has several parts"));
        }
        let found = self.global("element", &element);
        let (schema, found) =
            found.ok_or_else(|| format!("element `{}` is in no schema of the file", element.1))?;
        Ok(self.shape(schema, found, true, 0))
    }

    /// An element or type at the top of a schema, with that schema.
    fn global(&self, what: &str, name: &Qualified) -> Option<(&Foreign, &Foreign)> {
        let schemas = self.root.named("types").flat_map(|it| it.named("schema"));
        let is_its = |it: &&Foreign| it.value("targetNamespace").unwrap_or_default() == name.0;
        let is_it = |it: &&Foreign| it.name.1 == what && it.value("name") == Some(&name.1);
        schemas
            .filter(is_its)
            .find_map(|schema| Some((schema, schema.children.iter().find(is_it)?)))
    }

    fn shape(&self, schema: &Foreign, element: &Foreign, is_top: bool, depth: usize) -> Shape {
        if let Some(name) = element.qualified("ref")
            && let Some((other, found)) = self.global("element", &name)
            && depth < MAX_DEPTH
        {
            return Shape { ..occurs(self.shape(other, found, true, depth + 1), element) };
        }
        let is_qualified = is_top
            || element.value("form").or_else(|| schema.value("elementFormDefault"))
                == Some("qualified");
        let namespace = schema.value("targetNamespace").filter(|_| is_qualified);
        let name = element.value("name").unwrap_or_default().to_owned();
        let shape = Shape {
            name: (namespace.unwrap_or_default().to_owned(), name),
            content: self.content(schema, element, depth),
            is_required: true,
            is_list: false,
            is_nillable: element.value("nillable") == Some("true"),
        };
        occurs(shape, element)
    }

    fn content(&self, schema: &Foreign, element: &Foreign, depth: usize) -> Content {
        if depth >= MAX_DEPTH {
            return Content::Any;
        }
        if let Some(name) = element.qualified("type") {
            return self.named(&name, depth);
        }
        if let Some(inner) = element.child("complexType") {
            return self.complex(schema, inner, depth);
        }
        element.child("simpleType").map_or(Content::Any, |it| self.simple(it, depth))
    }

    fn named(&self, name: &Qualified, depth: usize) -> Content {
        if name.0 == SCHEMA {
            return builtin(&name.1).map_or(Content::Any, Content::Plain);
        }
        if depth >= MAX_DEPTH {
            return Content::Any;
        }
        if let Some((schema, found)) = self.global("complexType", name) {
            return self.complex(schema, found, depth);
        }
        let found = self.global("simpleType", name);
        found.map_or(Content::Any, |(_, found)| self.simple(found, depth))
    }

    fn simple(&self, kind: &Foreign, depth: usize) -> Content {
        let base = kind.child("restriction").and_then(|it| it.qualified("base"));
        base.map_or(Content::Any, |base| self.named(&base, depth + 1))
    }

    fn complex(&self, schema: &Foreign, kind: &Foreign, depth: usize) -> Content {
        let mut fields = Vec::new();
        let mut own = kind;
        if let Some(content) = kind.child("complexContent") {
            let Some(extension) = content.child("extension") else { return Content::Any };
            let base = extension.qualified("base").map(|it| self.named(&it, depth + 1));
            let Some(Content::Fields(inherited)) = base else { return Content::Any };
            fields.extend(inherited);
            own = extension;
        }
        for group in &own.children {
            match group.name.1.as_str() {
                "sequence" | "all" => {
                    if group.children.iter().any(|it| it.name.1 != "element") {
                        return Content::Any;
                    }
                    let them = group.named("element");
                    fields.extend(them.map(|it| self.shape(schema, it, false, depth + 1)));
                }
                "annotation" | "attribute" | "anyAttribute" => {}
                _ => return Content::Any,
            }
        }
        Content::Fields(fields)
    }
}

fn is_soap(element: &Foreign, name: &str) -> bool {
    element.name == ("http://schemas.xmlsoap.org/wsdl/soap/".to_owned(), name.to_owned())
}

/// How often an element is there.
fn occurs(shape: Shape, element: &Foreign) -> Shape {
    let is_list = element.value("maxOccurs").is_some_and(|it| !matches!(it, "0" | "1"));
    Shape { is_required: element.value("minOccurs") != Some("0"), is_list, ..shape }
}

/// The type of values that a type of XML Schema part 2 has.
fn builtin(name: &str) -> Option<Type> {
    Some(match name {
        "boolean" => Type::Bool,
        "integer" | "int" | "long" | "short" | "byte" | "unsignedInt" | "unsignedShort"
        | "unsignedByte" | "unsignedLong" | "nonNegativeInteger" | "positiveInteger" => Type::Int,
        "decimal" | "float" | "double" => Type::Decimal,
        "date" => Type::Date,
        "dateTime" => Type::Instant,
        "string" | "normalizedString" | "token" | "anyURI" | "NMTOKEN" | "ID" | "language" => {
            Type::Text
        }
        _ => return None,
    })
}

/// The shapes of a message's fields by their names.
pub(crate) fn by_name(fields: &[Shape]) -> BTreeMap<&str, &Shape> {
    fields.iter().map(|it| (it.name.1.as_str(), it)).collect()
}
