//! `caruso simulate`: what would come of a day that never was.

mod shown;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use caruso_application::Application;
use caruso_contact::{AgentId, Proficiency, QueueId, SkillId, Skills};
use caruso_identity::Demo;
use caruso_simulation::{Law, Load, MOST_CALLS, MOST_REPETITIONS, Plan, Planned};
use clap::Args;

use crate::{Format, check, folder};

/// Most agents of a simulated day.
const MOST_AGENTS: u32 = 1_000;

/// What `caruso simulate` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The application's folder
    app_dir: PathBuf,
    /// Calls of a repetition
    #[arg(long, default_value_t = 1_000,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_CALLS)))]
    calls: u32,
    /// Agents, with the teams and skills of the people of demo.toml in turn; where there is none,
    /// of each team in turn and with every skill
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_AGENTS)))]
    agents: u32,
    /// Calls in an hour of a queue, as faults=40; several are given by several. Without any, each
    /// queue gets 20
    #[arg(long, value_name = "QUEUE=CALLS", value_parser = rate)]
    per_hour: Vec<(String, f64)>,
    /// Mean conversation, in seconds
    #[arg(long, default_value_t = 180, value_parser = clap::value_parser!(u64).range(1..=14_400))]
    talk: u64,
    /// Standard deviation of conversations as a part of their mean; they are lognormal
    #[arg(long, default_value_t = 0.8, value_parser = variation)]
    talk_variation: f64,
    /// Mean wrap-up, in seconds; exponential
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(0..=3_600))]
    wrap_up: u64,
    /// How long a phone rings before it is answered, in seconds
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(0..=120))]
    ring: u64,
    /// Mean time after which customers hang up, in seconds; exponential. 0: nobody does
    #[arg(long, default_value_t = 180, value_parser = clap::value_parser!(u64).range(0..=14_400))]
    patience: u64,
    /// Hour at which the day begins, UTC, of a Monday; hours of queues hold
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u64).range(0..=23))]
    begin: u64,
    /// Threshold of the service level, in seconds
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600))]
    threshold: u64,
    /// So many days are played; the more, the surer the figures
    #[arg(long, default_value_t = 10,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_REPETITIONS)))]
    repetitions: u32,
    /// The same seed gives the same days
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn rate(text: &str) -> Result<(String, f64), String> {
    let wrong = || "expected a queue and calls in an hour, such as faults=40".to_owned();
    let (queue, calls) = text.split_once('=').ok_or_else(wrong)?;
    let calls = calls.parse::<f64>().ok().filter(|it| (0.0..=100_000.0).contains(it));
    Ok((queue.to_owned(), calls.ok_or_else(wrong)?))
}

fn variation(text: &str) -> Result<f64, String> {
    let read = text.parse::<f64>().ok().filter(|it| (0.0..=5.0).contains(it));
    read.ok_or_else(|| "expected a number from 0 to 5".to_owned())
}

/// Plays the days and prints the figures.
pub(crate) fn simulate(options: &Options, format: Format) -> anyhow::Result<ExitCode> {
    let application = match folder::read(&options.app_dir)?.application {
        Ok(application) => application,
        Err(findings) => {
            check::print(&options.app_dir, &findings, format);
            return Ok(ExitCode::FAILURE);
        }
    };
    let plan = plan(options, &application)?;
    let routing: &Arc<_> = &application.routing;
    let threshold = Duration::from_secs(options.threshold);
    let tallies = plan.simulate(routing, threshold, options.seed, options.repetitions);
    let load = Load {
        calls_per_hour: plan.all_calls_per_hour(),
        // an agent whose phone rings is not free
        handle_time: plan.talk.mean() + plan.wrap_up.mean() + plan.ring.mean(),
        agents: options.agents,
    };
    let patience = plan.patience.map(|law| law.mean());
    let erlang_a = patience.and_then(|patience| load.erlang_a(patience, threshold));
    let formulas = shown::Formulas { c: load.erlang_c(threshold), a: erlang_a };
    println!("{}", shown::shown(&tallies, &formulas, options.threshold, format));
    Ok(ExitCode::SUCCESS)
}

fn plan(options: &Options, application: &Application) -> anyhow::Result<Plan> {
    let seconds = Duration::from_secs;
    let talk = match options.talk_variation {
        0.0 => Law::Fixed(seconds(options.talk)),
        variation => Law::Lognormal(seconds(options.talk), variation),
    };
    Ok(Plan {
        calls_per_hour: rates(options, application)?,
        calls: options.calls,
        agents: agents(options, application)?,
        talk,
        wrap_up: Law::Exponential(seconds(options.wrap_up)),
        ring: Law::Fixed(seconds(options.ring)),
        patience: (options.patience > 0).then(|| Law::Exponential(seconds(options.patience))),
        begin: seconds(options.begin * 3600),
    })
}

fn rates(options: &Options, application: &Application) -> anyhow::Result<BTreeMap<QueueId, f64>> {
    const DEFAULT: f64 = 20.0;
    let queues = &application.routing.queues;
    if queues.is_empty() || application.routing.numbers.is_empty() {
        bail!("the application has no queue or no number that could be called");
    }
    if options.per_hour.is_empty() {
        return Ok(queues.keys().map(|queue| (queue.clone(), DEFAULT)).collect());
    }
    let mut rates = BTreeMap::new();
    for (name, calls) in &options.per_hour {
        let Some((queue, _)) = queues.get_key_value(name.as_str()) else {
            let known: Vec<&str> = queues.keys().map(QueueId::as_str).collect();
            bail!("there is no queue `{name}`; there are {}", known.join(", "));
        };
        rates.insert(queue.clone(), *calls);
    }
    if rates.values().sum::<f64>() <= 0.0 {
        bail!("nobody calls: give a queue more than 0 calls in an hour");
    }
    Ok(rates)
}

/// People of the roster in turn, as many as are asked for.
fn agents(options: &Options, application: &Application) -> anyhow::Result<Vec<Planned>> {
    let kinds = kinds(options, application)?;
    let numbered = kinds.iter().cycle().zip(1..=options.agents);
    let agents = numbered.map(|((teams, skills), number)| Planned {
        agent: AgentId::new(&format!("agent-{number:05}")).expect("short"),
        teams: teams.clone(),
        skills: skills.clone(),
    });
    Ok(agents.collect())
}

/// Teams and skills of somebody.
type Kind = (Vec<String>, Skills);

fn kinds(options: &Options, application: &Application) -> anyhow::Result<Vec<Kind>> {
    let teams = &application.routing.teams;
    let path = options.app_dir.join(folder::DEMO_FILE);
    if path.is_file() {
        let text = std::fs::read_to_string(&path);
        let text = text.with_context(|| format!("cannot read {}", path.display()))?;
        let demo = Demo::parse(&text).with_context(|| format!("{}", path.display()))?;
        let at_work = demo.users().iter().filter(|user| teams.contains_key(&user.team));
        let kinds = at_work.map(|user| (vec![user.team.clone()], skills(&user.skills)));
        let kinds: Vec<Kind> = kinds.collect();
        if !kinds.is_empty() {
            return Ok(kinds);
        }
    }
    if teams.is_empty() {
        bail!("the application has no team");
    }
    let all = application.routing.skills.iter().map(|skill| (skill.to_string(), Proficiency::MAX));
    let all = skills(&all.collect());
    Ok(teams.keys().map(|team| (vec![team.clone()], all.clone())).collect())
}

fn skills(levels: &BTreeMap<String, u8>) -> Skills {
    let skill = |(name, level): (&String, &u8)| {
        Some((SkillId::new(name).ok()?, Proficiency::try_from(*level).ok()?))
    };
    levels.iter().filter_map(skill).collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    fn options(arguments: &[&str]) -> Options {
        let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/utilities");
        let line = [&["simulate", example, "--agents", "3"], arguments].concat();
        Line::try_parse_from(line).expect("well said").options
    }

    fn example(options: &Options) -> Application {
        let read = folder::read(&options.app_dir).expect("a folder").application;
        read.unwrap_or_else(|findings| panic!("{findings:?}"))
    }

    #[test]
    fn agents_are_the_people_of_the_roster_in_turn() {
        let options = options(&[]);
        let application = example(&options);
        let plan = plan(&options, &application).expect("a plan");
        let levels = plan.agents.iter().map(|it| it.skills["electricity"].level());
        assert_eq!(levels.collect::<Vec<_>>(), [4, 5, 4], "anna, bram, anna");
        assert!(plan.agents.iter().all(|it| it.teams == ["service"]));
        assert_eq!(plan.calls_per_hour.len(), application.routing.queues.len());
        let tallies = plan.simulate(&application.routing, Duration::from_secs(20), 1, 2);
        let reached = |it: &caruso_simulation::Tally| it.queues.values().all(|row| row.offered > 0);
        assert!(tallies.iter().all(reached));
    }

    #[test]
    fn queues_that_there_are_not_and_rates_that_make_no_sense_are_refused() {
        let refused = |arguments: &[&str]| {
            let options = options(arguments);
            plan(&options, &example(&options)).expect_err("refused").to_string()
        };
        let unknown = refused(&["--per-hour", "fault=40"]);
        assert_eq!(unknown, "there is no queue `fault`; there are faults, moving");
        assert!(refused(&["--per-hour", "faults=0"]).starts_with("nobody calls"));
        for wrong in ["faults", "faults=", "faults=-1", "faults=NaN", "faults=inf"] {
            assert!(rate(wrong).is_err(), "{wrong}");
        }
        assert!(variation("6").is_err() && variation("NaN").is_err() && variation("0").is_ok());
    }
}
