//! Reports between the contract and their tables.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use caruso_api::monitor::v1 as proto;
use caruso_application::reports::{
    self, Behind, Cell, Compare, Definition, Interval, Plan, Query, Row, Table, service_level,
    title,
};
use caruso_component::status;
use caruso_contact::{QueueId, Time};
use caruso_metrics::{Dimension, Value, service_levels};
use caruso_report_files::{pdf, xlsx};
use jiff::civil::Date;
use tonic::{Code, Status};

use crate::convert;
use crate::picture::{DAYS_KEPT, Known, kept_since};

/// A report that was asked for, resolved.
pub(crate) fn plan(
    known: &Known,
    query: Option<&proto::ReportQuery>,
    now: Time,
) -> Result<Plan, Status> {
    let words = "the monitor has not read the contact events yet";
    if !known.has_begun {
        return Err(status(Code::Unavailable, "CL0102", words));
    }
    let nothing = proto::ReportQuery::default();
    let query = query.unwrap_or(&nothing);
    let definition = definition(known, &query.report)?;
    let asked = asked(query)?;
    let plan = Plan::new(definition, &asked, &known.zone_name, &known.language, now);
    let plan = plan.map_err(|error| wrong_period(error.to_string()))?;
    if plan.needs_since() < kept_since(now) {
        let words = format!("the monitor knows the last {DAYS_KEPT} days; ask for later ones");
        return Err(wrong_period(words));
    }
    Ok(plan)
}

/// The table of a report.
pub(crate) fn table(known: &Known, plan: &Plan) -> Result<Table, Status> {
    let table = plan.table(&known.figures, known, &known.language);
    table.map_err(|error| wrong_period(error.to_string()))
}

fn definition(known: &Known, id: &str) -> Result<Arc<Definition>, Status> {
    known.reports.get(id).cloned().ok_or_else(|| {
        let ids: Vec<&str> = known.reports.keys().map(String::as_str).collect();
        let words = format!("there is no report `{id}`; there are {}", ids.join(", "));
        status(Code::NotFound, "CL0103", words)
    })
}

fn asked(query: &proto::ReportQuery) -> Result<Query, Status> {
    let by = match query.by.as_str() {
        "" => None,
        "none" => Some(Vec::new()),
        by => Some(by.split_whitespace().map(dimension).collect::<Result<Vec<_>, _>>()?),
    };
    Ok(Query {
        first: day("first", &query.first)?,
        last: day("last", &query.last)?,
        interval: word("interval", &query.interval, Interval::of)?,
        by,
        compare: word("compare", &query.compare, Compare::of)?,
        service_level: word("service_level", &query.service_level, service_level)?,
        within: duration("within", query.within)?,
        short: duration("short", query.short)?,
        queues: query.queues.iter().cloned().collect(),
    })
}

fn dimension(name: &str) -> Result<Dimension, Status> {
    let found = Dimension::ALL.into_iter().find(|it| it.name() == name);
    found.ok_or_else(|| wrong_word("by", name))
}

fn day(name: &str, text: &str) -> Result<Option<Date>, Status> {
    let words = || {
        let words = format!("`{text}` is no day for `{name}`; expected for example 2026-03-01");
        wrong_period(words)
    };
    if text.is_empty() { Ok(None) } else { Date::from_str(text).map(Some).map_err(|_| words()) }
}

fn word<T>(name: &str, word: &str, of: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Status> {
    if word.is_empty() {
        return Ok(None);
    }
    of(word).map(Some).ok_or_else(|| wrong_word(name, word))
}

fn duration(name: &str, it: Option<prost_types::Duration>) -> Result<Option<Duration>, Status> {
    const LONGEST: Duration = Duration::from_secs(24 * 3600);
    let Some(it) = it else { return Ok(None) };
    let duration = Duration::try_from(it).ok().filter(|it| !it.is_zero() && *it <= LONGEST);
    let words = format!("`{name}` is to be between nothing and a day");
    duration.map(Some).ok_or_else(|| status(Code::InvalidArgument, "CL0104", words))
}

pub(crate) fn wrong_word(name: &str, word: &str) -> Status {
    status(Code::InvalidArgument, "CL0104", format!("`{word}` is not possible for `{name}`"))
}

fn wrong_period(words: impl Into<String>) -> Status {
    status(Code::InvalidArgument, "CL0101", words)
}

impl reports::Names for Known {
    fn name(&self, dimension: Dimension, id: &str) -> String {
        let known = match dimension {
            Dimension::Queue => QueueId::new(id).ok().map(|queue| self.title(&queue).to_owned()),
            Dimension::Agent => self.names.get(id).cloned(),
            Dimension::Team | Dimension::Channel => None,
        };
        known.unwrap_or_else(|| id.to_owned())
    }
}

/// All reports, by title.
pub(crate) fn listed(known: &Known) -> proto::ListReportsResponse {
    let report = |it: &Arc<Definition>| proto::Report {
        id: it.id.clone(),
        title: title(&it.titles, &known.language).unwrap_or(&it.id).to_owned(),
        interval: it.interval.name().to_owned(),
        by: it.by.iter().map(|it| it.name().to_owned()).collect(),
        dimensions: it.dimensions().iter().map(|it| it.name().to_owned()).collect(),
        compare: it.compare.name().to_owned(),
        service_level: if it.has_service_level() { it.service_level.id } else { "" }.to_owned(),
    };
    let mut reports: Vec<_> = known.reports.values().map(report).collect();
    reports.sort_by(|a, b| (&a.title, &a.id).cmp(&(&b.title, &b.id)));
    let queue = |(id, title): (&QueueId, &String)| proto::ReportGroup {
        id: id.to_string(),
        title: title.clone(),
    };
    let level = |it: &caruso_metrics::Figure| proto::ReportFigure {
        id: it.id.to_owned(),
        title: it.title.to_owned(),
        definition: it.definition.to_owned(),
    };
    proto::ListReportsResponse {
        reports,
        queues: known.titles.iter().map(queue).collect(),
        service_levels: service_levels().iter().map(level).collect(),
    }
}

/// The table as it travels.
pub(crate) fn told(plan: &Plan, table: &Table) -> proto::ReportTable {
    let compared = table.compared_days.clone().unwrap_or_default();
    let column = |it: &reports::TableColumn| proto::ReportColumn {
        id: it.id.clone(),
        title: it.title.clone(),
        figure: it.figure.to_owned(),
        definition: it.definition.clone(),
        unit: it.unit.to_owned(),
        has_contacts: it.has_contacts,
    };
    let level = plan.definition.has_service_level().then_some(plan.service_level.id);
    proto::ReportTable {
        report: table.report.clone(),
        title: table.title.clone(),
        caption: table.caption(),
        zone: table.zone.clone(),
        first: table.days.0.clone(),
        last: table.days.1.clone(),
        compared_first: compared.0,
        compared_last: compared.1,
        interval: table.interval.name().to_owned(),
        by: table.by.iter().map(|it| it.name().to_owned()).collect(),
        compare: plan.compare.name().to_owned(),
        service_level: level.unwrap_or_default().to_owned(),
        within: Some(convert::duration(plan.within)),
        short: Some(convert::duration(plan.short)),
        columns: table.columns.iter().map(column).collect(),
        rows: table.rows.iter().map(row).collect(),
        total: Some(row(&table.total)),
        chart: table.chart.as_ref().map(|it| proto::ReportChart {
            columns: it.columns.clone(),
            look: it.look.name().to_owned(),
        }),
    }
}

fn row(row: &Row) -> proto::ReportRow {
    let group =
        |it: &reports::Group| proto::ReportGroup { id: it.id.clone(), title: it.title.clone() };
    proto::ReportRow {
        interval: u32::try_from(row.interval).unwrap_or(u32::MAX),
        label: row.label.clone(),
        groups: row.groups.iter().map(group).collect(),
        values: row.values.iter().map(|it| value(*it)).collect(),
        compared: row.compared.iter().map(|it| value(*it)).collect(),
    }
}

fn value(value: Value) -> proto::ReportValue {
    let number = match value {
        Value::Nothing => None,
        Value::Count(it) | Value::Millis(it) | Value::PerMille(it) => Some(it),
    };
    proto::ReportValue { text: reports::text(value), number }
}

/// Which figure the contacts are asked of.
pub(crate) fn cell(request: &proto::ListReportContactsRequest) -> Cell {
    Cell {
        column: request.column.clone(),
        interval: request.interval.and_then(|it| usize::try_from(it).ok()),
        groups: request.groups.clone(),
    }
}

/// The contacts as they travel.
pub(crate) fn behind(known: &Known, contacts: &[Behind]) -> Vec<proto::ReportContact> {
    use reports::Names as _;
    let name = |dimension, id: &str| match id {
        "" => String::new(),
        id => known.name(dimension, id),
    };
    let contact = |it: &Behind| proto::ReportContact {
        contact_id: it.contact.to_string(),
        at: Some(convert::timestamp(it.at)),
        queue_title: name(Dimension::Queue, &it.queue),
        agent_name: name(Dimension::Agent, &it.agent),
        time: it.time.map(|it| reports::text(Value::Millis(it))).unwrap_or_default(),
    };
    contacts.iter().map(contact).collect()
}

/// A table as a file: its ending, what it is, and its bytes.
pub(crate) fn file(table: &Table, format: &str) -> Result<proto::ExportReportResponse, Status> {
    let (ending, media_type, content) = match format {
        "text" => ("txt", "text/plain; charset=utf-8", table.text().into_bytes()),
        "csv" => ("csv", "text/csv; charset=utf-8", table.csv().into_bytes()),
        "json" => ("json", "application/json", table.json().to_string().into_bytes()),
        "xlsx" => {
            let book = xlsx(table).map_err(|error| {
                tracing::error!(%error, "a report cannot be written");
                Status::internal("the workbook cannot be written")
            })?;
            ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", book)
        }
        "pdf" => ("pdf", "application/pdf", pdf(table)),
        other => return Err(wrong_word("format", other)),
    };
    let file_name = format!("{}-{}.{ending}", table.report, table.days.0);
    Ok(proto::ExportReportResponse { file_name, media_type: media_type.to_owned(), content })
}
