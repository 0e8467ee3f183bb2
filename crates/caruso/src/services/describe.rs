//! A component, an interface or a message, with all that is known of it.

use std::collections::BTreeMap;

use anyhow::bail;
use caruso_api::registry::v1 as wire;
use caruso_component::Component;
use prost_reflect::{
    Cardinality, DescriptorPool, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor,
    ServiceDescriptor,
};
use serde_json::{Value, json};

use super::graph::Calls;
use super::{list, reflected};
use crate::Format;
use crate::client::registry;

/// Prints it.
pub(super) async fn describe(
    component: &Component,
    name: &str,
    format: Format,
) -> anyhow::Result<()> {
    let mut registry = registry(component);
    let listed = registry.list_components(wire::ListComponentsRequest {}).await?.into_inner();
    let is_meant = |it: &&wire::Component| it.component == name || it.instance == name;
    let meant: Vec<&wire::Component> = listed.components.iter().filter(is_meant).collect();
    if !meant.is_empty() {
        print_components(&meant, format);
        return Ok(());
    }
    let pool = reflected::reflected(component, name).await;
    let pool = match pool {
        Ok(pool) => pool,
        Err(error) => {
            let known = reflected::interfaces(component).await?.join(", ");
            bail!("no component is called {name}, and {error:#}; interfaces: {known}")
        }
    };
    let all = registry.list_contracts(wire::ListContractsRequest {}).await?.into_inner().contracts;
    let contracts: Vec<&wire::Contract> = all.iter().filter(|it| it.interface == name).collect();
    match format {
        Format::Text => {
            print!("{}", written(&pool, name)?);
            print_contracts(&contracts, &listed.components);
        }
        Format::Json => {
            let contracts = contracts.iter().map(|it| contract(it, &listed.components));
            let contracts: Vec<Value> = contracts.collect();
            println!("{}", json!({ "text": written(&pool, name)?, "contracts": contracts }));
        }
    }
    Ok(())
}

fn print_components(components: &[&wire::Component], format: Format) {
    if let Format::Json = format {
        let documents = components.iter().map(|component| {
            let mut document = list::document(component, &BTreeMap::new());
            document["uses"] = component.uses.iter().map(used).collect();
            document
        });
        println!("{}", json!({ "components": documents.collect::<Vec<_>>() }));
        return;
    }
    for component in components {
        let wire::Component { component: name, instance, version, .. } = component;
        println!("{name} {version}, {}, instance {instance}", list::state(component));
        for offer in &component.offers {
            println!("    offers {} at {}", offer.interface, offer.address);
            let level = format!("level {} of its contract {}", offer.level, offer.contract);
            println!("        {level}, generation {}", offer.generation);
            for (property, value) in &offer.properties {
                println!("        {property} = {value}");
            }
        }
        for used in &component.uses {
            let Some(outcome) = &used.outcome else { continue };
            let mut calls = Calls::default();
            calls.add(outcome);
            println!("    calls {} {}: {}", used.component, outcome.method, calls.in_words());
        }
    }
}

fn used(used: &wire::Use) -> Value {
    let mut calls = Calls::default();
    let outcome = used.outcome.clone().unwrap_or_default();
    calls.add(&outcome);
    json!({
        "component": used.component,
        "instance": outcome.instance,
        "method": outcome.method,
        "calls": calls.document(),
    })
}

fn print_contracts(contracts: &[&wire::Contract], components: &[wire::Component]) {
    for it in contracts {
        let level = match it.level {
            0 => "offered by nobody yet".to_owned(),
            level => format!("level {level}"),
        };
        println!("\ncontract {} ({level}), first of {} {}", it.digest, it.component, it.version);
        println!("    offered by {}", or_nobody(&offered_by(it, components)));
        println!("    spoken by {}", or_nobody(&spoken_by(it)));
    }
}

fn or_nobody(names: &[String]) -> String {
    if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
}

/// Offers are named by instance and interface; people know components.
fn offered_by(contract: &wire::Contract, components: &[wire::Component]) -> Vec<String> {
    let is_of = |component: &&wire::Component| {
        component.offers.iter().any(|offer| contract.offers.contains(&offer.id))
    };
    let named = components.iter().filter(is_of);
    named.map(|it| format!("{} {}", it.component, it.version)).collect()
}

fn spoken_by(contract: &wire::Contract) -> Vec<String> {
    let mut names: Vec<String> =
        contract.consumers.iter().map(|consumer| consumer.component.clone()).collect();
    names.sort();
    names.dedup();
    names
}

fn contract(contract: &wire::Contract, components: &[wire::Component]) -> Value {
    json!({
        "digest": contract.digest,
        "level": contract.level,
        "first_of": format!("{} {}", contract.component, contract.version),
        "offered_by": offered_by(contract, components),
        "spoken_by": spoken_by(contract),
    })
}

/// The interface, message or enumeration, as its proto file would have it.
fn written(pool: &DescriptorPool, name: &str) -> anyhow::Result<String> {
    if let Some(service) = pool.get_service_by_name(name) {
        return Ok(write_service(&service));
    }
    if let Some(message) = pool.get_message_by_name(name) {
        return Ok(write_message(&message));
    }
    if let Some(enumeration) = pool.get_enum_by_name(name) {
        return Ok(write_enumeration(&enumeration));
    }
    if let Some((outer, _)) = name.rsplit_once(['/', '.']) {
        return written(pool, outer);
    }
    bail!("there is nothing called {name}")
}

fn write_service(service: &ServiceDescriptor) -> String {
    let mut text = format!("service {} {{\n", service.full_name());
    for method in service.methods() {
        let stream = |is_stream| if is_stream { "stream " } else { "" };
        text.push_str(&format!(
            "  rpc {}({}{}) returns ({}{});\n",
            method.name(),
            stream(method.is_client_streaming()),
            method.input().full_name(),
            stream(method.is_server_streaming()),
            method.output().full_name(),
        ));
    }
    text.push_str("}\n");
    text
}

fn write_message(message: &MessageDescriptor) -> String {
    let mut text = format!("message {} {{\n", message.full_name());
    for field in message.fields() {
        let choice = field.containing_oneof().filter(|oneof| !oneof.is_synthetic());
        let choice = choice.map(|oneof| format!("  // one of {}", oneof.name()));
        let (name, number) = (field.name(), field.number());
        let choice = choice.unwrap_or_default();
        text.push_str(&format!("  {} {name} = {number};{choice}\n", type_of(&field)));
    }
    text.push_str("}\n");
    text
}

fn write_enumeration(enumeration: &EnumDescriptor) -> String {
    let values = enumeration.values();
    let lines: String =
        values.map(|value| format!("  {} = {};\n", value.name(), value.number())).collect();
    format!("enum {} {{\n{lines}}}\n", enumeration.full_name())
}

fn type_of(field: &FieldDescriptor) -> String {
    let name = |kind: Kind| match kind {
        Kind::Message(message) => message.full_name().to_owned(),
        Kind::Enum(enumeration) => enumeration.full_name().to_owned(),
        other => format!("{other:?}").to_lowercase(),
    };
    if field.is_map()
        && let Kind::Message(entry) = field.kind()
    {
        let (key, value) = (entry.map_entry_key_field(), entry.map_entry_value_field());
        return format!("map<{}, {}>", name(key.kind()), name(value.kind()));
    }
    match field.cardinality() {
        Cardinality::Repeated => format!("repeated {}", name(field.kind())),
        Cardinality::Optional | Cardinality::Required => name(field.kind()),
    }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;

    #[test]
    fn what_is_described_reads_like_its_proto_file() {
        let set = prost_types::FileDescriptorSet::decode(caruso_api::DESCRIPTORS).expect("ours");
        let pool = DescriptorPool::from_file_descriptor_set(set).expect("complete");
        let text = |name: &str| written(&pool, name).expect("there");
        let service = text("caruso.wrapper.v1.Actions");
        assert!(service.contains(
            "  rpc Invoke(caruso.wrapper.v1.InvokeRequest) returns \
             (caruso.wrapper.v1.InvokeResponse);\n"
        ));
        assert_eq!(text("caruso.wrapper.v1.Actions/Invoke"), service);
        let message = text("caruso.wrapper.v1.InvokeRequest");
        assert!(message.contains("  map<string, caruso.storage.v1.Value> arguments = 2;\n"));
        let response = text("caruso.registry.v1.SessionRequest");
        assert!(response.contains("  caruso.registry.v1.Hello hello = 1;  // one of message\n"));
        assert!(text("caruso.registry.v1.Health").contains("  HEALTH_SERVING = 1;\n"));
        assert!(written(&pool, "nothing").is_err());
    }
}
