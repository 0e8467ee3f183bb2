//! What it costs to answer a call and see it hung up: CPU of this process alone, while SIPp calls.
//!
//! `cargo bench -p caruso-sip` needs `sipp` (Debian package `sip-tester`) and says so without it.
//! Every line `figure KEY VALUE RUNS` is one that `cargo xtask bench` can print beside its goal.

use caruso_sip::sdp::{Codec, Local};
use caruso_sip::{Endpoint, LegEvent, Options};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const CALLS: u32 = 3_000;
const RATE: u32 = 150;

/// User and system time of this process, in ticks of 10 ms (proc(5)).
fn cpu() -> Result<Duration, Box<dyn std::error::Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').ok_or("an unusual /proc/self/stat")?;
    let ticks: Vec<u64> =
        fields.split_whitespace().skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
    Ok(Duration::from_millis(ticks.iter().sum::<u64>() * 10))
}

fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut options = Options::new("127.0.0.1:0".parse()?);
    options.trunks.push("127.0.0.1".parse()?);
    options.limits.legs = 4_000;
    let (server, mut calls) = Endpoint::bind(options).await?;
    tokio::spawn(async move {
        let local = Local::new(([127, 0, 0, 1], 9_000).into(), &[Codec::Pcmu]);
        while let Some(mut call) = calls.recv().await {
            let local = local.clone();
            tokio::spawn(async move {
                // A caller that has gone tells so in its last event.
                let _ = call.leg.ring().and_then(|()| call.leg.answer(&local));
                while !matches!(call.events.next().await, Some(LegEvent::Ended(_)) | None) {}
            });
        }
    });
    let sipp = Command::new("sipp")
        .arg(server.local_addr().to_string())
        .args(["-sn", "uac", "-i", "127.0.0.1", "-nostdin", "-d", "100", "-m"])
        .args([CALLS.to_string(), "-r".into(), RATE.to_string(), "-l".into(), "2000".into()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut sipp = match sipp {
        Ok(sipp) => sipp,
        Err(error) => {
            eprintln!("skipped: sipp cannot be run ({error}); Debian package sip-tester");
            return Ok(());
        }
    };
    let status = tokio::task::spawn_blocking(move || sipp.wait()).await??;
    let memory = resident_kib().unwrap_or_default();
    // The timers of the last calls are part of their cost.
    let start = Instant::now();
    while server.counts().finished_transactions > 0 && start.elapsed() < Duration::from_secs(80) {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let each = cpu()?.as_secs_f64() * 1000.0 / f64::from(CALLS);
    eprintln!("{CALLS} calls at {RATE} a second, SIPp ended with {status}");
    println!("figure sip.call_cpu_ms {each:.3} {CALLS}");
    println!("figure sip.resident_mib_after_calls {} {CALLS}", memory / 1024);
    Ok(())
}
