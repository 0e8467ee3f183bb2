//! Objects read and changed through the storage manager, beside hand-written SQL and PostGraphile.

use super::Goal::{AtLeast, AtMost, Open};
use super::{Figure, figure};

/// The ratios, then five figures for each row.
macro_rules! figures {
    ($($ratio:expr,)*; $(($key:literal, $title:literal),)*) => {
        &[
            $($ratio,)*
            $(
                figure(
                    concat!("objects.", $key, ".cpu_us"),
                    concat!($title, "; CPU of the server"),
                    "µs",
                    Open,
                ),
                figure(
                    concat!("objects.", $key, ".database_us"),
                    concat!($title, "; CPU of PostgreSQL"),
                    "µs",
                    Open,
                ),
                figure(concat!("objects.", $key, ".per_second"), $title, "a second", Open),
                figure(concat!("objects.", $key, ".p50_ms"), concat!($title, "; half"), "ms", Open),
                figure(
                    concat!("objects.", $key, ".p99_ms"),
                    concat!($title, "; 99 of 100"),
                    "ms",
                    Open,
                ),
            )*
        ]
    };
}

const fn ratio(key: &'static str, title: &'static str, goal: super::Goal) -> Figure {
    figure(key, title, "times", goal)
}

/// Ratios are of the server's CPU. Over gRPC an empty call is added to what SQL alone takes, or
/// taken off a change.
pub(super) const FIGURES: &[Figure] = figures![
    ratio("objects.point_ratio", "a customer ÷ (SQL + empty call)", AtMost(1.4)),
    ratio("objects.page_ratio", "50 contracts with customers ÷ (SQL + empty call)", AtMost(1.6)),
    ratio("objects.postgraphile_point_ratio", "a customer: PostGraphile ÷ ours", AtLeast(5.0)),
    ratio("objects.postgraphile_page_ratio", "50 contracts: PostGraphile ÷ ours", AtLeast(8.0)),
    ratio("objects.update_ratio", "(update − empty call) ÷ bare UPDATE", AtMost(2.5)),
    ratio("objects.whole_update_ratio", "the same, with PostgreSQL's CPU", Open),
    ;
    ("empty", "an empty call"),
    ("point", "a customer"),
    ("sql_point", "a customer, SQL alone"),
    ("postgraphile_point", "a customer, PostGraphile"),
    ("page", "50 contracts with customers"),
    ("sql_page", "50 contracts with customers, SQL alone"),
    ("postgraphile_page", "50 contracts with customers, PostGraphile"),
    ("tree", "a customer with contracts and contact points"),
    ("look_up", "customers by telephone number"),
    ("update", "a guarded update with its change row"),
    ("sql_update", "a bare guarded update, SQL alone"),
];
