//! The whole system measured from outside: `caruso up` as its own process, telephones and agents
//! in this one.
//!
//! `idle`: start, memory and CPU with four agents. `calls [AGENTS CALLS]`: what calls cost that
//! wait in a queue, reach an agent and talk. `rate [AGENTS]`: calls a second until the first one
//! fails. `load [AGENTS CALLS_PER_SECOND SECONDS]`: a busy hour in short, with audio both ways. CPU
//! is user and system time of the measured process alone, as `/proc/PID/stat` has it; memory is its
//! resident set.
//!
//! Every line `figure …` is one that `cargo xtask bench` prints beside its goal.

mod agent;
mod calls;
mod customer;
mod facts;
mod idle;
mod installation;
mod load;
mod rate;

use std::time::Duration;

use anyhow::bail;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut words = arguments.iter().map(String::as_str).filter(|word| *word != "--bench");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match words.next() {
        Some("idle") => runtime.block_on(idle::measure()),
        Some("calls") => {
            let mut number = |default: usize| match words.next() {
                Some(word) => word.parse(),
                None => Ok(default),
            };
            let (agents, calls) = (number(20)?, number(60)?);
            runtime.block_on(calls::measure(agents, calls))
        }
        Some("load") => {
            let mut number = |default: u32| match words.next() {
                Some(word) => word.parse(),
                None => Ok(default),
            };
            let (agents, calls_per_second) = (number(180)?, number(5)?);
            let lasts = Duration::from_secs(number(600)?.into());
            // so that nearly all of them talk
            let talk = Duration::from_secs(u64::from(agents / calls_per_second * 9 / 10));
            let load = load::Load { agents: agents as usize, calls_per_second, lasts, talk };
            let outcome = runtime.block_on(load.run())?;
            outcome.print();
            outcome.check()
        }
        Some("rate") => {
            let agents = words.next().map_or(Ok(60), str::parse)?;
            runtime.block_on(rate::measure(agents))
        }
        // a run of all benchmarks names none
        None => Ok(()),
        Some(other) => bail!("nothing is called {other}; there are idle, calls, rate and load"),
    }
}

/// The value that so many of a hundred do not exceed.
fn percentile(values: &mut [f64], of_hundred: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get(last * of_hundred / 100).copied().unwrap_or(f64::NAN)
}
