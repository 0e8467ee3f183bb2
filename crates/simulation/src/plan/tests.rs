use super::*;
use crate::day::{ROUTING, agent, compiled};
use crate::erlang::Load;

const THRESHOLD: Duration = Duration::from_secs(20);

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// One queue, as Erlang has it: no ringing, wrap-up a part of the handle time.
fn plan(calls_per_hour: f64, agents: usize, patience: Option<Law>) -> Plan {
    let planned = |number| Planned {
        agent: agent(&format!("agent-{number:03}")),
        teams: vec!["all".to_owned()],
        skills: Skills::new(),
    };
    Plan {
        calls_per_hour: [(QueueId::new("calm").expect("a name"), calls_per_hour)].into(),
        calls: 3_000,
        agents: (0..agents).map(planned).collect(),
        talk: Law::Exponential(seconds(180)),
        wrap_up: Law::Fixed(Duration::ZERO),
        ring: Law::Fixed(Duration::ZERO),
        patience,
        begin: seconds(0),
    }
}

/// A queue that has room for everybody.
fn roomy() -> Arc<Configuration> {
    compiled(&ROUTING.replace("<queue id=\"calm\"", "<queue id=\"calm\" maximum-length=\"9999\""))
}

/// Share of the offered, as each repetition gives it.
fn shares(tallies: &[Tally], part: impl Fn(&Tally) -> f64) -> Estimate {
    let values: Vec<f64> = tallies.iter().map(|it| part(it) / f64::from(it.all.offered)).collect();
    Estimate::of(&values).expect("repetitions")
}

fn mean_wait(tallies: &[Tally]) -> Estimate {
    let waits = tallies.iter().filter_map(|it| it.all.average_wait);
    Estimate::of(&waits.map(|wait| wait.as_secs_f64()).collect::<Vec<_>>()).expect("some")
}

/// The estimate agrees with the formula within three times its interval: by chance it does not
/// with one seed of ten thousand, while another model would be far off.
fn agrees(estimate: Estimate, expected: f64, what: &str) {
    let within = 3.0 * estimate.within.expect("several repetitions");
    assert!(within < 0.7 * expected, "{what}: {estimate:?} says nothing");
    assert!((estimate.mean - expected).abs() <= within, "{what}: {estimate:?}, not {expected}");
}

#[test]
fn a_simulated_line_of_patient_customers_is_that_of_erlang_c() {
    let plan = plan(200.0, 14, None);
    let tallies = plan.simulate(&roomy(), THRESHOLD, 7, 20);
    let load = Load { calls_per_hour: 200.0, handle_time: seconds(180), agents: 14 };
    let steady = load.erlang_c(THRESHOLD).expect("it does not grow for ever");
    let level = |it: &Tally| {
        let level = it.all.service_level_basis_points.expect("calls");
        f64::from(level) / 10_000.0 * f64::from(it.all.offered)
    };
    agrees(shares(&tallies, level), steady.service_level, "service level");
    agrees(mean_wait(&tallies), steady.average_wait.as_secs_f64(), "average wait");
    assert!(tallies.iter().all(|it| it.all.abandoned == 0 && it.all.still_waiting == 0));
}

#[test]
fn a_simulated_line_of_impatient_customers_is_that_of_erlang_a() {
    let plan = plan(200.0, 10, Some(Law::Exponential(seconds(120))));
    let tallies = plan.simulate(&roomy(), THRESHOLD, 7, 20);
    let load = Load { calls_per_hour: 200.0, handle_time: seconds(180), agents: 10 };
    let steady = load.erlang_a(seconds(120), THRESHOLD).expect("sound");
    let abandoned = shares(&tallies, |it| f64::from(it.all.abandoned));
    agrees(abandoned, steady.abandoned, "abandoned");
    let within = shares(&tallies, |it| {
        let level = f64::from(it.all.service_level_basis_points.expect("calls")) / 10_000.0;
        level * f64::from(it.all.answered + it.all.abandoned)
    });
    agrees(within, steady.service_level, "service level");
    let wrong = load.erlang_a(seconds(240), THRESHOLD).expect("sound");
    let is_told_apart = (abandoned.mean - wrong.abandoned).abs();
    assert!(is_told_apart > 3.0 * abandoned.within.expect("several"), "it could not fail");
}

#[test]
fn the_same_seed_gives_the_same_and_another_another() {
    let mut plan = plan(100.0, 6, Some(Law::Lognormal(seconds(90), 0.8)));
    plan.calls = 300;
    let one = plan.simulate(&roomy(), THRESHOLD, 1, 3);
    assert_eq!(one, plan.simulate(&roomy(), THRESHOLD, 1, 3));
    assert_ne!(one, plan.simulate(&roomy(), THRESHOLD, 2, 3));
    assert!(one[0] != one[1], "each repetition has numbers of its own");
}

#[test]
fn calls_come_to_the_queues_by_their_shares() {
    let mut plan = plan(30.0, 60, None);
    plan.calls_per_hour.insert(QueueId::new("urgent").expect("a name"), 90.0);
    let tally = plan.simulate(&roomy(), THRESHOLD, 3, 1).remove(0);
    let urgent = &tally.queues[&QueueId::new("urgent").expect("a name")];
    let share = f64::from(urgent.offered) / f64::from(tally.all.offered);
    assert!((share - 0.75).abs() < 0.03, "{share}");
}

#[test]
fn an_interval_is_that_of_student() {
    let estimate = Estimate::of(&[1.0, 2.0, 3.0, 4.0, 5.0]).expect("values");
    assert_eq!(estimate.mean, 3.0);
    assert!((estimate.within.expect("several") - 1.963).abs() < 0.001);
    assert!(estimate.covers(4.9) && !estimate.covers(5.0));
    assert_eq!(Estimate::of(&[2.0]), Some(Estimate { mean: 2.0, within: None }));
    assert_eq!(Estimate::of(&[]), None);
    for (freedom, quantile) in [(1, 12.706), (10, 2.228), (11, 2.201), (30, 2.042), (99, 1.984)] {
        assert!((student(freedom) - quantile).abs() < 0.003, "{freedom}: {}", student(freedom));
    }
}
