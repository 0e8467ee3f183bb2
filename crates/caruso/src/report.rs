//! `caruso report`: the figures of a period.

use std::process::ExitCode;

use anyhow::{Context, bail};
use caruso_api::monitor::v1 as wire;
use caruso_api::monitor::v1::monitor_client::MonitorClient;
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan as _, Zoned};
use prost_types::{Duration, Timestamp};
use serde_json::json;

use crate::Format;
use crate::client::System;
use crate::time::{instant, local};

/// What `caruso report` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    system: System,
    /// Which report
    name: Name,
    /// First day, as 2026-11-22; today without it
    #[arg(long)]
    from: Option<Date>,
    /// Last day; the first without it
    #[arg(long)]
    to: Option<Date>,
    /// Length of one row, as 30m, 1h or 1d; without it, the whole period in one
    #[arg(long)]
    interval: Option<SignedDuration>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Name {
    /// Calls that entered a queue: answered, abandoned, waiting times, service level
    IncomingCalls,
    /// Calls that agents made: answered or not, forbidden by a rule, handling time
    OutgoingCalls,
}

/// Prints the report.
pub(crate) async fn report(options: Options, format: Format) -> anyhow::Result<ExitCode> {
    let zone = TimeZone::system();
    let first = options.from.unwrap_or_else(|| Zoned::now().date());
    let last = options.to.unwrap_or(first);
    if last < first {
        bail!("the last day, {last}, is before the first, {first}");
    }
    let end = last.checked_add(1.day()).context("the last day is too late")?;
    let (from, to) = (Some(start_of(first, &zone)?), Some(start_of(end, &zone)?));
    let interval = options
        .interval
        .map(|interval| Duration { seconds: interval.as_secs(), nanos: interval.subsec_nanos() });
    let component = options.system.join().await?;
    let mut monitor = MonitorClient::new(component.caller("caruso.monitor.v1.Monitor"));
    match options.name {
        Name::IncomingCalls => {
            let request = wire::ReportIncomingCallsRequest { from, to, interval };
            print(&monitor.report_incoming_calls(request).await?.into_inner(), format);
        }
        Name::OutgoingCalls => {
            let request = wire::ReportOutgoingCallsRequest { from, to, interval };
            print_outgoing(&monitor.report_outgoing_calls(request).await?.into_inner(), format);
        }
    }
    component.leave().await;
    Ok(ExitCode::SUCCESS)
}

fn start_of(day: Date, zone: &TimeZone) -> anyhow::Result<Timestamp> {
    let moment = day.to_zoned(zone.clone())?.timestamp();
    Ok(Timestamp { seconds: moment.as_second(), nanos: 0 })
}

fn print(report: &wire::ReportIncomingCallsResponse, format: Format) {
    if format == Format::Json {
        let rows: Vec<_> = report.rows.iter().map(document).collect();
        let threshold = seconds(report.service_level_threshold);
        println!("{}", json!({ "service_level_threshold_seconds": threshold, "rows": rows }));
        return;
    }
    println!(
        "{:<19}  {:<14} {:>7} {:>8} {:>9} {:>10} {:>7} {:>7} {:>7} {:>7} {:>7} {:>9} {:>8} \
         {:>8} {:>7}",
        "interval",
        "queue",
        "offered",
        "answered",
        "abandoned",
        "flowed out",
        "waiting",
        "asa s",
        "aht s",
        "hold s",
        "consult s",
        "max s",
        "level %",
        "promises",
        "kept %"
    );
    for row in &report.rows {
        println!(
            "{:<19}  {:<14} {:>7} {:>8} {:>9} {:>10} {:>7} {:>7} {:>7} {:>7} {:>7} {:>9} {:>8} \
             {:>8} {:>7}",
            local(row.interval_start),
            row.queue_title,
            row.offered,
            row.answered,
            row.abandoned,
            row.flowed_out,
            row.still_waiting,
            shown(row.average_speed_of_answer),
            shown(row.average_handle_time),
            shown(row.average_hold_time),
            shown(row.average_consult_time),
            shown(row.longest_wait),
            share(row.service_level_basis_points),
            row.promises,
            share(row.promises_kept_basis_points)
        );
    }
    if report.rows.is_empty() {
        println!("no call entered a queue");
    }
    if let Some(threshold) = seconds(report.service_level_threshold) {
        println!("\nasa: average speed of answer; aht: average handle time;");
        println!("hold, consult: average time on hold, and with a colleague, parts of aht;");
        println!("max: longest wait;");
        println!("level: answered within {threshold} s, of the answered and abandoned;");
        println!("promises: answered who had been told how long it is likely to take;");
        println!("kept: of them, answered no later than they were first told");
    }
}

fn print_outgoing(report: &wire::ReportOutgoingCallsResponse, format: Format) {
    if format == Format::Json {
        let rows: Vec<_> = report.rows.iter().map(outgoing_document).collect();
        println!("{}", json!({ "rows": rows }));
        return;
    }
    println!(
        "{:<19}  {:<14} {:>7} {:>8} {:>11} {:>8} {:>6} {:>7}",
        "interval", "queue", "wanted", "answered", "not reached", "not made", "denied", "aht s"
    );
    for row in &report.rows {
        println!(
            "{:<19}  {:<14} {:>7} {:>8} {:>11} {:>8} {:>6} {:>7}",
            local(row.interval_start),
            row.queue_title,
            row.wanted,
            row.answered,
            row.not_reached,
            row.not_made,
            row.denied,
            shown(row.average_handle_time),
        );
    }
    if report.rows.is_empty() {
        println!("no agent called a customer");
    } else {
        println!("\nqueue: that of the call's purpose, in which nobody waited;");
        println!("not made: the agent's own telephone did not take it; denied: by a rule;");
        println!("aht: average handle time: ringing, conversation and wrap-up");
    }
}

fn outgoing_document(row: &wire::OutgoingCallsRow) -> serde_json::Value {
    json!({
        "interval_start": instant(row.interval_start),
        "queue": row.queue,
        "queue_title": row.queue_title,
        "wanted": row.wanted,
        "answered": row.answered,
        "not_reached": row.not_reached,
        "not_made": row.not_made,
        "denied": row.denied,
        "average_handle_time_seconds": seconds(row.average_handle_time),
    })
}

fn document(row: &wire::IncomingCallsRow) -> serde_json::Value {
    json!({
        "interval_start": instant(row.interval_start),
        "queue": row.queue,
        "queue_title": row.queue_title,
        "offered": row.offered,
        "answered": row.answered,
        "abandoned": row.abandoned,
        "flowed_out": row.flowed_out,
        "still_waiting": row.still_waiting,
        "average_speed_of_answer_seconds": seconds(row.average_speed_of_answer),
        "average_handle_time_seconds": seconds(row.average_handle_time),
        "average_hold_time_seconds": seconds(row.average_hold_time),
        "average_consult_time_seconds": seconds(row.average_consult_time),
        "longest_wait_seconds": seconds(row.longest_wait),
        "service_level_basis_points": row.service_level_basis_points,
        "promises": row.promises,
        "promises_kept_basis_points": row.promises_kept_basis_points,
    })
}

/// Per cent with one digit behind the point.
fn share(basis_points: Option<u32>) -> String {
    let shown = basis_points.map(|share| format!("{:.1}", f64::from(share) / 100.0));
    shown.unwrap_or_else(|| "–".to_owned())
}

fn seconds(duration: Option<Duration>) -> Option<i64> {
    duration.map(|duration| duration.seconds)
}

fn shown(duration: Option<Duration>) -> String {
    seconds(duration).map_or_else(|| "–".to_owned(), |seconds| seconds.to_string())
}
