//! The application whose objects are measured.

use std::collections::BTreeMap;

use caruso_component::Release;

/// Tables and rows, as SQL.
pub(crate) const TABLES: &str = include_str!("grown/tables.sql");
/// The name under which the objects know their database.
pub(crate) const DATABASE: &str = "grown";

const SCRIPT: &str = r#"<!DOCTYPE script SYSTEM "dialogue-script.dtd">
<script id="talk" version="1.0.0" language="en" channels="agent ivr" start="end">
<title>Talk</title><end id="end" outcome="done"/></script>"#;

pub(crate) fn release() -> Release {
    let files: [(&str, &'static str); 5] = [
        ("application.xml", include_str!("grown/application.xml")),
        ("routing.xml", include_str!("grown/routing.xml")),
        ("objects/grown.xml", include_str!("grown/objects.xml")),
        ("scripts/talk.xml", SCRIPT),
        ("prompts/music.wav", ""),
    ];
    let files = files.map(|(path, content)| (path.to_owned(), content.into()));
    Release::new(BTreeMap::from(files))
}
