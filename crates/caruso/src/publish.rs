//! `caruso publish`: another release of an application while everything runs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use caruso_api::registry::v1 as wire;
use caruso_api::registry::v1::registry_client::RegistryClient;
use caruso_application::Application;
use caruso_component::{InterfaceChannel, Parts, Release};
use clap::Args;
use serde_json::json;
use wire::publish_request::Message;

use crate::client::{System, registry};
use crate::folder::{self, Folder};
use crate::{Format, check};

/// What `caruso publish` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    system: System,
    /// The application's folder
    #[arg(required_unless_present = "back")]
    app_dir: Option<PathBuf>,
    /// Only say what would change, and whether all components could work with it
    #[arg(long, conflicts_with = "back")]
    rehearse: bool,
    /// Put the release in force again that was before this one
    #[arg(long, conflicts_with = "app_dir")]
    back: bool,
}

/// Holds the folder against what is in force, and puts it in force.
pub(crate) async fn publish(options: Options, format: Format) -> anyhow::Result<ExitCode> {
    let given = match &options.app_dir {
        Some(app_dir) => {
            let Folder { release, application } = folder::read(app_dir)?;
            match application {
                Ok(application) => Some((release, application)),
                Err(findings) => {
                    check::print(app_dir, &findings, format);
                    return Ok(ExitCode::FAILURE);
                }
            }
        }
        None => None,
    };
    let component = options.system.join().await?;
    let mut registry = registry(&component);
    let listed = registry.list_components(wire::ListComponentsRequest {}).await?.into_inner();
    let replaces = listed.release_digest;
    let (response, changes) = match given {
        Some((release, application)) => {
            let before = fetch(&mut registry, &replaces).await?;
            let changes = changes(&before, &release, &application);
            let publication = wire::Publication { replaces, is_rehearsal: options.rehearse };
            let parts = release
                .parts()
                .map(|(path, content)| Message::Part(wire::GetReleaseResponse { path, content }));
            let messages = std::iter::once(Message::Publication(publication)).chain(parts);
            let requests = messages.map(|it| wire::PublishRequest { message: Some(it) });
            let sent = registry.publish(futures::stream::iter(requests)).await?;
            (sent.into_inner(), changes)
        }
        None => {
            let back = registry.roll_back(wire::RollBackRequest { replaces }).await?;
            (back.into_inner(), Vec::new())
        }
    };
    component.leave().await;
    let is_accepted = response.answers.iter().all(|answer| answer.refusals.is_empty());
    match format {
        Format::Text => tell(&response, &changes, options.rehearse),
        Format::Json => println!("{}", document(&response, &changes)),
    }
    Ok(if is_accepted { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn fetch(
    registry: &mut RegistryClient<InterfaceChannel>,
    digest: &str,
) -> anyhow::Result<Release> {
    let request = wire::GetReleaseRequest { digest: digest.to_owned() };
    let mut sent = registry.get_release(request).await?.into_inner();
    let mut parts = Parts::default();
    while let Some(part) = sent.message().await? {
        parts.add(part.path, &part.content)?;
    }
    let release = parts.release();
    if release.digest() != digest {
        bail!("what the service manager sent is not the release in force");
    }
    Ok(release)
}

/// A file that is another one, or is there in one release alone.
#[derive(Debug, PartialEq, Eq)]
struct Change {
    path: String,
    kind: &'static str,
    /// Version of a script, before and after.
    versions: Option<(String, String)>,
}

/// The files in which two releases differ, by path.
fn changes(before: &Release, after: &Release, application: &Application) -> Vec<Change> {
    let old =
        Application::compile(before.files().iter().map(|(path, it)| (path.as_str(), &it[..])));
    let old = old.map(|old| versions(&old)).unwrap_or_default();
    let new = versions(application);
    let paths: std::collections::BTreeSet<&String> =
        before.files().keys().chain(after.files().keys()).collect();
    let change = |path: &String| {
        let kind = match (before.file(path), after.file(path)) {
            (None, _) => "added",
            (_, None) => "removed",
            (Some(old), Some(new)) if old == new => return None,
            _ => "changed",
        };
        let versions = old.get(path).cloned().zip(new.get(path).cloned());
        Some(Change { path: path.clone(), kind, versions })
    };
    paths.into_iter().filter_map(change).collect()
}

/// The version of each script, by its path.
fn versions(application: &Application) -> BTreeMap<String, String> {
    let version = |(name, document): (&String, &Arc<caruso_markup::Document>)| {
        let version = document.root.value("version")?.to_owned();
        Some((format!("scripts/{name}.xml"), version))
    };
    application.documents.iter().filter_map(version).collect()
}

fn tell(response: &wire::PublishResponse, changes: &[Change], is_rehearsal: bool) {
    for Change { path, kind, versions } in changes {
        match versions {
            Some((old, new)) if old != new => println!("{kind:<8} {path}  {old} → {new}"),
            _ => println!("{kind:<8} {path}"),
        }
    }
    for answer in &response.answers {
        let said = if answer.refusals.is_empty() { "ready" } else { "refuses it" };
        println!("{:<24} {said}", answer.component);
        for refusal in &answer.refusals {
            println!("    {refusal}");
        }
    }
    let digest = &response.digest;
    match (response.is_in_force, response.replaced.is_empty()) {
        (true, true) => println!("{digest} is in force already"),
        (true, false) => println!("{digest} is in force"),
        (false, _) if is_rehearsal => println!("{digest} was not published: a rehearsal"),
        (false, _) => println!("{digest} was not published; nothing has changed"),
    }
}

fn document(response: &wire::PublishResponse, changes: &[Change]) -> serde_json::Value {
    let change = |change: &Change| {
        let (old, new) = change.versions.clone().unzip();
        json!({
            "path": change.path, "kind": change.kind, "version_before": old, "version": new,
        })
    };
    let answer = |answer: &wire::ComponentAnswer| {
        json!({
            "component": answer.component,
            "instance": answer.instance,
            "refusals": answer.refusals,
        })
    };
    json!({
        "digest": response.digest,
        "is_in_force": response.is_in_force,
        "replaced": response.replaced,
        "changes": changes.iter().map(change).collect::<Vec<_>>(),
        "answers": response.answers.iter().map(answer).collect::<Vec<_>>(),
    })
}
