//! The reports that every application has.

use std::collections::BTreeMap;

use caruso_markup::Document;

use crate::read::dtd;

const ALL: [(&str, &str); 9] = [
    ("abandoned", include_str!("standard/abandoned.xml")),
    ("agent-availability", include_str!("standard/agent-availability.xml")),
    ("agent-work", include_str!("standard/agent-work.xml")),
    ("connection-time", include_str!("standard/connection-time.xml")),
    ("incoming-calls", include_str!("standard/incoming-calls.xml")),
    ("outgoing-calls", include_str!("standard/outgoing-calls.xml")),
    ("transfers", include_str!("standard/transfers.xml")),
    ("voicemail", include_str!("standard/voicemail.xml")),
    ("waiting", include_str!("standard/waiting.xml")),
];

/// Their files by id.
pub fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
    ALL.into_iter()
}

/// Their documents by id.
pub(crate) fn documents() -> BTreeMap<String, Document> {
    let read = |(id, text): (&str, &str)| {
        let document = Document::read(&format!("{id}.xml"), text, dtd());
        (id.to_owned(), document.expect("the standard reports follow the DTD"))
    };
    ALL.into_iter().map(read).collect()
}
