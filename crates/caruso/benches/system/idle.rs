//! What the system costs while nobody calls.

use std::time::Duration;

use crate::installation::Installation;
use crate::percentile;

const STARTS: usize = 5;
const AGENTS: usize = 4;
/// After the log-ins, before it counts.
const SETTLE: Duration = Duration::from_secs(5);
const WATCHED: Duration = Duration::from_secs(30);

pub(crate) async fn measure() -> anyhow::Result<()> {
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let installation = Installation::start(AGENTS).await?;
        starts.push(installation.started_in.as_secs_f64());
        installation.stop().await?;
    }
    println!("figure idle.start_s {} {STARTS}", percentile(&mut starts, 50));
    let installation = Installation::start(AGENTS).await?;
    let agents = installation.agents(AGENTS).await?;
    tokio::time::sleep(SETTLE).await;
    let load = installation.load(WATCHED).await?;
    println!("figure idle.cpu_percent {} 1", load * 100.0);
    println!("figure idle.rss_mb {} 1", installation.memory()? / 1000.0);
    drop(agents);
    installation.stop().await
}
