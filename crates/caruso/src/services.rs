//! `caruso services`: the directory of a running system, and everything in it by name.

mod describe;
mod graph;
mod invoke;
mod list;
mod reflected;
mod replace;
mod tokens;
mod uses;
mod watch;

use std::process::ExitCode;

use caruso_api::registry::v1 as wire;
use clap::{Args, Subcommand};
use serde_json::json;

use crate::Format;
use crate::client::{System, registry};

/// What `caruso services` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    system: System,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Tell what comes, changes and goes, until it is stopped
    Watch,
    /// A component or an interface, with all that is known of it
    Describe {
        /// A component, an instance, an interface, or a message or enumeration of one
        name: String,
    },
    /// Who calls whom
    Graph,
    /// Who would notice a change
    WhoUses {
        /// An interface, a method of one, a message or enumeration, or a field of one
        name: String,
    },
    /// Call a method of an interface, whoever offers it
    Invoke(invoke::Options),
    /// Have a component that was started with --standby take the place of the one that serves
    Replace {
        /// The component's name
        component: String,
    },
    /// Ask an instance to finish its work and leave
    Drain {
        /// As the list names it
        instance: String,
    },
    /// Let go of the instances that are kept as suspects since many went silent together
    Expire,
    /// Join tokens that are for one component each
    Token {
        #[command(subcommand)]
        action: tokens::Action,
    },
}

/// Joins, does what is asked, and leaves.
pub(crate) async fn services(options: Options, format: Format) -> anyhow::Result<ExitCode> {
    let component = options.system.join().await?;
    let mut registry = registry(&component);
    let done = match options.action {
        None => list::list(&mut registry, component.is_in_development(), format).await,
        Some(Action::Watch) => watch::watch(&component, format).await,
        Some(Action::Describe { name }) => describe::describe(&component, &name, format).await,
        Some(Action::Graph) => graph::graph(&mut registry, format).await,
        Some(Action::WhoUses { name }) => uses::who_uses(&component, &name, format).await,
        Some(Action::Invoke(options)) => invoke::invoke(&component, options).await,
        Some(Action::Replace { component }) => {
            replace::replace(&mut registry, component, format).await
        }
        Some(Action::Expire) => list::expire(&mut registry, format).await,
        Some(Action::Token { action }) => tokens::run(action, &component, format).await,
        Some(Action::Drain { instance }) => {
            let drained = registry.drain(wire::DrainRequest { instance: instance.clone() }).await;
            drained.map_err(Into::into).map(|drained| {
                let revision = drained.into_inner().revision;
                match format {
                    Format::Text => println!("{instance} leaves; routed around since {revision}"),
                    Format::Json => {
                        println!("{}", json!({ "instance": instance, "revision": revision }));
                    }
                }
            })
        }
    };
    component.leave().await;
    done.map(|()| ExitCode::SUCCESS)
}
