//! Hours: days and times that can be read, and what becomes of calls outside of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_markup::{Attribute, Element, suggest};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Compiler, words};
use crate::codes;
use crate::configuration::Overflows;
use crate::hours::{Closed, DAY, Hours, Opening};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Hours by their id; nothing where they have a mistake, which is told at its place.
pub(super) type AllHours = BTreeMap<String, Option<Arc<Hours>>>;

impl Compiler<'_> {
    pub(super) fn all_hours(&mut self, root: &Element) -> AllHours {
        let mut all = AllHours::new();
        for element in root.children_named("hours") {
            let Some(id) = element.value("id") else { continue };
            all.insert(id.to_owned(), self.hours(element).map(Arc::new));
        }
        all
    }

    fn hours(&mut self, element: &Element) -> Option<Hours> {
        let zone = element.attribute("zone").and_then(|it| self.zone(it));
        let open = element.children_named("open").filter_map(|it| self.opening(it)).collect();
        let closed = element.children_named("closed").filter_map(|it| self.closed(it)).collect();
        Some(Hours { zone: zone?, open, closed })
    }

    fn zone(&mut self, zone: &Attribute) -> Option<TimeZone> {
        let known = TimeZone::get(&zone.value).ok();
        if known.is_none() {
            let message = format!("there is no time zone `{}`", zone.value);
            self.say(zone, message, "a name of the IANA database, such as Europe/Amsterdam");
        }
        known
    }

    fn opening(&mut self, open: &Element) -> Option<Opening> {
        let days = open.attribute("days").and_then(|it| self.days(it));
        let from = open.attribute("from").and_then(|it| self.time(it));
        let to = open.attribute("to").and_then(|it| self.time(it));
        let opening = Opening { days: days?, from: from?, to: to? };
        if opening.from >= opening.to {
            let to = open.attribute("to")?;
            let message = format!("`{}` is not later than the beginning", to.value);
            self.say(
                to,
                message,
                "over midnight, write two: until 24:00, and from 00:00 the day after",
            );
            return None;
        }
        Some(opening)
    }

    fn days(&mut self, days: &Attribute) -> Option<[bool; 7]> {
        let mut all = [false; 7];
        let day = |name: &str| DAYS.iter().position(|it| *it == name);
        for (offset, word) in words(&days.value) {
            let (first, last) = word.split_once('-').unwrap_or((word, word));
            let (Some(first), Some(last)) = (day(first), day(last)) else {
                let message = format!("`{word}` is no day of the week, nor some in a row");
                let finding = days.finding_at(offset, codes::HOURS, message);
                self.findings.push(finding.with_hint("mon, tue, … sun, or mon-fri"));
                return None;
            };
            // a week has no end: sat-mon
            let count = (last + 7 - first) % 7;
            (first..=first + count).for_each(|at| all[at % 7] = true);
        }
        Some(all)
    }

    fn time(&mut self, time: &Attribute) -> Option<u16> {
        let parts = time.value.split_once(':').filter(|(hour, minute)| {
            let is_two = |it: &str| it.len() == 2 && it.bytes().all(|it| it.is_ascii_digit());
            is_two(hour) && is_two(minute)
        });
        let parts = parts.and_then(|(hour, minute)| {
            Some((hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?))
        });
        let minutes = parts.filter(|(_, minute)| *minute < 60);
        let minutes = minutes.map(|(hour, minute)| hour * 60 + minute).filter(|it| *it <= DAY);
        if minutes.is_none() {
            let message = format!("`{}` is no time of day", time.value);
            self.say(time, message, "hours and minutes, from 00:00 to 24:00");
        }
        minutes
    }

    fn closed(&mut self, closed: &Element) -> Option<Closed> {
        let on = closed.attribute("on")?;
        let each_year = || {
            let (month, day) = on.value.split_once('-')?;
            // a leap year has every day that there is
            let day = Date::new(2024, month.parse().ok()?, day.parse().ok()?).ok()?;
            Some(Closed::EachYear(day.month(), day.day()))
        };
        let day = on.value.parse().map(Closed::On).ok().or_else(each_year);
        if day.is_none() {
            let message = format!("`{}` is no day", on.value);
            self.say(on, message, "as 2026-04-27, or 12-25 for that of every year");
        }
        day
    }

    /// The hours of a queue, which go together with what becomes of calls outside of them.
    pub(super) fn hours_of(
        &mut self,
        queue: &Element,
        all: &AllHours,
        overflows: &Overflows,
    ) -> Option<Arc<Hours>> {
        let closed = queue.children_named("overflow").find(|it| it.value("on") == Some("closed"));
        let Some(attribute) = queue.attribute("hours") else {
            if let Some(on) = closed.and_then(|it| it.attribute("on")) {
                let message = "the queue has no hours, so it is never closed".to_owned();
                self.say(on, message, "name the hours of the queue in its attribute `hours`");
            }
            return None;
        };
        if overflows.closed.is_none() && closed.is_none() {
            let message = "it is not said what becomes of calls outside of the hours".to_owned();
            let hint = "<overflow on=\"closed\" say=\"PROMPT\"/>, or `to` another queue";
            self.say(attribute, message, hint);
        }
        let known = all.get(&attribute.value);
        if known.is_none() {
            let message = format!("there are no hours `{}`", attribute.value);
            let finding = attribute.finding(codes::HOURS, message);
            let hint = suggest(&attribute.value, all.keys().map(String::as_str));
            self.findings.push(finding.with_suggestion(hint));
        }
        known.cloned().flatten()
    }

    fn say(&mut self, attribute: &Attribute, message: String, hint: &str) {
        self.findings.push(attribute.finding(codes::HOURS, message).with_hint(hint));
    }
}
