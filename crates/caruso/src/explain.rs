//! `caruso explain`: the help page of a code, or the list of all codes.
//!
//! The pages are the sections of the files in `docs/errors`, which are compiled in. A file is an
//! area, its first line the area's title; a page begins with `## CODE Title`.

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use serde_json::json;

use crate::Format;

/// The areas, in the order in which somebody who writes and then runs an application meets them.
const AREAS: &[&str] = &[
    include_str!("../../../docs/errors/markup.md"),
    include_str!("../../../docs/errors/expression.md"),
    include_str!("../../../docs/errors/application.md"),
    include_str!("../../../docs/errors/business-objects.md"),
    include_str!("../../../docs/errors/live-databases.md"),
    include_str!("../../../docs/errors/dialogue-scripts.md"),
    include_str!("../../../docs/errors/routing.md"),
    include_str!("../../../docs/errors/reports.md"),
    include_str!("../../../docs/errors/replay.md"),
    include_str!("../../../docs/errors/components.md"),
    include_str!("../../../docs/errors/registry.md"),
    include_str!("../../../docs/errors/identity.md"),
    include_str!("../../../docs/errors/storage.md"),
    include_str!("../../../docs/errors/design-tools.md"),
    include_str!("../../../docs/errors/script-engine.md"),
    include_str!("../../../docs/errors/contact.md"),
    include_str!("../../../docs/errors/wrapper.md"),
    include_str!("../../../docs/errors/monitor.md"),
    include_str!("../../../docs/errors/demo.md"),
];
/// Codes that an unknown one is near to: as many are named, with as many characters different.
const MOST_NEAR: usize = 3;
const MOST_DIFFERENT: usize = 2;
const DIGITS: usize = 4;

/// What `caruso explain` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The code, such as CM0201; without it, all codes are listed
    code: Option<String>,
}

/// The page of one code.
#[derive(Clone, Copy, Debug)]
struct Page {
    code: &'static str,
    title: &'static str,
    /// What happened, why, and what to do; without blank lines around it.
    text: &'static str,
}

/// Prints a page or the list; an unknown code is an error that names those near to it.
pub(crate) fn explain(options: &Options, format: Format) -> anyhow::Result<ExitCode> {
    let Some(asked) = &options.code else {
        print!("{}", list(format));
        return Ok(ExitCode::SUCCESS);
    };
    let code = asked.to_ascii_uppercase();
    match all_pages().find(|page| page.code == code) {
        Some(page) => print!("{}", shown(page, format)),
        None => bail!("there is no code `{asked}`{}", hint(&code)),
    }
    Ok(ExitCode::SUCCESS)
}

/// The page of a code, for design tools.
pub(crate) fn page_of(code: &str) -> Option<caruso_business_object_modeler::service::Page> {
    let page = all_pages().find(|page| page.code == code)?;
    let Page { title, text, .. } = page;
    Some(caruso_business_object_modeler::service::Page { title, text })
}

fn all_pages() -> impl Iterator<Item = Page> {
    AREAS.iter().flat_map(|area| pages(area))
}

/// The pages of an area, in the order of its file.
fn pages(area: &'static str) -> impl Iterator<Item = Page> {
    area.split("\n## ").skip(1).filter_map(|section| {
        let (heading, text) = section.split_once('\n')?;
        let (code, title) = heading.split_once(' ')?;
        Some(Page { code, title, text: text.trim() })
    })
}

/// The title of an area.
fn title(area: &'static str) -> &'static str {
    area.lines().next().unwrap_or_default().trim_start_matches("# ")
}

fn shown(page: Page, format: Format) -> String {
    let Page { code, title, text } = page;
    match format {
        Format::Text => format!("{code}: {title}\n\n{text}\n"),
        Format::Json => format!("{}\n", json!({ "code": code, "title": title, "text": text })),
    }
}

fn list(format: Format) -> String {
    match format {
        Format::Text => {
            let lines = AREAS.iter().flat_map(|area| {
                let pages = pages(area).map(|page| format!("  {}  {}\n", page.code, page.title));
                std::iter::once(format!("{}\n", title(area))).chain(pages).chain(["\n".to_owned()])
            });
            lines.chain(["`caruso explain CODE` tells more.\n".to_owned()]).collect()
        }
        Format::Json => {
            let codes = all_pages().map(|page| json!({ "code": page.code, "title": page.title }));
            format!("{}\n", json!({ "codes": codes.collect::<Vec<_>>() }))
        }
    }
}

fn hint(code: &str) -> String {
    match near(code).as_slice() {
        [] => "; `caruso explain` lists all".to_owned(),
        near => format!("; near to it: {}", near.join(", ")),
    }
}

/// Codes that differ in few places: first those with the same letters, the nearest first. Missing
/// zeros are no difference.
fn near(code: &str) -> Vec<&'static str> {
    let letters = code.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = code.strip_prefix(letters).unwrap_or_default();
    let code = format!("{letters}{number:0>DIGITS$}");
    let different = |page: &Page| {
        let places = page.code.chars().zip(code.chars()).filter(|(is, asked)| is != asked).count();
        places + page.code.len().abs_diff(code.chars().count())
    };
    let ranked = |page: Page| (!page.code.starts_with(letters), different(&page), page.code);
    let mut near: Vec<_> = all_pages().map(ranked).collect();
    near.retain(|(_, different, _)| *different <= MOST_DIFFERENT);
    near.sort_unstable();
    near.into_iter().take(MOST_NEAR).map(|(_, _, code)| code).collect()
}

#[cfg(test)]
mod tests;
