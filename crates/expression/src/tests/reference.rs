//! The examples of the reference page.

use super::{check, value};
use crate::{MAX_DEPTH, MAX_NODES, MAX_SOURCE_BYTES, Missing};

const PAGE: &str = include_str!("../../../../docs/reference/expressions.md");

#[test]
fn every_example_of_the_reference_has_its_value() {
    let rows = PAGE.lines().filter_map(|line| {
        let cells = line.strip_prefix("| `")?.strip_suffix("` |")?;
        cells.split_once("` | `")
    });
    let rows: Vec<_> = rows.collect();
    assert!(rows.len() > 40, "{} rows", rows.len());
    for (source, expected) in rows {
        check(source, Missing::MustBeGuarded, None)
            .unwrap_or_else(|errors| panic!("{source}: {errors:?}"));
        let value = value(source).unwrap_or_else(|error| panic!("{source}: {error}"));
        assert_eq!(value.to_string(), expected, "{source}");
    }
}

#[test]
fn the_limits_of_the_reference_are_those_in_force() {
    assert_eq!((MAX_SOURCE_BYTES, MAX_NODES, MAX_DEPTH), (4096, 1000, 48));
}
