//! The table of allowed dependencies between our crates, and who may name which library.
//!
//! It stands here once; `cargo xtask tidy` proves it, `cargo xtask gen` prints it into
//! `docs/architecture.md`.

/// What a crate is, which decides what it may depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    /// No I/O, clock, randomness.
    Core,
    Contract,
    Plumbing,
    Component,
    Program,
    Developer,
}

/// One crate (by folder), its layer, and the crates of ours it may name directly.
pub(crate) struct Row {
    pub(crate) folder: &'static str,
    pub(crate) layer: Layer,
    pub(crate) may_use: &'static [&'static str],
}

const fn row(folder: &'static str, layer: Layer, may_use: &'static [&'static str]) -> Row {
    Row { folder, layer, may_use }
}

/// Every crate of the workspace.
pub(crate) const TABLE: &[Row] = &[
    row("markup", Layer::Core, &[]),
    row("expression", Layer::Core, &[]),
    row("object-model", Layer::Core, &["markup", "expression"]),
    row("configured-wrapper", Layer::Core, &["markup", "expression", "object-model"]),
    row("dialogue", Layer::Core, &["markup", "expression", "object-model"]),
    row("contact", Layer::Core, &[]),
    row("contract", Layer::Core, &[]),
    row("routing", Layer::Core, &["markup", "expression", "object-model", "contact"]),
    row("metrics", Layer::Core, &["contact"]),
    row("reports", Layer::Core, &["markup", "contact", "metrics"]),
    row("simulation", Layer::Core, &["contact", "routing", "metrics", "markup"]),
    row(
        "application",
        Layer::Core,
        &[
            "markup",
            "expression",
            "object-model",
            "configured-wrapper",
            "dialogue",
            "contact",
            "routing",
            "reports",
        ],
    ),
    row("api", Layer::Contract, &["contract"]),
    row("certificates", Layer::Plumbing, &[]),
    row("component", Layer::Plumbing, &["api", "certificates"]),
    row("journal", Layer::Plumbing, &["contact"]),
    row("database", Layer::Plumbing, &["object-model", "expression"]),
    row("sip", Layer::Plumbing, &[]),
    row("media", Layer::Plumbing, &[]),
    row("softphone", Layer::Plumbing, &["sip", "media"]),
    row("speech", Layer::Plumbing, &["media"]),
    row("report-files", Layer::Plumbing, &["metrics", "reports"]),
    row("service-manager", Layer::Component, &["contract", "api", "certificates", "component"]),
    row("identity", Layer::Component, &["api", "component"]),
    row(
        "communication-server",
        Layer::Component,
        &[
            "api",
            "component",
            "application",
            "contact",
            "routing",
            "journal",
            "sip",
            "media",
            "speech",
        ],
    ),
    row(
        "script-engine",
        Layer::Component,
        &["api", "component", "application", "dialogue", "expression", "journal", "contact"],
    ),
    row(
        "storage-manager",
        Layer::Component,
        &["api", "component", "application", "database", "object-model", "expression", "markup"],
    ),
    row(
        "business-object-modeler",
        Layer::Component,
        &["api", "component", "application", "database", "object-model", "expression", "markup"],
    ),
    row("legacy-wrappers", Layer::Component, &["api", "component", "application"]),
    row(
        "monitor",
        Layer::Component,
        &["api", "component", "application", "contact", "routing", "metrics", "report-files"],
    ),
    row("front-office", Layer::Component, &["api", "component", "application"]),
    row("self-service", Layer::Component, &["api", "component", "application"]),
    row(
        "caruso",
        Layer::Program,
        &[
            "api",
            "component",
            "application",
            "contact",
            "database",
            "markup",
            "object-model",
            "softphone",
            "speech",
            "media",
            "sip",
            "simulation",
            "service-manager",
            "identity",
            "communication-server",
            "script-engine",
            "storage-manager",
            "business-object-modeler",
            "legacy-wrappers",
            "monitor",
            "front-office",
            "self-service",
        ],
    ),
    row("test-kit", Layer::Developer, &[]),
    row("xtask", Layer::Developer, &[]),
    row("fuzz", Layer::Developer, &["dialogue", "expression", "markup", "object-model"]),
    row("tests", Layer::Developer, &["api", "component", "softphone", "media", "sip", "test-kit"]),
];

/// Libraries that no pure core may have anywhere in its normal dependency tree.
pub(crate) const BANNED_IN_CORES: &[&str] =
    &["tokio", "tonic", "hyper", "sea-orm", "sqlx", "socket2", "rand", "axum"];

/// Libraries that only some crates may name, and which.
pub(crate) const RESERVED: &[(&str, &[&str])] = &[
    ("sea-orm", &["business-object-modeler", "database", "storage-manager"]),
    ("sqlx", &["database", "journal"]),
    ("rustls", &["certificates", "database"]),
    ("rcgen", &["certificates"]),
    ("x509-parser", &["certificates"]),
    ("chrono", &["database"]),
    ("rsipstack", &["sip"]),
    ("str0m", &["media"]),
    ("audio-codec", &["media"]),
    ("axum", &["front-office", "self-service"]),
    ("pdf-writer", &["report-files"]),
    ("rust_xlsxwriter", &["report-files"]),
    ("quick-xml", &["markup"]),
];

/// The table as Markdown.
pub(crate) fn markdown() -> String {
    let mut text = String::from("| crate | layer | may name directly |\n| --- | --- | --- |\n");
    for row in TABLE {
        let layer = format!("{:?}", row.layer).to_lowercase();
        text.push_str(&format!("| {} | {layer} | {} |\n", row.folder, row.may_use.join(", ")));
    }
    text.push_str("\n| library | named only by |\n| --- | --- |\n");
    for (library, crates) in RESERVED {
        text.push_str(&format!("| {library} | {} |\n", crates.join(", ")));
    }
    text
}
