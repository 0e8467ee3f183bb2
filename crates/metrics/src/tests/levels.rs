//! The service level of one day, by every variant that others compute.

use std::time::Duration;

use caruso_contact::Party;

use super::at;
use super::day::Day;
use crate::{Figures, Parameters, Source, Value, figure, figures, service_levels};

/// 90 answered, of them 72 within 20 s; 10 abandoned: 4 soon, 2 more within 20 s, 4 later.
fn worked_example() -> Figures {
    let mut day = Day::default();
    let mut waits: Vec<(u64, bool)> = Vec::new();
    waits.extend(std::iter::repeat_n((20, true), 72));
    waits.extend(std::iter::repeat_n((21, true), 18));
    waits.extend(std::iter::repeat_n((5, false), 4));
    waits.extend(std::iter::repeat_n((20, false), 2));
    waits.extend(std::iter::repeat_n((40, false), 4));
    for (wait, is_answered) in waits {
        let contact = day.arrive(0);
        day.enter(0, contact, "faults");
        if is_answered {
            day.offer(0, contact, "anna");
            day.connect(wait, contact);
        } else {
            day.end(wait, contact, Party::Customer);
        }
    }
    day.figures()
}

#[test]
fn the_same_day_gives_each_product_its_own_service_level() {
    let figures = worked_example();
    let with = Parameters { as_of: at(100), ..Parameters::default() };
    let level = |id| {
        let visits = figures.facts(Source::Visits, at(0), at(100), at(100));
        figure(id).expect("a variant").of(visits, &with)
    };
    let expected = [
        ("SL-answered", 800),
        ("SL-positive", 780),
        ("SL-negative", 720),
        ("SL-short-excluded", 750),
        ("SL-ignore", 766),
        ("SL-flowouts", 720),
        ("SL-removed", 780),
    ];
    for (id, share) in expected {
        assert_eq!(level(id), Value::PerMille(share), "{id}");
    }
    let tested: Vec<&str> = expected.iter().map(|(id, _)| *id).collect();
    let all: Vec<&str> = service_levels().iter().map(|it| it.id).collect();
    assert_eq!(tested, all);
}

#[test]
fn a_wait_as_long_as_the_threshold_is_within_it() {
    let figures = worked_example();
    let within = |seconds| Parameters {
        within: Duration::from_secs(seconds),
        as_of: at(100),
        ..Parameters::default()
    };
    let answered = |seconds| {
        let visits = figures.facts(Source::Visits, at(0), at(100), at(100));
        figure("answered-within").expect("a figure").of(visits, &within(seconds))
    };
    assert_eq!([answered(19), answered(20), answered(21)], [0, 72, 90].map(Value::Count));
}

#[test]
fn every_figure_has_an_id_of_its_own_a_title_and_a_definition() {
    let mut ids: Vec<&str> = figures().map(|it| it.id).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
    assert!(figures().all(|it| !it.title.is_empty() && !it.definition.is_empty()));
}
