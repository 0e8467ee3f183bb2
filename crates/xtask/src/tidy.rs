//! `cargo xtask tidy`: proves the rules that the compiler does not know.

use std::path::Path;

use anyhow::bail;
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

use crate::edges::{BANNED_IN_CORES, Layer, RESERVED, TABLE};
use crate::{advisories, files, generate, run};

const LONGEST_FILE: usize = 600;
const LONGEST_LINE: usize = 100;
const LICENCES: &[&str] = &[
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "NCSA",
    "Zlib",
    "0BSD",
    "Unlicense",
    "CC0-1.0",
    "Unicode-3.0",
    "BSL-1.0",
    "MPL-2.0",
    "CDLA-Permissive-2.0",
];

/// Prints every finding; fails when there is one.
pub(crate) fn tidy() -> anyhow::Result<()> {
    let metadata = MetadataCommand::new().exec()?;
    let mut findings = dependency_findings(&metadata);
    findings.extend(tree_findings()?);
    findings.extend(licence_findings(&metadata));
    findings.extend(advisories::findings(&metadata)?);
    findings.extend(file_findings()?);
    findings.extend(complaint_findings()?);
    if !generate::is_fresh()? {
        findings
            .push("docs/architecture.md: generated part is stale, run `cargo xtask gen`".into());
    }
    for finding in &findings {
        eprintln!("{finding}");
    }
    if !findings.is_empty() {
        bail!("tidy: {} findings", findings.len());
    }
    eprintln!("tidy: no findings");
    Ok(())
}

/// The folder name of one of our packages: `caruso-x` is `x`, the program itself is `caruso`.
fn folder(package: &str) -> &str {
    package.strip_prefix("caruso-").unwrap_or(package)
}

fn dependency_findings(metadata: &Metadata) -> Vec<String> {
    let mut findings = Vec::new();
    for package in metadata.workspace_packages() {
        let name = folder(&package.name);
        let Some(row) = TABLE.iter().find(|row| row.folder == name) else {
            findings.push(format!("{name}: not in the table of edges (crates/xtask/src/edges.rs)"));
            continue;
        };
        for dependency in &package.dependencies {
            let target = folder(&dependency.name);
            let is_ours = dependency.name.starts_with("caruso-");
            let is_test_only = dependency.kind == DependencyKind::Development;
            if is_ours && !is_test_only && !row.may_use.contains(&target) {
                findings.push(format!("{name}: may not depend on {target}"));
            }
            let reserved = RESERVED.iter().find(|(library, _)| *library == dependency.name);
            if let Some((library, allowed)) = reserved
                && !allowed.contains(&name)
                && row.layer != Layer::Developer
            {
                findings.push(format!("{name}: only {} may name {library}", allowed.join(", ")));
            }
        }
    }
    findings
}

/// Cores must be free of I/O libraries through all normal dependencies. `cargo tree` says which are
/// really built for the core alone; the metadata mixes the features of the whole workspace.
fn tree_findings() -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for row in TABLE.iter().filter(|row| row.layer == Layer::Core) {
        let package = format!("caruso-{}", row.folder);
        let list = ["tree", "--package", &package, "--edges", "normal", "--prefix", "none"];
        for line in run::output("cargo", &list)?.lines() {
            let name = line.split(' ').next().unwrap_or_default();
            if BANNED_IN_CORES.contains(&name) {
                findings.push(format!("{}: a pure core reaches {name}", row.folder));
            }
        }
    }
    findings.dedup();
    Ok(findings)
}

fn licence_findings(metadata: &Metadata) -> Vec<String> {
    let mut findings = Vec::new();
    for package in &metadata.packages {
        let Some(expression) = &package.license else {
            findings.push(format!("{} {}: no licence", package.name, package.version));
            continue;
        };
        let is_permitted = expression.split(" AND ").all(|part| {
            let part = part.replace('/', " OR ").replace(['(', ')'], "");
            part.split(" OR ").any(|licence| LICENCES.contains(&licence.trim()))
        });
        if !is_permitted {
            findings.push(format!("{} {}: licence {expression}", package.name, package.version));
        }
        let is_from_git = package.source.as_ref().is_some_and(|s| s.repr.starts_with("git"));
        if is_from_git {
            findings
                .push(format!("{}: dependencies come from the registry, not git", package.name));
        }
    }
    findings
}

fn file_findings() -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for path in files::tracked()? {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        let is_generated = path.components().any(|part| part.as_os_str() == "gen");
        if !matches!(extension, "rs" | "ts" | "tsx" | "css" | "py" | "proto") || is_generated {
            continue;
        }
        let text = std::fs::read_to_string(&path)?;
        check_text(&path, &text, &mut findings);
    }
    Ok(findings)
}

/// Tests that the list of complaints names and that are not there.
fn complaint_findings() -> anyhow::Result<Vec<String>> {
    const LIST: &str = "docs/complaints.md";
    let mut sources = String::new();
    for path in files::tracked()? {
        if path.extension().is_some_and(|it| it == "rs" || it == "ts") {
            sources.push_str(&std::fs::read_to_string(&path)?);
        }
    }
    let list = std::fs::read_to_string(LIST)?;
    let rows = list.lines().filter(|line| line.starts_with("| "));
    let last_cells = rows.skip(1).filter_map(|row| row.trim_end_matches(" |").rsplit(" | ").next());
    let named = last_cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let is_there = |test: &&str| {
        let (rust, typescript) = (format!("fn {test}("), format!("test(\"{test}\""));
        sources.contains(&rust) || sources.contains(&typescript)
    };
    let missing = named.filter(|test| !is_there(test));
    Ok(missing.map(|test| format!("{LIST}: there is no test `{test}`")).collect())
}

fn check_text(path: &Path, text: &str, findings: &mut Vec<String>) {
    let place = path.display();
    let count = text.lines().count();
    if count > LONGEST_FILE {
        findings.push(format!("{place}: {count} lines, at most {LONGEST_FILE}"));
    }
    // the words are put together here so that this file does not find itself
    let marks =
        [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("#[", "ignore"), concat!("todo", "!(")];
    for (index, line) in text.lines().enumerate() {
        let at = format!("{place}:{}", index + 1);
        if line.chars().count() > LONGEST_LINE {
            findings.push(format!("{at}: longer than {LONGEST_LINE} columns"));
        }
        for mark in marks.iter().filter(|mark| line.contains(*mark)) {
            findings.push(format!("{at}: `{mark}`"));
        }
    }
}
