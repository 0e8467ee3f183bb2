//! `cargo xtask gen`: tables in `docs/` that are derived from code.

use anyhow::Context;

use crate::edges;

const PAGE: &str = "docs/architecture.md";
const BEGIN: &str = "<!-- generated: dependencies -->\n";
const END: &str = "<!-- end generated -->\n";

/// Writes the generated parts.
pub(crate) fn generate() -> anyhow::Result<()> {
    std::fs::write(PAGE, page()?)?;
    Ok(())
}

/// Whether what is generated is up to date.
pub(crate) fn is_fresh() -> anyhow::Result<bool> {
    Ok(std::fs::read_to_string(PAGE)? == page()?)
}

fn page() -> anyhow::Result<String> {
    let text = std::fs::read_to_string(PAGE).with_context(|| format!("cannot read {PAGE}"))?;
    let (before, rest) = text.split_once(BEGIN).context("the page has no generated part")?;
    let (_, after) = rest.split_once(END).context("the generated part has no end")?;
    Ok(format!("{before}{BEGIN}{}{END}{after}", edges::markdown()))
}
