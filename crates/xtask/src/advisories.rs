//! Offline check of the locked dependencies against the RustSec advisories.
//!
//! The list is data beside the checkout (`../shared/data/rust-advisories.json`); without it the
//! check says so and finds nothing.

use std::path::Path;

use anyhow::Context;
use cargo_metadata::Metadata;
use semver::{Version, VersionReq};
use serde::Deserialize;

const LIST: &str = "../shared/data/rust-advisories.json";

/// Advisories that do not apply here, each with its reason.
const EXCEPTIONS: &[(&str, &str)] = &[];

#[derive(Deserialize)]
struct List {
    as_of: String,
    advisories: Vec<Advisory>,
}

#[derive(Deserialize)]
struct Advisory {
    id: String,
    package: String,
    informational: Option<String>,
    patched: Vec<String>,
    unaffected: Vec<String>,
}

/// One finding for each locked package with an open advisory.
pub(crate) fn findings(metadata: &Metadata) -> anyhow::Result<Vec<String>> {
    if !Path::new(LIST).is_file() {
        eprintln!("tidy: no list of advisories beside the checkout, not checked");
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(LIST)?;
    let list: List = serde_json::from_str(&text).context("the list of advisories")?;
    let mut findings = Vec::new();
    for package in &metadata.packages {
        let of_package = list.advisories.iter().filter(|a| *package.name == a.package);
        for advisory in of_package.filter(|a| a.applies_to(&package.version)) {
            if EXCEPTIONS.iter().all(|(id, _)| *id != advisory.id) {
                let (name, version) = (&package.name, &package.version);
                findings.push(format!("{name} {version}: {} (as of {})", advisory.id, list.as_of));
            }
        }
    }
    Ok(findings)
}

impl Advisory {
    /// Notices about maintenance are no vulnerabilities; they are weighed when a library is chosen.
    fn applies_to(&self, version: &Version) -> bool {
        let matches = |requirements: &[String]| {
            requirements
                .iter()
                .filter_map(|text| VersionReq::parse(text).ok())
                .any(|requirement| requirement.matches(version))
        };
        self.informational.is_none() && !matches(&self.patched) && !matches(&self.unaffected)
    }
}
