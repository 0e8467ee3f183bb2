//! `caruso report`: any report of the application, as a table or a file.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use caruso_api::monitor::v1 as wire;
use caruso_api::monitor::v1::monitor_client::MonitorClient;
use caruso_component::InterfaceChannel;
use clap::Args;
use jiff::SignedDuration;
use jiff::civil::Date;
use prost_types::Duration;
use serde_json::json;

use crate::Printed;
use crate::client::System;

/// What `caruso report` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    system: System,
    /// Which report; without it, they are listed
    name: Option<String>,
    #[command(flatten)]
    query: Query,
    /// Into a file instead of on the terminal
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What is left out is as the report has it.
#[derive(Args, Debug)]
struct Query {
    /// First day, as 2026-11-22
    #[arg(long)]
    from: Option<Date>,
    /// Last day; the first without it
    #[arg(long)]
    to: Option<Date>,
    /// Length of one row: none, 15m, 30m, 1h, day or week
    #[arg(long)]
    interval: Option<String>,
    /// What rows are told apart by: queue, agent, team, channel, with commas between, or none
    #[arg(long)]
    by: Option<String>,
    /// Beside other days: previous, week or none
    #[arg(long)]
    compare: Option<String>,
    /// Variant of the service level, as SL-negative
    #[arg(long, value_name = "VARIANT")]
    service_level: Option<String>,
    /// A wait as long as this is in time, as 20s
    #[arg(long)]
    within: Option<SignedDuration>,
    /// Who hangs up after a wait as long as this hangs up soon, as 5s
    #[arg(long)]
    short: Option<SignedDuration>,
    /// Only this queue, by its id; may be given several times
    #[arg(long)]
    queue: Vec<String>,
    /// The contacts behind the total of this column, instead of the table
    #[arg(long, value_name = "COLUMN", conflicts_with = "output")]
    contacts: Option<String>,
}

impl Query {
    fn wire(&self, report: &str) -> wire::ReportQuery {
        let day = |it: Option<Date>| it.map(|it| it.to_string()).unwrap_or_default();
        let duration = |it: Option<SignedDuration>| {
            it.map(|it| Duration { seconds: it.as_secs(), nanos: it.subsec_nanos() })
        };
        let word = |it: &Option<String>| it.clone().unwrap_or_default();
        wire::ReportQuery {
            report: report.to_owned(),
            first: day(self.from),
            last: day(self.to),
            interval: interval(word(&self.interval)),
            by: word(&self.by).replace(',', " "),
            compare: word(&self.compare),
            service_level: word(&self.service_level),
            within: duration(self.within),
            short: duration(self.short),
            queues: self.queue.clone(),
        }
    }
}

/// Days and weeks may be written as their length.
fn interval(word: String) -> String {
    match word.as_str() {
        "1d" => "day".to_owned(),
        "7d" | "1w" => "week".to_owned(),
        "60m" => "1h".to_owned(),
        _ => word,
    }
}

/// Prints the report, or writes its file, or lists what there is.
pub(crate) async fn report(options: Options, printed: Printed) -> anyhow::Result<ExitCode> {
    let component = options.system.join().await?;
    let mut monitor = MonitorClient::new(component.caller("caruso.monitor.v1.Monitor"));
    match (&options.name, &options.query.contacts) {
        (None, _) => list(&mut monitor, printed).await?,
        (Some(name), Some(column)) => {
            contacts(&mut monitor, options.query.wire(name), column, printed).await?;
        }
        (Some(name), None) => {
            let format = match printed {
                Printed::Text => "text",
                Printed::Json => "json",
                Printed::Csv => "csv",
                Printed::Xlsx => "xlsx",
                Printed::Pdf => "pdf",
            };
            let is_binary = matches!(printed, Printed::Xlsx | Printed::Pdf);
            if is_binary && options.output.is_none() && std::io::stdout().is_terminal() {
                bail!("{format} is not for a terminal; say `--output FILE`");
            }
            let query = Some(options.query.wire(name));
            let request = wire::ExportReportRequest { query, format: format.to_owned() };
            let file = monitor.export_report(request).await?.into_inner();
            write(&file.content, printed, options.output.as_ref())?;
        }
    }
    component.leave().await;
    Ok(ExitCode::SUCCESS)
}

fn write(content: &[u8], printed: Printed, output: Option<&PathBuf>) -> anyhow::Result<()> {
    if let Some(path) = output {
        return std::fs::write(path, content)
            .with_context(|| format!("cannot write the file {}", path.display()));
    }
    let mut out = std::io::stdout().lock();
    out.write_all(content)?;
    if printed == Printed::Json {
        out.write_all(b"\n")?;
    }
    out.flush().context("cannot print")
}

async fn list(
    monitor: &mut MonitorClient<InterfaceChannel>,
    printed: Printed,
) -> anyhow::Result<()> {
    let listed = monitor.list_reports(wire::ListReportsRequest {}).await?.into_inner();
    if printed == Printed::Json {
        let report = |it: &wire::Report| {
            json!({
                "id": it.id,
                "title": it.title,
                "interval": it.interval,
                "by": it.by,
                "dimensions": it.dimensions,
            })
        };
        let reports: Vec<_> = listed.reports.iter().map(report).collect();
        println!("{}", json!({ "reports": reports }));
        return Ok(());
    }
    for report in &listed.reports {
        println!("{:<22} {}", report.id, report.title);
    }
    Ok(())
}

async fn contacts(
    monitor: &mut MonitorClient<InterfaceChannel>,
    query: wire::ReportQuery,
    column: &str,
    printed: Printed,
) -> anyhow::Result<()> {
    let request = wire::ListReportContactsRequest {
        query: Some(query),
        column: column.to_owned(),
        ..Default::default()
    };
    let listed = monitor.list_report_contacts(request).await?.into_inner();
    if printed == Printed::Json {
        let contact = |it: &wire::ReportContact| {
            json!({
                "contact": it.contact_id,
                "at": crate::time::instant(it.at),
                "queue": it.queue_title,
                "agent": it.agent_name,
                "time": it.time,
            })
        };
        let contacts: Vec<_> = listed.contacts.iter().map(contact).collect();
        println!("{}", json!({ "count": listed.count, "contacts": contacts }));
        return Ok(());
    }
    for it in &listed.contacts {
        let at = crate::time::local(it.at);
        let line = format!(
            "{}  {at}  {:<14} {:<14} {}",
            it.contact_id, it.queue_title, it.agent_name, it.time
        );
        println!("{}", line.trim_end());
    }
    let shown = listed.contacts.len();
    match usize::try_from(listed.count).unwrap_or(shown) {
        all if all > shown => println!("{all} in all; the first {shown} are listed"),
        all => println!("{all} in all"),
    }
    Ok(())
}
