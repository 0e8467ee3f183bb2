//! A report as its file defines it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use caruso_contact::ReasonId;
use caruso_metrics::{Dimension, Figure, Takes, Unit, service_levels};

/// Most columns of a report.
pub const MAX_COLUMNS: usize = 40;
/// Most reports of an application.
pub const MAX_REPORTS: usize = 200;
/// Most columns of a chart.
pub const MAX_DRAWN: usize = 4;
/// The figure that stands for whatever variant of the service level is chosen.
pub const SERVICE_LEVEL: &str = "service-level";

/// Titles by language.
pub type Titles = BTreeMap<String, String>;

/// A report.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Its name.
    pub id: String,
    /// What people call it.
    pub titles: Titles,
    /// Which days it shows where nobody says.
    pub days: Days,
    /// Length of a row.
    pub interval: Interval,
    /// IANA name of its zone, where that is not the application's.
    pub zone: Option<String>,
    /// What rows are told apart by.
    pub by: Vec<Dimension>,
    /// Names of the channels that count; none for all.
    pub channels: BTreeSet<String>,
    /// Ids of the queues that count; none for all.
    pub queues: BTreeSet<String>,
    /// `T`.
    pub within: Duration,
    /// `s`.
    pub short: Duration,
    /// Variant of the service level.
    pub service_level: &'static Figure,
    /// With which days it is compared.
    pub compare: Compare,
    /// Its columns; at least one, at most [`MAX_COLUMNS`].
    pub columns: Vec<Column>,
    /// What is drawn.
    pub chart: Option<Chart>,
}

/// A column of a report.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name within the report.
    pub id: String,
    /// What people call it; its figure's where there is none.
    pub titles: Titles,
    /// The figure; nothing for the variant of the service level that is chosen.
    pub figure: Option<&'static Figure>,
    /// `T`, where it is not the report's.
    pub within: Option<Duration>,
    /// Of times not ready, for this reason alone.
    pub reason: Option<ReasonId>,
}

/// Some columns as a drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// Ids of the columns, at most [`MAX_DRAWN`].
    pub columns: Vec<String>,
    /// How.
    pub look: Look,
}

macro_rules! words {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal),* $(,)? }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$of])* $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As files write it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// What files write so; nothing for another word.
            pub fn of(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| it.name() == word)
            }
        }
    };
}

words! {
    /// Days of a report.
    Days {
        /// Today.
        Today = "today",
        /// The day before.
        Yesterday = "yesterday",
        /// Seven days, of which today is the last.
        Last7 = "last-7-days",
        /// Twenty-eight days, of which today is the last.
        Last28 = "last-28-days",
    }
}

words! {
    /// Length of a row.
    Interval {
        /// The whole period.
        Whole = "none",
        /// A quarter of an hour.
        Quarter = "15m",
        /// Half an hour.
        Half = "30m",
        /// An hour.
        Hour = "1h",
        /// From midnight to midnight, by the clock of the zone.
        Day = "day",
        /// From Monday on.
        Week = "week",
    }
}

words! {
    /// With which days a report is compared.
    Compare {
        /// With none.
        No = "none",
        /// As many days right before.
        Previous = "previous",
        /// Seven days before.
        Week = "week",
    }
}

words! {
    /// How a chart is drawn.
    Look {
        /// Bars beside each other.
        Bars = "bars",
        /// Bars on top of each other.
        Stacked = "stacked",
        /// Lines along the intervals.
        Lines = "lines",
    }
}

impl Definition {
    /// What its rows can be told apart by: what every figure of it knows.
    pub fn dimensions(&self) -> Vec<Dimension> {
        let known_by_all = |it: &Dimension| {
            self.columns
                .iter()
                .filter_map(|column| column.figure)
                .all(|figure| figure.source().knows(*it))
        };
        Dimension::ALL.into_iter().filter(known_by_all).collect()
    }

    /// Whether one of its columns shows the variant of the service level that is chosen.
    pub fn has_service_level(&self) -> bool {
        self.columns.iter().any(|it| it.figure.is_none())
    }
}

/// The variant of the service level of this id.
pub fn service_level(id: &str) -> Option<&'static Figure> {
    service_levels().iter().find(|it| it.id == id)
}

/// The title in a language, else in English, else any; nothing where there is none.
pub fn title<'a>(titles: &'a Titles, language: &str) -> Option<&'a str> {
    let found = titles.get(language).or_else(|| titles.get("en"));
    found.or_else(|| titles.values().next()).map(String::as_str)
}

/// Whether figures of these units can be drawn beside each other.
pub(crate) fn is_same_measure(one: Unit, other: Unit) -> bool {
    let measure = |unit| match unit {
        Unit::Count => 0,
        Unit::Time | Unit::Average | Unit::Longest => 1,
        Unit::Share => 2,
    };
    measure(one) == measure(other)
}

/// Whether a column may be given `within`.
pub(crate) fn takes_within(figure: Option<&Figure>) -> bool {
    figure.is_none_or(|it| it.takes.within())
}

/// Whether a column may be given `reason`.
pub(crate) fn takes_reason(figure: Option<&Figure>) -> bool {
    figure.is_some_and(|it| it.takes == Takes::Reason)
}
