//! Who calls whom, as those say who call.

use std::collections::BTreeMap;

use caruso_api::registry::v1 as wire;
use caruso_api::registry::v1::registry_client::RegistryClient;
use caruso_component::InterfaceChannel;
use serde_json::{Value, json};

use crate::Format;

/// What has come of calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Calls {
    calls: u64,
    failures: u64,
    microseconds: u64,
}

impl Calls {
    pub(super) fn add(&mut self, outcome: &wire::Outcome) {
        self.calls += outcome.calls;
        self.failures += outcome.failures;
        self.microseconds += outcome.microseconds;
    }

    /// Until the answer began, on average.
    fn mean_ms(&self) -> f64 {
        // exact far beyond any number of calls
        self.microseconds as f64 / self.calls.max(1) as f64 / 1000.0
    }

    pub(super) fn in_words(&self) -> String {
        let failed = match self.failures {
            0 => String::new(),
            failures => format!(", {failures} failed"),
        };
        let calls = if self.calls == 1 { "call" } else { "calls" };
        format!("{} {calls}{failed}, {:.1} ms", self.calls, self.mean_ms())
    }

    pub(super) fn document(&self) -> Value {
        json!({ "calls": self.calls, "failures": self.failures, "mean_ms": self.mean_ms() })
    }
}

/// Of `/package.Service/Method`, what stands before the method.
pub(super) fn interface_of(outcome: &wire::Outcome) -> &str {
    outcome.method.trim_start_matches('/').split('/').next().unwrap_or_default()
}

/// One that calls an interface of another.
type Edge<'a> = (&'a str, &'a str, &'a str);

/// All that was told, put together by components and interface; instances do not matter here.
fn edges(components: &[wire::Component]) -> BTreeMap<Edge<'_>, Calls> {
    let mut edges: BTreeMap<Edge<'_>, Calls> = BTreeMap::new();
    for component in components {
        for used in &component.uses {
            let Some(outcome) = &used.outcome else { continue };
            let interface = interface_of(outcome);
            let provider = if used.component.is_empty() { "(gone)" } else { &used.component };
            let edge = (component.component.as_str(), provider, interface);
            edges.entry(edge).or_default().add(outcome);
        }
    }
    edges
}

/// Prints the graph.
pub(super) async fn graph(
    registry: &mut RegistryClient<InterfaceChannel>,
    format: Format,
) -> anyhow::Result<()> {
    let listed = registry.list_components(wire::ListComponentsRequest {}).await?.into_inner();
    let edges = edges(&listed.components);
    match format {
        Format::Text if edges.is_empty() => println!("nobody has called anybody yet"),
        Format::Text => {
            let mut before = "";
            for ((consumer, provider, interface), calls) in &edges {
                if *consumer != before {
                    println!("{consumer}");
                    before = consumer;
                }
                println!("    → {provider:<24} {interface:<38} {}", calls.in_words());
            }
        }
        Format::Json => {
            let edge = |((consumer, provider, interface), calls): (&Edge<'_>, &Calls)| {
                json!({
                    "from": consumer,
                    "to": provider,
                    "interface": interface,
                    "calls": calls.document(),
                })
            };
            println!("{}", json!({ "edges": edges.iter().map(edge).collect::<Vec<_>>() }));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(name: &str, uses: &[(&str, &str, u64)]) -> wire::Component {
        let uses = uses.iter().map(|(provider, method, calls)| wire::Use {
            component: (*provider).to_owned(),
            outcome: Some(wire::Outcome {
                method: (*method).to_owned(),
                instance: "i".to_owned(),
                calls: *calls,
                failures: 1,
                microseconds: 2_000 * calls,
            }),
        });
        wire::Component { component: name.to_owned(), uses: uses.collect(), ..Default::default() }
    }

    #[test]
    fn methods_and_instances_of_one_interface_are_one_edge() {
        let components = [
            component("desk", &[("store", "/s.v1.S/Get", 3), ("store", "/s.v1.S/Query", 2)]),
            component("desk", &[("store", "/s.v1.S/Get", 5), ("", "/x.v1.X/Do", 1)]),
        ];
        let told: Vec<String> = edges(&components)
            .iter()
            .map(|((from, to, interface), calls)| {
                format!("{from} → {to} {interface}: {}", calls.in_words())
            })
            .collect();
        assert_eq!(
            told,
            [
                "desk → (gone) x.v1.X: 1 call, 1 failed, 2.0 ms",
                "desk → store s.v1.S: 10 calls, 3 failed, 2.0 ms",
            ]
        );
    }
}
