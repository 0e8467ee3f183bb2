//! A busy hour in short: callers come at a steady rate, every agent talks with audio both ways.

use std::time::Duration;

use anyhow::ensure;
use caruso_component::permissions::names::MONITOR;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::agent::Work;
use crate::customer::{self, all_over};
use crate::facts::{Facts, follow, until};
use crate::installation::Installation;

/// A busy hour.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) agents: usize,
    pub(crate) calls_per_second: u32,
    pub(crate) lasts: Duration,
    /// How long an agent talks with each customer.
    pub(crate) talk: Duration,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) calls: usize,
    /// Calls that nobody answered or that broke off.
    pub(crate) failed: usize,
    pub(crate) facts: Facts,
    /// CPU seconds of the installation.
    pub(crate) cpu: f64,
    /// Resident memory at the end, in kB.
    pub(crate) memory: f64,
}

impl Load {
    /// Lives it.
    pub(crate) async fn run(self) -> anyhow::Result<Outcome> {
        let installation = Installation::start(self.agents).await?;
        let monitor = installation.join(MONITOR).await?;
        let (mut facts, _following) = follow(&monitor).await?;
        let mut people = installation.agents(self.agents).await?;
        for agent in &mut people {
            agent.set_work(Work::TalkFor(self.talk));
            agent.become_ready().await?;
        }
        let before = installation.cpu()?;
        let mut beat = interval(Duration::from_secs(1) / self.calls_per_second);
        beat.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let end = Instant::now() + self.lasts;
        let mut customers = Vec::new();
        while beat.tick().await < end {
            customers.push(customer::call(installation.sip, customers.len(), true));
        }
        let calls = customers.len();
        let failed = all_over(customers).await?;
        until(&mut facts, "all are over", |facts| facts.is_over == calls).await?;
        let (cpu, memory) = (installation.cpu()? - before, installation.memory()?);
        let facts = facts.borrow().clone();
        drop(people);
        installation.stop().await?;
        Ok(Outcome { calls, failed, facts, cpu, memory })
    }
}

impl Outcome {
    /// Nobody was lost, overtaken, offered twice, or offered to who was busy.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let Self { failed, facts, .. } = self;
        ensure!(*failed == 0 && facts.offers_failed == 0, "calls failed: {self:?}");
        ensure!(facts.is_over == self.calls, "calls were lost: {self:?}");
        let misrouted = facts.overtaken + facts.to_busy + facts.twice;
        ensure!(misrouted == 0, "calls were mis-routed: {self:?}");
        Ok(())
    }

    /// Prints the figures.
    pub(crate) fn print(&self) {
        let Self { calls, failed, facts, cpu, memory } = self;
        println!("figure load.failed {} {calls}", failed + facts.offers_failed);
        println!("figure load.lost {} {calls}", calls - facts.is_over);
        let misrouted = facts.overtaken + facts.to_busy + facts.twice;
        println!("figure load.misrouted {misrouted} {calls}");
        println!("figure load.cpu_ms {} {calls}", cpu * 1000.0 / *calls as f64);
        println!("figure load.rss_mb {} {calls}", memory / 1000.0);
    }
}
