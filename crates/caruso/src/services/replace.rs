//! Who stands by takes the place of who serves.

use caruso_api::registry::v1 as wire;
use caruso_api::registry::v1::registry_client::RegistryClient;
use caruso_component::InterfaceChannel;
use serde_json::json;

use crate::Format;

/// Replaces, and says who serves now.
pub(super) async fn replace(
    registry: &mut RegistryClient<InterfaceChannel>,
    component: String,
    format: Format,
) -> anyhow::Result<()> {
    let request = wire::ReplaceRequest { component: component.clone() };
    let answer = registry.replace(request).await?.into_inner();
    match format {
        Format::Text => println!(
            "{component}: {} serves in place of {}",
            answer.instance,
            if answer.replaced.is_empty() {
                "nobody".to_owned()
            } else {
                answer.replaced.join(", ")
            }
        ),
        Format::Json => println!(
            "{}",
            json!({
                "component": component,
                "instance": answer.instance,
                "replaced": answer.replaced,
            })
        ),
    }
    Ok(())
}
