//! Calls that wait, reach agents and talk: what they cost, and whether the order is kept.

use std::time::Duration;

use caruso_component::permissions::names::MONITOR;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::agent::{Agent, Work};
use crate::customer::{self, all_over};
use crate::facts::{Facts, follow, until};
use crate::installation::Installation;
use crate::percentile;

/// Between two arrivals.
const APART: Duration = Duration::from_millis(100);
const SETTLE: Duration = Duration::from_secs(5);
const WINDOW: Duration = Duration::from_secs(15);
/// How long an agent talks while the line is worked off, and in the short calls.
const SHORT: Duration = Duration::from_millis(500);
/// Calls of which the CPU is counted, and the time between two of them.
const COUNTED: usize = 200;
const COUNTED_APART: Duration = Duration::from_millis(50);

/// Where the load of a moment comes from.
struct Loads {
    idle: f64,
    waiting: f64,
}

/// Prints the figures.
pub(crate) async fn measure(agents: usize, calls: usize) -> anyhow::Result<()> {
    let installation = Installation::start(agents).await?;
    let monitor = installation.join(MONITOR).await?;
    let (mut facts, _following) = follow(&monitor).await?;
    let mut people = installation.agents(agents).await?;
    tokio::time::sleep(SETTLE).await;
    let idle = installation.load(WINDOW).await?;
    let memory = installation.memory()?;
    let customers = arrive(&installation, calls, APART, true).await;
    until(&mut facts, "all wait", |facts| facts.waiting() == calls).await?;
    let load = installation.load(WINDOW).await? - idle;
    let (waiting, waiting_kb) =
        (load / calls as f64, (installation.memory()? - memory) / calls as f64);
    println!("figure calls.waiting_percent {} {calls}", waiting * 100.0);
    println!("figure calls.waiting_kb {waiting_kb} {calls}");
    let loads = Loads { idle, waiting };
    talk(&installation, &mut people, &mut facts, calls, &loads).await?;
    let connected_kb = (installation.memory()? - memory) / calls as f64;
    println!("figure calls.connected_kb {connected_kb} {calls}");
    println!("figure calls.rss_mb {} {calls}", installation.memory()? / 1000.0);
    let mut failed = work_off(&mut people, customers).await?;
    failed += count(&installation, idle).await?;
    until(&mut facts, "all are over", |facts| facts.is_over == calls + COUNTED).await?;
    let facts = facts.borrow().clone();
    println!("figure calls.failed {} {}", failed + facts.offers_failed, calls + COUNTED);
    println!("figure calls.overtaken {} {}", facts.overtaken, calls + COUNTED);
    println!("figure calls.to_busy {} {}", facts.to_busy, calls + COUNTED);
    println!("figure calls.twice {} {}", facts.twice, calls + COUNTED);
    drop(people);
    installation.stop().await
}

async fn arrive(
    installation: &Installation,
    calls: usize,
    apart: Duration,
    is_talking: bool,
) -> Vec<JoinHandle<bool>> {
    let mut customers = Vec::new();
    for number in 0..calls {
        customers.push(customer::call(installation.sip, number, is_talking));
        tokio::time::sleep(apart).await;
    }
    customers
}

/// All agents become ready and talk; the others wait on.
async fn talk(
    installation: &Installation,
    people: &mut [Agent],
    facts: &mut watch::Receiver<Facts>,
    calls: usize,
    loads: &Loads,
) -> anyhow::Result<()> {
    for agent in people.iter_mut() {
        agent.become_ready().await?;
    }
    let talking = people.len().min(calls);
    until(facts, "agents talk", |facts| facts.talking() == talking).await?;
    let load = installation.load(WINDOW).await?;
    let still_waiting = (calls - talking) as f64 * loads.waiting;
    let talk = (load - loads.idle - still_waiting) / talking as f64;
    println!("figure calls.talking_percent {} {talking}", talk * 100.0);
    Ok(())
}

/// Agents hang up and take the next, until nobody waits. Calls that failed.
async fn work_off(people: &mut [Agent], customers: Vec<JoinHandle<bool>>) -> anyhow::Result<usize> {
    people.iter().for_each(|agent| agent.set_work(Work::HangUpAfter(SHORT)));
    let failed = all_over(customers).await?;
    let mut freed = Vec::new();
    for agent in people {
        while let Ok(millis) = agent.freed.try_recv() {
            freed.push(millis);
        }
    }
    let runs = freed.len();
    println!("figure calls.freed_p50_ms {} {runs}", percentile(&mut freed, 50));
    println!("figure calls.freed_p95_ms {} {runs}", percentile(&mut freed, 95));
    Ok(failed)
}

/// Short calls in which nobody speaks: what is left is menu, queue, routing, signalling, journal.
async fn count(installation: &Installation, idle: f64) -> anyhow::Result<usize> {
    tokio::time::sleep(SETTLE).await;
    let (before, began) = (installation.cpu()?, std::time::Instant::now());
    let customers = arrive(installation, COUNTED, COUNTED_APART, false).await;
    let failed = all_over(customers).await?;
    let spent = installation.cpu()? - before - idle * began.elapsed().as_secs_f64();
    println!("figure calls.cpu_ms {} {COUNTED}", spent * 1000.0 / COUNTED as f64);
    Ok(failed)
}
