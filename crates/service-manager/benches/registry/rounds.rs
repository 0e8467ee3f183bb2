//! What is done to a server, the same for each of them.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use tokio::sync::mpsc;

use crate::process::Process;

/// Calls that are under way at the same time.
pub(crate) const AT_ONCE: usize = 64;
/// Rounds of each measurement; the least CPU time counts.
pub(crate) const ROUNDS: usize = 3;

/// The least CPU time of the server for one of so many, in microseconds.
pub(crate) async fn cpu_us<F>(server: &Process, times: usize, one: impl Fn(usize) -> F) -> f64
where
    F: Future<Output = ()>,
{
    let mut least = Duration::MAX;
    for round in 0..ROUNDS {
        let before = server.cpu();
        all(times, |at| one(round * times + at)).await;
        least = least.min(server.cpu() - before);
    }
    least.as_secs_f64() * 1e6 / times as f64
}

/// Does so many, some at the same time.
pub(crate) async fn all<F: Future<Output = ()>>(times: usize, one: impl Fn(usize) -> F) {
    futures::stream::iter(0..times).for_each_concurrent(AT_ONCE, one).await;
}

/// Those who watch; each says when it has read a change.
pub(crate) struct Watchers {
    pub(crate) count: usize,
    pub(crate) told: mpsc::Receiver<Instant>,
}

/// How long changes take to their watchers, in milliseconds.
#[derive(Debug)]
pub(crate) struct Propagation {
    /// The last watcher, half of the changes and 99 of 100.
    pub(crate) last_p50: f64,
    pub(crate) last_p99: f64,
    /// Until the writer has its answer, half of the changes.
    pub(crate) writer_p50: f64,
}

/// Changes something so often, each time all have seen the change before.
pub(crate) async fn propagation(
    watchers: &mut Watchers,
    times: usize,
    mut change: impl AsyncFnMut(usize),
) -> Propagation {
    let (mut last, mut writer) = (Vec::new(), Vec::new());
    for at in 0..times {
        let started = Instant::now();
        change(at).await;
        writer.push(started.elapsed());
        let mut latest = started;
        for _ in 0..watchers.count {
            latest = latest.max(watchers.told.recv().await.expect("they watch"));
        }
        last.push(latest - started);
    }
    Propagation {
        last_p50: part(&mut last, 0.5),
        last_p99: part(&mut last, 0.99),
        writer_p50: part(&mut writer, 0.5),
    }
}

/// So many of one are not longer than this, in milliseconds.
fn part(times: &mut [Duration], part: f64) -> f64 {
    times.sort();
    let at = ((times.len() - 1) as f64 * part).round() as usize;
    times[at].as_secs_f64() * 1e3
}
