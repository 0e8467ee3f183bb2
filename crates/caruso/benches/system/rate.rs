//! How many calls a second are taken before the first one fails.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::agent::Work;
use crate::customer::{self, all_over};
use crate::installation::Installation;

/// Calls a second, more from one round to the next by as many.
const STEP: u32 = 5;
/// Nothing of ours is asked for more.
const MOST: u32 = 200;
const ROUND: Duration = Duration::from_secs(10);
/// How long an agent talks, so that there are more than enough of them.
const TALK: Duration = Duration::from_millis(500);

/// Prints the last rate at which no call failed. Callers and agents are in this process, on the
/// same machine.
pub(crate) async fn measure(agents: usize) -> anyhow::Result<()> {
    let installation = Installation::start(agents).await?;
    let mut people = installation.agents(agents).await?;
    for agent in &mut people {
        agent.set_work(Work::HangUpAfter(TALK));
        agent.become_ready().await?;
    }
    let (mut kept, mut made) = (0, 0);
    for rate in (STEP..=MOST).step_by(STEP as usize) {
        let mut beat = interval(Duration::from_secs(1) / rate);
        beat.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let end = Instant::now() + ROUND;
        let mut customers = Vec::new();
        while beat.tick().await < end {
            customers.push(customer::call(installation.sip, customers.len(), false));
        }
        made += customers.len();
        let (all, failed) = (customers.len(), all_over(customers).await?);
        eprintln!("{rate} calls a second: {failed} of {all} failed");
        if failed > 0 {
            break;
        }
        kept = rate;
    }
    println!("figure rate.calls_a_second {kept} {made}");
    drop(people);
    installation.stop().await
}
