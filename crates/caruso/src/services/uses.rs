//! Who would notice that something of an interface changes.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;
use caruso_api::registry::v1 as wire;
use caruso_component::Component;
use prost_reflect::{DescriptorPool, Kind, MessageDescriptor};
use serde_json::json;

use super::graph::Calls;
use super::reflected;
use crate::Format;
use crate::client::registry;

/// Prints which methods the name belongs to, and who has called them.
pub(super) async fn who_uses(
    component: &Component,
    name: &str,
    format: Format,
) -> anyhow::Result<()> {
    let mut methods = BTreeSet::new();
    for interface in reflected::interfaces(component).await? {
        let pool = reflected::reflected(component, &interface).await?;
        methods.extend(concerned(&pool, &interface, name));
    }
    if methods.is_empty() {
        bail!(
            "{name} is no interface, method, message, enumeration or field of a contract that the \
             service manager knows; `caruso services describe` shows them"
        );
    }
    let listed = registry(component).list_components(wire::ListComponentsRequest {}).await?;
    let components = listed.into_inner().components;
    let users = users(&components, &methods);
    match format {
        Format::Text => {
            for method in &methods {
                println!("{method}");
                match users.get(method.as_str()) {
                    None => println!("    called by nobody so far"),
                    Some(users) => {
                        for ((component, version), calls) in users {
                            println!("    {component} {version}: {}", calls.in_words());
                        }
                    }
                }
            }
        }
        Format::Json => {
            let document = methods.iter().map(|method| {
                let users = users.get(method.as_str()).into_iter().flatten();
                let users = users.map(|((component, version), calls)| {
                    json!({
                        "component": component,
                        "version": version,
                        "calls": calls.document(),
                    })
                });
                json!({ "method": method, "users": users.collect::<Vec<_>>() })
            });
            println!("{}", json!({ "methods": document.collect::<Vec<_>>() }));
        }
    }
    Ok(())
}

/// Callers by method, by component and version.
type Users<'a> = BTreeMap<&'a str, BTreeMap<(&'a str, &'a str), Calls>>;

fn users<'a>(components: &'a [wire::Component], methods: &BTreeSet<String>) -> Users<'a> {
    let mut users: Users<'a> = BTreeMap::new();
    for component in components {
        for outcome in component.uses.iter().filter_map(|used| used.outcome.as_ref()) {
            let method = outcome.method.trim_start_matches('/');
            if methods.contains(method) {
                let who = (component.component.as_str(), component.version.as_str());
                users.entry(method).or_default().entry(who).or_default().add(outcome);
            }
        }
    }
    users
}

/// The methods of an interface, as `package.Service/Method`, that are what the name says or whose
/// messages hold it.
fn concerned(pool: &DescriptorPool, interface: &str, name: &str) -> Vec<String> {
    let dotted = name.replace('/', ".");
    let Some(service) = pool.get_service_by_name(interface) else { return Vec::new() };
    let methods = service.methods().filter(|method| {
        service.full_name() == dotted
            || method.full_name() == dotted
            || [method.input(), method.output()].iter().any(|message| holds(message, &dotted))
    });
    methods.map(|method| format!("{interface}/{}", method.name())).collect()
}

/// Whether the message, or what it is made of, has this name or a field or value of it.
fn holds(message: &MessageDescriptor, name: &str) -> bool {
    let mut open = vec![message.clone()];
    let mut seen = BTreeSet::new();
    while let Some(message) = open.pop() {
        if !seen.insert(message.full_name().to_owned()) {
            continue;
        }
        if message.full_name() == name {
            return true;
        }
        for field in message.fields() {
            if field.full_name() == name {
                return true;
            }
            match field.kind() {
                Kind::Message(inner) => open.push(inner),
                Kind::Enum(inner) => {
                    let is_value = |value: &str| name == format!("{}.{value}", inner.full_name());
                    if inner.full_name() == name || inner.values().any(|it| is_value(it.name())) {
                        return true;
                    }
                }
                _ => {}
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;

    #[test]
    fn a_name_leads_to_the_methods_that_it_belongs_to() {
        let set = prost_types::FileDescriptorSet::decode(caruso_api::DESCRIPTORS).expect("ours");
        let pool = DescriptorPool::from_file_descriptor_set(set).expect("complete");
        let objects = "caruso.wrapper.v1.Objects";
        let of = |name: &str| {
            let all = concerned(&pool, objects, name);
            all.iter().map(|it| it.rsplit('/').next().expect("a method").to_owned()).collect()
        };
        let (apply, get, query) = ("Apply", "Get", "Query");
        for (name, methods) in [
            (objects, vec![apply, get, query]),
            ("caruso.wrapper.v1.Objects/Apply", vec![apply]),
            ("caruso.wrapper.v1.Objects.Apply", vec![apply]),
            ("caruso.wrapper.v1.Condition.values", vec![query]),
            ("caruso.wrapper.v1.HeldObject", vec![apply, get, query]),
            ("caruso.storage.v1.Value", vec![apply, get, query]),
            ("caruso.wrapper.v1.Actions", vec![]),
            ("caruso.wrapper.v1.HeldObject.nothing", vec![]),
        ] {
            let mut found: Vec<String> = of(name);
            found.sort();
            assert_eq!(found, methods, "{name}");
        }
    }
}
