//! Tables, and the contacts behind their figures.

use caruso_contact::Time;
use caruso_metrics::{Dimension, Value};
use jiff::civil::date;

use super::day::Day;
use super::{at, plan, reports, table};
use crate::{Cell, Compare, Error, Interval, Plan, Query, Table, service_level, text};

/// Three calls in the ninth hour, of which one is abandoned, and one in the tenth that waits.
fn morning() -> Day {
    let mut day = Day::begun();
    day.work("anna", "service", &[(8 * 3600, "ready")]);
    for wait in [10, 30] {
        let contact = day.enter(9 * 3600, "faults");
        day.answer(9 * 3600 + wait, contact, "anna");
        day.finish(9 * 3600 + wait + 60, contact, "anna");
    }
    let abandoned = day.enter(9 * 3600 + 100, "faults");
    day.hang_up(9 * 3600 + 140, abandoned);
    day.enter(10 * 3600, "moving");
    day
}

fn shown(table: &Table) -> Vec<String> {
    let row = |row: &crate::Row| {
        let groups = row.groups.iter().map(|it| it.title.clone());
        let values = row.values.iter().map(|it| text(*it));
        let label = Some(row.label.clone()).filter(|it| !it.is_empty());
        label.into_iter().chain(groups).chain(values).collect::<Vec<_>>().join(" ")
    };
    table.rows.iter().chain([&table.total]).map(row).collect()
}

const OWN: &str = r#"<!DOCTYPE report SYSTEM "report.dtd">
<report id="own" interval="1h"><title language="en">Own</title>
<column figure="offered"/><column figure="answered"/><column figure="abandoned"/>
<column figure="still-waiting"/><column figure="service-level"/><column figure="ASA"/></report>"#;

#[test]
fn a_row_is_an_interval_and_a_queue_and_the_total_is_of_all_contacts() {
    let reports = reports(&[("reports/own.xml", OWN)]);
    let day = morning();
    let table = table(&day.figures, &plan(&reports["own"], &Query::default(), 11 * 3600));
    assert_eq!(
        shown(&table),
        ["09:00 Faults 3 2 1 0 33.3 % 0:20", "10:00 moving 1 0 0 1 – –", "4 2 1 1 33.3 % 0:20",]
    );
    assert_eq!(table.caption(), "Own, 2026-11-22 (Europe/Amsterdam), as of 2026-11-22 11:00:00");
}

#[test]
fn whoever_reads_it_chooses_groups_intervals_and_the_variant_of_the_service_level() {
    let reports = reports(&[("reports/own.xml", OWN)]);
    let day = morning();
    let query = Query {
        interval: Some(Interval::Whole),
        by: Some(vec![Dimension::Agent, Dimension::Team]),
        service_level: service_level("SL-answered"),
        ..Query::default()
    };
    let by_agent = table(&day.figures, &plan(&reports["own"], &query, 11 * 3600));
    let rows = shown(&by_agent);
    assert_eq!(rows[0], "nobody no team 2 0 1 1 – –");
    assert_eq!(rows[1], "=Anna service 2 2 0 0 50.0 % 0:20");
    let column = by_agent.columns.iter().find(|it| it.id == "service-level").expect("a column");
    assert_eq!(
        column.definition,
        "SL-answered: A_T / A: who abandons vanishes, which flatters; T = 20 s"
    );
    let longer = Query { within: Some(std::time::Duration::from_secs(30)), ..query };
    let longer = table(&day.figures, &plan(&reports["own"], &longer, 11 * 3600));
    assert_eq!(shown(&longer)[1], "=Anna service 2 2 0 0 100.0 % 0:20");
    let faults = Query { queues: ["moving".to_owned()].into(), ..Query::default() };
    let faults = table(&day.figures, &plan(&reports["own"], &faults, 11 * 3600));
    assert_eq!(shown(&faults), ["10:00 moving 1 0 0 1 – –", "1 0 0 1 – –"]);
}

#[test]
fn other_days_stand_beside_these() {
    let reports = reports(&[("reports/own.xml", OWN)]);
    let mut day = morning();
    let contact = day.enter(86_400 + 9 * 3600, "faults");
    day.hang_up(86_400 + 9 * 3600 + 4, contact);
    let query = Query { compare: Some(Compare::Previous), ..Query::default() };
    let plan = plan(&reports["own"], &query, 86_400 + 11 * 3600);
    assert_eq!(plan.needs_since(), at(0));
    let table = table(&day.figures, &plan);
    assert_eq!(table.compared_days, Some(("2026-11-22".to_owned(), "2026-11-22".to_owned())));
    let offered: Vec<_> = table.rows.iter().map(|it| (it.values[0], it.compared[0])).collect();
    assert_eq!(offered, [(Value::Count(1), Value::Count(3)), (Value::Count(0), Value::Count(1))]);
    assert_eq!(
        (table.total.values[0], table.total.compared[0]),
        (Value::Count(1), Value::Count(4))
    );
}

#[test]
fn behind_every_count_are_as_many_contacts_whatever_the_row() {
    let reports = reports(&[("reports/own.xml", OWN)]);
    let day = morning();
    let plan = plan(&reports["own"], &Query::default(), 11 * 3600);
    let table = table(&day.figures, &plan);
    for row in table.rows.iter().map(Some).chain([None]) {
        for (index, column) in table.columns.iter().enumerate() {
            let cell = Cell {
                column: column.id.clone(),
                interval: row.map(|it| it.interval),
                groups: row.iter().flat_map(|it| &it.groups).map(|it| it.id.clone()).collect(),
            };
            let (listed, count) = plan.contacts(&day.figures, &cell);
            assert_eq!(listed.len(), count);
            match row.unwrap_or(&table.total).values[index] {
                Value::Count(value) => assert_eq!(value, count as u64, "{cell:?}"),
                Value::Millis(mean) => {
                    let times: u64 = listed.iter().filter_map(|it| it.time).sum();
                    assert_eq!(mean, times / count as u64, "{cell:?}");
                }
                Value::Nothing | Value::PerMille(_) => {}
            }
        }
    }
    let nothing = Cell { column: "no-column".to_owned(), ..Cell::default() };
    assert_eq!(plan.contacts(&day.figures, &nothing).1, 0);
}

#[test]
fn time_of_agents_is_told_apart_by_agent_and_reason() {
    let own = r#"<!DOCTYPE report SYSTEM "report.dtd">
<report id="own" by="agent" interval="30m"><title language="en">Own</title>
<column figure="signed-in-time"/><column figure="ready-time"/><column figure="not-ready-time"/>
<column id="break" figure="not-ready-time" reason="break"/>
<column id="lost" figure="not-ready-time" reason="phone-lost"/></report>"#;
    let reports = reports(&[("reports/own.xml", own)]);
    let mut day = Day::begun();
    let worked = [(8 * 3600, "ready"), (8 * 3600 + 2000, "break"), (8 * 3600 + 2060, "phone-lost")];
    day.work("anna", "service", &worked);
    day.work("bram", "sales", &[(8 * 3600 + 1800, "ready"), (8 * 3600 + 1900, "out")]);
    let own = plan(&reports["own"], &Query::default(), 8 * 3600 + 2100);
    assert_eq!(
        shown(&table(&day.figures, &own)),
        [
            "08:00 =Anna 30:00 30:00 0:00 0:00 0:00",
            "08:30 =Anna 5:00 3:20 1:40 1:00 0:40",
            "08:30 bram 1:40 1:40 0:00 0:00 0:00",
            "36:40 35:00 1:40 1:00 0:40",
        ]
    );
    let wrong = Query { by: Some(vec![Dimension::Queue]), ..Query::default() };
    let refused = Plan::new(reports["own"].clone(), &wrong, "Europe/Amsterdam", "en", at(0));
    assert!(matches!(refused, Err(Error::Dimension { dimension: "queue", .. })), "{refused:?}");
    assert_eq!(reports["own"].dimensions(), [Dimension::Agent, Dimension::Team]);
}

#[test]
fn days_have_as_many_hours_as_their_clock() {
    let reports = reports(&[]);
    let day = |month, day| Query {
        first: Some(date(2026, month, day)),
        interval: Some(Interval::Hour),
        ..Query::default()
    };
    let hours = |query: &Query| {
        let plan = plan(&reports["waiting"], query, 0);
        plan.period.to().since(plan.period.from()).as_secs() / 3600
    };
    assert_eq!([hours(&day(3, 29)), hours(&day(10, 25)), hours(&day(11, 22))], [23, 25, 24]);
    let mut twice = Day::begun();
    // 00:30 and 01:30 UTC, both of which are half past two
    let back = 1_792_888_200 - super::MIDNIGHT as i64;
    for second in [back, back + 3600] {
        twice.enter_at(second);
    }
    let table = table(&twice.figures, &plan(&reports["waiting"], &day(10, 25), 0));
    let labels: Vec<&str> = table.rows.iter().map(|it| it.label.as_str()).collect();
    assert_eq!(labels, ["02:00 +02:00", "02:00 +01:00"]);
}

#[test]
fn weeks_begin_on_mondays_and_too_many_rows_are_refused() {
    let reports = reports(&[]);
    let asked = |first, last, interval| {
        let (first, last, interval) = (Some(first), Some(last), Some(interval));
        let query = Query { first, last, interval, ..Query::default() };
        Plan::new(reports["waiting"].clone(), &query, "Europe/Amsterdam", "en", at(0))
    };
    let plan = asked(date(2026, 11, 5), date(2026, 11, 22), Interval::Week).expect("weeks");
    assert_eq!(plan.period.bounds.len(), 4, "Thursday to Sunday, and two whole weeks");
    let month = asked(date(2026, 10, 1), date(2026, 10, 31), Interval::Quarter);
    assert!(matches!(month, Err(Error::TooManyIntervals(1_001))), "{month:?}");
    let backwards = asked(date(2026, 11, 2), date(2026, 11, 1), Interval::Whole);
    assert!(matches!(backwards, Err(Error::Empty { .. })), "{backwards:?}");
    let early = asked(date(1969, 1, 1), date(1969, 1, 2), Interval::Whole);
    assert!(matches!(early, Err(Error::NoDay(_))), "{early:?}");
    assert_eq!(plan.period.from(), Time::from_millis(1_793_833_200_000));
}
