//! What objects cost: the storage manager as its own process, asked over gRPC on behalf of an
//! agent, beside hand-written SQL and PostGraphile over the same PostgreSQL in the same run.
//!
//! Without arguments everything is measured; `point page` and the like measure these rows alone.
//! CPU is user and system time of one server's process as `/proc/PID/stat` has it, PostgreSQL's
//! that of all its processes. Eight callers ask as fast as they are answered, for keys that are
//! the same in every run. Rounds of all rows take turns, so that a busy moment of the machine hits
//! each of them; a figure is the median of its rounds.
//!
//! Every line `figure …` is one that `cargo xtask bench objects` prints beside its goal.

// a component is one future of many
#![recursion_limit = "256"]

mod application;
mod child;
mod client;
mod component;
mod cpu;
mod data;
mod figures;
mod graphql;
mod identity;
mod load;
mod sql;
mod stage;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::bail;

use figures::{Round, Rounds};
use load::What;
use stage::{Peer, Stage};

const WARM_UP: Duration = Duration::from_secs(1);
const ROUND: Duration = Duration::from_secs(3);
const ROUNDS: usize = 3;

/// Name in the figures, who is asked, and for what.
const ROWS: [(&str, Peer, What); 11] = [
    ("empty", Peer::StorageManager, What::Nothing),
    ("point", Peer::StorageManager, What::Point),
    ("sql_point", Peer::Sql, What::Point),
    ("postgraphile_point", Peer::PostGraphile, What::Point),
    ("page", Peer::StorageManager, What::Page),
    ("sql_page", Peer::Sql, What::Page),
    ("postgraphile_page", Peer::PostGraphile, What::Page),
    ("tree", Peer::StorageManager, What::Tree),
    ("look_up", Peer::StorageManager, What::LookUp),
    ("update", Peer::StorageManager, What::Update),
    ("sql_update", Peer::Sql, What::Update),
];

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words = arguments.iter().map(String::as_str).filter(|word| *word != "--bench");
    let words: Vec<&str> = words.collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match words[..] {
        [component::NAME, manager, database, data] => {
            runtime.block_on(component::serve(manager, database, data))
        }
        [sql::NAME, database] => runtime.block_on(sql::serve(database)),
        _ => runtime.block_on(measure(&words)),
    }
}

/// Measures the rows of these names, or all.
async fn measure(names: &[&str]) -> anyhow::Result<()> {
    if let Some(strange) = names.iter().find(|name| ROWS.iter().all(|row| row.0 != **name)) {
        let known: Vec<&str> = ROWS.iter().map(|row| row.0).collect();
        bail!("nothing is called {strange}; there are {}", known.join(", "));
    }
    let mut stage = Stage::start().await?;
    let is_wanted = |name| names.is_empty() || names.contains(&name);
    let rows = ROWS.iter().filter(|(name, peer, _)| is_wanted(name) && stage.has(*peer));
    let rows: Vec<_> = rows.collect();
    let mut rounds: Rounds = BTreeMap::new();
    for round in 0..ROUNDS {
        for (name, peer, what) in &rows {
            if round == 0 {
                stage.load(*peer, *what, WARM_UP).await?;
            }
            let done = measured(&mut stage, *peer, *what).await?;
            println!("{name}: {done}");
            rounds.entry(name).or_default().push(done);
        }
    }
    figures::print(&rounds);
    Ok(())
}

async fn measured(stage: &mut Stage, peer: Peer, what: What) -> anyhow::Result<Round> {
    let before = stage.cpu(peer)?;
    let load = stage.load(peer, what, ROUND).await?;
    let after = stage.cpu(peer)?;
    Ok(Round { load, server: after.0 - before.0, database: after.1 - before.1 })
}
