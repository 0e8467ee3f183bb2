//! What belongs to a customer, by the relations of the model. It knows no class by name.

use caruso_api::desk::v1::{Customer, RelatedObjects};
use caruso_api::storage::v1::value::Kind;
use caruso_api::storage::v1::{Attribute, Class, Link, Object, Order, QueryRequest};

/// Related objects of one class that are shown at most.
const MOST_OBJECTS: u32 = 20;
/// Classes that are shown beside a customer at most.
const MOST_CLASSES: usize = 24;

/// A class whose objects lead to the customer, and the request that finds them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Related {
    pub(crate) class: Class,
    pub(crate) request: QueryRequest,
}

/// The classes that lead to `class` by a relation of theirs, or by a relation to a class that does;
/// each once, by its shortest way, in the order of the model. What leads to a class that it is a
/// kind of, or to a kind of it, may lead to the object, too.
pub(crate) fn related(classes: &[Class], class: &Class, key: &str) -> Vec<Related> {
    let is_of_family = |other: &Class| is_a(classes, other, class) || is_a(classes, class, other);
    let direct: Vec<(&Class, String)> = classes
        .iter()
        .filter(|other| !is_of_family(other))
        .filter_map(|other| Some((other, relation_to(classes, other, class)?.to_owned())))
        .collect();
    let indirect = classes.iter().filter_map(|other| {
        let is_near = is_of_family(other) || direct.iter().any(|(near, _)| *near == other);
        if is_near {
            return None;
        }
        direct.iter().find_map(|(near, way)| {
            let relation = relation_to(classes, other, near)?;
            Some((other, format!("{relation}.{way}")))
        })
    });
    let all = direct.iter().cloned().chain(indirect).take(MOST_CLASSES);
    all.map(|(other, way)| Related { class: other.clone(), request: request(other, way, key) })
        .collect()
}

/// True when the objects of one class are objects of another one.
fn is_a(classes: &[Class], class: &Class, other: &Class) -> bool {
    class.name == other.name
        || base_of(classes, class).is_some_and(|base| is_a(classes, base, other))
}

fn base_of<'a>(classes: &'a [Class], class: &Class) -> Option<&'a Class> {
    classes.iter().find(|it| it.name == class.base && it.name != class.name)
}

/// The relation of a class that may lead to objects of another one. What it has of the class that
/// it is a kind of is found with that class.
fn relation_to<'a>(classes: &[Class], class: &'a Class, target: &Class) -> Option<&'a str> {
    let base = base_of(classes, class);
    let is_own = |attribute: &&Attribute| {
        base.is_none_or(|base| base.attributes.iter().all(|it| it.name != attribute.name))
    };
    let leads = |attribute: &&Attribute| {
        let led_to = classes.iter().find(|it| it.name == attribute.target_class);
        led_to.is_some_and(|it| is_a(classes, it, target) || is_a(classes, target, it))
    };
    let mut attributes = class.attributes.iter().filter(is_own);
    attributes.find(leads).map(|found| found.name.as_str())
}

fn request(other: &Class, path: String, key: &str) -> QueryRequest {
    QueryRequest {
        class: other.name.clone(),
        link: Some(Link { path, key: key.to_owned() }),
        order: newest_first(other).into_iter().collect(),
        page_size: MOST_OBJECTS,
        ..QueryRequest::default()
    }
}

/// The latest objects first, where the class knows when.
fn newest_first(class: &Class) -> Option<Order> {
    let is_time = |attribute: &&Attribute| matches!(attribute.r#type.as_str(), "instant" | "date");
    let attribute = class.attributes.iter().find(is_time)?;
    Some(Order { attribute: attribute.name.clone(), is_descending: true })
}

/// The objects of a class as they are shown, with the attributes that people read.
pub(crate) fn shown(class: &Class, objects: Vec<Object>) -> RelatedObjects {
    RelatedObjects {
        class: class.name.clone(),
        label: class.label.clone(),
        attributes: class.attributes.clone(),
        objects,
    }
}

/// A customer as it is shown: the title is the first text that is not the key.
pub(crate) fn customer(classes: &[Class], object: Object) -> Customer {
    let class = classes.iter().find(|class| class.name == object.class);
    let attributes = class.map(|class| class.attributes.clone()).unwrap_or_default();
    let key = class.map_or("", |class| class.key.as_str());
    let title = attributes
        .iter()
        .filter(|attribute| attribute.r#type == "text" && attribute.name != key)
        .find_map(|attribute| match object.attributes.get(&attribute.name)?.kind.as_ref()? {
            Kind::Text(text) if !text.trim().is_empty() => Some(text.clone()),
            _ => None,
        })
        .unwrap_or_else(|| object.key.clone());
    Customer { object: Some(object), title, related: Vec::new(), attributes }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use caruso_api::storage::v1::Value;

    use super::*;

    fn attribute(name: &str, r#type: &str, target_class: &str) -> Attribute {
        Attribute {
            name: name.to_owned(),
            r#type: r#type.to_owned(),
            target_class: target_class.to_owned(),
            ..Attribute::default()
        }
    }

    fn class(name: &str, attributes: &[(&str, &str, &str)]) -> Class {
        Class {
            name: name.to_owned(),
            key: "number".to_owned(),
            attributes: attributes.iter().map(|(n, t, c)| attribute(n, t, c)).collect(),
            ..Class::default()
        }
    }

    fn model() -> Vec<Class> {
        vec![
            class("Meter", &[("number", "text", ""), ("connection", "reference", "Connection")]),
            class("Customer", &[("number", "text", ""), ("name", "text", "")]),
            class("Connection", &[("ean", "text", ""), ("customer", "reference", "Customer")]),
            class(
                "FaultReport",
                &[
                    ("reported_at", "instant", ""),
                    ("connection", "reference", "Connection"),
                    ("by", "reference", "Customer"),
                ],
            ),
            class("Tariff", &[("number", "text", "")]),
        ]
    }

    #[test]
    fn classes_that_lead_to_the_customer_are_found_by_their_shortest_way() {
        let model = model();
        let found = related(&model, &model[1], "100001");
        let path = |related: &Related| {
            related.request.link.as_ref().map(|link| link.path.clone()).unwrap_or_default()
        };
        let found: Vec<(&str, String)> =
            found.iter().map(|each| (each.class.name.as_str(), path(each))).collect();
        let wanted =
            [("Connection", "customer"), ("FaultReport", "by"), ("Meter", "connection.customer")];
        assert_eq!(found, wanted.map(|(class, path)| (class, path.to_owned())));
    }

    #[test]
    fn what_leads_to_one_of_the_family_of_the_customer_is_found_once() {
        let kind = |name: &str, base: &str, attributes: &[(&str, &str, &str)]| Class {
            base: base.to_owned(),
            ..class(name, attributes)
        };
        let party = ("party", "reference", "Party");
        let model = vec![
            kind("Party", "", &[("number", "text", "")]),
            kind("Company", "Party", &[("number", "text", ""), ("parent", "reference", "Party")]),
            kind("Order", "", &[party]),
            kind("RushOrder", "Order", &[party]),
            kind("Invoice", "", &[("company", "reference", "Company")]),
        ];
        for customer in [0, 1] {
            let found = related(&model, &model[customer], "7");
            let names: Vec<&str> = found.iter().map(|it| it.class.name.as_str()).collect();
            assert_eq!(names, ["Order", "Invoice"]);
        }
    }

    #[test]
    fn what_has_a_time_comes_newest_first() {
        let model = model();
        let found = related(&model, &model[1], "100001");
        let latest = Order { attribute: "reported_at".to_owned(), is_descending: true };
        assert_eq!(found[1].request.order, [latest]);
        assert_eq!(found[0].request.order, []);
        assert_eq!(found[0].request.page_size, MOST_OBJECTS);
    }

    #[test]
    fn a_customer_is_called_by_the_first_text_that_is_not_the_key() {
        let text = |text: &str| Value { kind: Some(Kind::Text(text.to_owned())) };
        let mut object = Object {
            class: "Customer".to_owned(),
            key: "100001".to_owned(),
            attributes: BTreeMap::from([
                ("number".to_owned(), text("100001")),
                ("name".to_owned(), text("Eva de Vries")),
            ]),
            ..Object::default()
        };
        assert_eq!(customer(&model(), object.clone()).title, "Eva de Vries");
        object.attributes.insert("name".to_owned(), text(" "));
        assert_eq!(customer(&model(), object.clone()).title, "100001");
        assert_eq!(customer(&[], object).title, "100001", "a class that is not described");
    }
}
