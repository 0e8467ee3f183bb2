//! `cargo xtask gen`: tables and pages in `docs/` that are derived from code.

use std::path::Path;

use anyhow::Context;

use crate::{edges, reference};

const PAGE: &str = "docs/architecture.md";
const BEGIN: &str = "<!-- generated: dependencies -->\n";
const END: &str = "<!-- end generated -->\n";

/// Writes the generated parts.
pub(crate) fn generate() -> anyhow::Result<()> {
    for (path, text) in all()? {
        if let Some(folder) = Path::new(path).parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, text)?;
    }
    Ok(())
}

/// Whether what is generated is up to date.
pub(crate) fn is_fresh() -> anyhow::Result<bool> {
    let is_fresh = |(path, text): &(&str, String)| {
        std::fs::read_to_string(path).is_ok_and(|found| found == *text)
    };
    Ok(all()?.iter().all(is_fresh))
}

/// Every page and what stands on it.
fn all() -> anyhow::Result<Vec<(&'static str, String)>> {
    let mut pages = reference::pages()?;
    pages.push((PAGE, page()?));
    Ok(pages)
}

fn page() -> anyhow::Result<String> {
    let text = std::fs::read_to_string(PAGE).with_context(|| format!("cannot read {PAGE}"))?;
    let (before, rest) = text.split_once(BEGIN).context("the page has no generated part")?;
    let (_, after) = rest.split_once(END).context("the generated part has no end")?;
    Ok(format!("{before}{BEGIN}{}{END}{after}", edges::markdown()))
}
