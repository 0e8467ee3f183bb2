//! A busy minute of a centre of 180 agents: nobody is lost, overtaken, or offered to who is busy.
//! `cargo xtask bench load` lives ten minutes of it, with longer conversations.
#![allow(dead_code, reason = "the benchmarks need more of what is shared with them")]

#[path = "../benches/system/agent.rs"]
mod agent;
#[path = "../benches/system/customer.rs"]
mod customer;
#[path = "../benches/system/facts.rs"]
mod facts;
#[path = "../benches/system/installation.rs"]
mod installation;
#[path = "../benches/system/load.rs"]
mod load;

use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_and_eighty_agents_take_five_calls_a_second() {
    let lasts = Duration::from_secs(60);
    let talk = Duration::from_secs(4);
    let load = load::Load { agents: 180, calls_per_second: 5, lasts, talk };
    let outcome = load.run().await.expect("it serves");
    outcome.check().expect("nobody is lost");
    assert!(outcome.calls >= 300, "{outcome:?}");
}
