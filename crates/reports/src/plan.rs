//! What is asked of a report, resolved: which days, intervals, groups and figures.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use caruso_contact::{Channel, QueueId, Time};
use caruso_metrics::{Dimension, Fact, Figure, Parameters, Source, Takes, Unit};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::calendar::{self, MAX_INTERVALS, Period};
use crate::definition::{Compare, Definition, Interval, title};

/// What a report is asked for; nothing stands for what its definition says.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// The first day.
    pub first: Option<Date>,
    /// The last day, which belongs to it; the first where only that is given.
    pub last: Option<Date>,
    /// Length of a row.
    pub interval: Option<Interval>,
    /// What rows are told apart by.
    pub by: Option<Vec<Dimension>>,
    /// With which days it is compared.
    pub compare: Option<Compare>,
    /// Variant of the service level.
    pub service_level: Option<&'static Figure>,
    /// `T` of the report; columns with one of their own keep it.
    pub within: Option<Duration>,
    /// `s`.
    pub short: Option<Duration>,
    /// Only these queues, of those that the report counts; none for all of them.
    pub queues: BTreeSet<String>,
}

/// Why there can be no such report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The last day is before the first.
    #[error("the last day, {last}, is before the first, {first}")]
    Empty {
        /// The first day.
        first: Date,
        /// The last day.
        last: Date,
    },
    /// No clock has it, or it was before 1970.
    #[error("there is no report of the day {0}")]
    NoDay(Date),
    /// Too finely cut.
    #[error(
        "the period has {0} intervals or more; at most {MAX_INTERVALS} are possible, ask for \
             a shorter period or longer intervals"
    )]
    TooManyIntervals(usize),
    /// Too much to show.
    #[error("the report has {0} cells; at most {max} are possible, ask for a shorter period, \
             longer intervals or fewer groups", max = crate::table::MAX_CELLS)]
    TooManyCells(usize),
    /// The zone is not known here.
    #[error("the time zone `{0}` is unknown")]
    NoZone(String),
    /// A figure does not know it.
    #[error("`{figure}` counts {counted}, which cannot be told apart by {dimension}")]
    Dimension {
        /// The figure.
        figure: &'static str,
        /// What it counts.
        counted: &'static str,
        /// What it does not know.
        dimension: &'static str,
    },
}

/// A report that can be computed.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it is a report of.
    pub definition: Arc<Definition>,
    /// IANA name of the zone.
    pub zone_name: String,
    pub(crate) zone: TimeZone,
    /// Its days.
    pub period: Period,
    /// Those that it is compared with.
    pub compared: Option<Period>,
    /// How.
    pub compare: Compare,
    /// Length of a row.
    pub interval: Interval,
    /// What rows are told apart by.
    pub by: Vec<Dimension>,
    /// Variant of the service level.
    pub service_level: &'static Figure,
    /// `T`.
    pub within: Duration,
    /// `s`.
    pub short: Duration,
    /// What counts of queues; none for all.
    pub(crate) queues: BTreeSet<String>,
    pub(crate) columns: Vec<Shown>,
    /// Until when what goes on has gone on.
    pub as_of: Time,
}

/// A column with what its figure is asked with.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) figure: &'static Figure,
    pub(crate) with: Parameters,
}

impl Plan {
    /// Resolves what is asked of a report at a moment. Texts are those of a language; `zone` is the
    /// application's.
    ///
    /// # Errors
    /// There can be no such report.
    pub fn new(
        definition: Arc<Definition>,
        query: &Query,
        zone: &str,
        language: &str,
        as_of: Time,
    ) -> Result<Self, Error> {
        let zone_name = definition.zone.clone().unwrap_or_else(|| zone.to_owned());
        let zone = TimeZone::get(&zone_name).map_err(|_| Error::NoZone(zone_name.clone()))?;
        let own = Period::days(definition.days, calendar::day_of(as_of, &zone))?;
        let (first, last) = match (query.first, query.last) {
            (None, None) => own,
            (Some(first), last) => (first, last.unwrap_or(first)),
            (None, Some(last)) => (own.0.min(last), last),
        };
        let interval = query.interval.unwrap_or(definition.interval);
        let compare = query.compare.unwrap_or(definition.compare);
        let period = Period::new(first, last, interval, &zone)?;
        let compared = Period::compared((first, last), compare)?;
        let compared = compared.map(|(first, last)| Period::new(first, last, interval, &zone));
        let by = query.by.clone().unwrap_or_else(|| definition.by.clone());
        let mut plan = Self {
            zone_name,
            zone,
            period,
            compared: compared.transpose()?,
            compare,
            interval,
            by,
            service_level: query.service_level.unwrap_or(definition.service_level),
            within: query.within.unwrap_or(definition.within),
            short: query.short.unwrap_or(definition.short),
            queues: narrowed(&definition.queues, &query.queues),
            columns: Vec::new(),
            as_of,
            definition,
        };
        plan.columns = plan.shown(language);
        plan.can_be_told_apart()?;
        Ok(plan)
    }

    /// The earliest moment of which it needs to know.
    pub fn needs_since(&self) -> Time {
        let compared = self.compared.as_ref().map(Period::from);
        compared.map_or(self.period.from(), |it| it.min(self.period.from()))
    }

    fn shown(&self, language: &str) -> Vec<Shown> {
        let columns = self.definition.columns.iter();
        let shown = columns.map(|column| {
            let figure = column.figure.unwrap_or(self.service_level);
            let with = Parameters {
                within: column.within.unwrap_or(self.within),
                short: self.short,
                reason: column.reason.clone(),
                as_of: self.as_of,
            };
            let own = title(&column.titles, language);
            let title = own.unwrap_or(figure.title).to_owned();
            Shown { id: column.id.clone(), title, figure, with }
        });
        shown.collect()
    }

    fn can_be_told_apart(&self) -> Result<(), Error> {
        let by_queue = (!self.queues.is_empty()).then_some(Dimension::Queue);
        for dimension in self.by.iter().copied().chain(by_queue) {
            let unfit = self.columns.iter().find(|it| !it.figure.source().knows(dimension));
            if let Some(it) = unfit {
                let (figure, counted) = (it.figure.id, it.figure.source().name());
                return Err(Error::Dimension { figure, counted, dimension: dimension.name() });
            }
        }
        Ok(())
    }

    /// Whether the report counts a fact at all.
    pub(crate) fn counts(&self, fact: &Fact<'_>) -> bool {
        let channels = &self.definition.channels;
        let has_channel = |it: Channel| channels.contains(it.name());
        let has_queue = |it: &QueueId| self.queues.contains(it.as_str());
        (channels.is_empty() || fact.channel().is_some_and(has_channel))
            && (self.queues.is_empty() || fact.queue().is_some_and(has_queue))
    }

    /// What its figures are computed of, each once.
    pub(crate) fn sources(&self) -> BTreeSet<Source> {
        self.columns.iter().map(|it| it.figure.source()).collect()
    }
}

/// What is wanted of what there is; an unknown name for nothing at all, where the two have nothing
/// in common.
fn narrowed(all: &BTreeSet<String>, wanted: &BTreeSet<String>) -> BTreeSet<String> {
    if all.is_empty() || wanted.is_empty() {
        return all.union(wanted).cloned().collect();
    }
    let both: BTreeSet<String> = all.intersection(wanted).cloned().collect();
    if both.is_empty() { [String::new()].into() } else { both }
}

impl Shown {
    /// The formula with the values of its parameters.
    pub(crate) fn definition(&self) -> String {
        let mut text = format!("{}: {}", self.figure.id, self.figure.definition);
        let seconds = |name: &str, it: Duration| format!("; {name} = {} s", it.as_secs());
        if self.figure.takes.within() {
            text.push_str(&seconds("T", self.with.within));
        }
        if self.figure.takes.short() {
            text.push_str(&seconds("s", self.with.short));
        }
        if self.figure.takes == Takes::Reason
            && let Some(reason) = &self.with.reason
        {
            text.push_str(&format!("; reason {reason}"));
        }
        text
    }

    /// What its values are measured in: empty, `s` or `%`.
    pub(crate) fn unit(&self) -> &'static str {
        match self.figure.unit {
            Unit::Count => "",
            Unit::Time | Unit::Average | Unit::Longest => "s",
            Unit::Share => "%",
        }
    }
}
