//! Callers that ask as fast as they are answered.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

/// How many ask at once.
pub(crate) const CALLERS: usize = 8;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// What is refused at once, without any SQL.
    Nothing,
    /// One customer by key, 10 columns.
    Point,
    /// 50 contracts of a tariff, the newest first, each with three attributes of its customer.
    Page,
    /// A customer with contracts and contact points.
    Tree,
    /// Customers by a telephone number.
    LookUp,
    /// Another remark of a customer, if nobody was faster.
    Update,
}

const WORDS: [(What, &str); 6] = [
    (What::Nothing, "nothing"),
    (What::Point, "point"),
    (What::Page, "page"),
    (What::Tree, "tree"),
    (What::LookUp, "look-up"),
    (What::Update, "update"),
];

impl What {
    pub(crate) fn word(self) -> &'static str {
        WORDS.iter().find(|(what, _)| *what == self).map_or("", |(_, word)| word)
    }

    pub(crate) fn of_word(word: &str) -> Option<Self> {
        WORDS.iter().find(|(_, known)| *known == word).map(|(what, _)| *what)
    }
}

/// Somebody who asks, one request after the other, and looks whether the answer is right.
pub(crate) trait Caller: Send + 'static {
    fn ask(&mut self, what: What) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// What callers met.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) requests: u64,
    pub(crate) seconds: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

/// Lets all callers ask for so long.
pub(crate) async fn run<C: Caller>(
    callers: &mut Vec<C>,
    what: What,
    length: Duration,
) -> anyhow::Result<Load> {
    let began = Instant::now();
    let mut asking = JoinSet::new();
    for caller in callers.drain(..) {
        asking.spawn(ask(caller, what, began, length));
    }
    let mut waits = Vec::new();
    while let Some(done) = asking.join_next().await {
        let (caller, more) = done??;
        callers.push(caller);
        waits.extend(more);
    }
    let seconds = began.elapsed().as_secs_f64();
    waits.sort_unstable();
    let at = |share: usize| {
        let last = waits.len().saturating_sub(1);
        waits.get(last * share / 100).map_or(f64::NAN, |wait| wait.as_secs_f64() * 1000.0)
    };
    Ok(Load { requests: waits.len() as u64, seconds, p50_ms: at(50), p99_ms: at(99) })
}

async fn ask<C: Caller>(
    mut caller: C,
    what: What,
    began: Instant,
    length: Duration,
) -> anyhow::Result<(C, Vec<Duration>)> {
    let mut waits = Vec::new();
    while began.elapsed() < length {
        let asked = Instant::now();
        caller.ask(what).await?;
        waits.push(asked.elapsed());
    }
    Ok((caller, waits))
}
