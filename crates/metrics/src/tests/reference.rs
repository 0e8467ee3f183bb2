//! The reference of figures, which is made of the catalogue.

use std::fmt::Write as _;
use std::path::Path;

use crate::{Dimension, Figure, Source, Takes, Unit, figures};

fn unit(figure: &Figure) -> &'static str {
    match figure.unit {
        Unit::Count => "how many",
        Unit::Time => "time, summed",
        Unit::Average => "time, on average",
        Unit::Longest => "time, the longest",
        Unit::Share => "share",
    }
}

fn takes(figure: &Figure) -> &'static str {
    match figure.takes {
        Takes::Nothing => "",
        Takes::Within => "`within` (T)",
        Takes::Short => "`short` (s)",
        Takes::WithinAndShort => "`within` (T), `short` (s)",
        Takes::Reason => "`reason`",
    }
}

fn page() -> String {
    let mut page =
        "# Figures: reference\n\nMade of the catalogue in `crates/metrics`. A column of a \
        report names a figure by its id; a formula never changes its meaning under the same id. \
        Averages are rounded half up to milliseconds, shares to tenths of a per cent.\n"
            .to_owned();
    let sources = [
        Source::Visits,
        Source::Offers,
        Source::Conversations,
        Source::Transfers,
        Source::OutgoingCalls,
        Source::AgentTimes,
    ];
    for source in sources {
        let known = Dimension::ALL.into_iter().filter(|it| source.knows(*it));
        let known: Vec<&str> = known.map(Dimension::name).collect();
        let mut title = source.name().to_owned();
        title[..1].make_ascii_uppercase();
        let _ = write!(page, "\n## {title}\n\nTold apart by {}.\n\n", known.join(", "));
        page.push_str("| figure | title | formula | measured in | takes |\n");
        page.push_str("| --- | --- | --- | --- | --- |\n");
        for it in figures().filter(|it| it.source() == source) {
            let (unit, takes) = (unit(it), takes(it));
            let _ = writeln!(
                page,
                "| `{}` | {} | {} | {unit} | {takes} |",
                it.id, it.title, it.definition
            );
        }
    }
    page
}

/// With `INSTA_UPDATE=always` it is written, as snapshots are.
#[test]
fn the_reference_says_what_the_catalogue_has() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/figures.md");
    if std::env::var("INSTA_UPDATE").is_ok_and(|it| it == "always") {
        std::fs::write(&path, page()).expect("writable");
    }
    let written = std::fs::read_to_string(&path).expect("the reference is there");
    assert_eq!(written, page(), "write it with INSTA_UPDATE=always");
}
