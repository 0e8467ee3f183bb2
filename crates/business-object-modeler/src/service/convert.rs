//! The boundary: what there is here, as messages of `caruso.modeler.v1`.

use caruso_api::modeler::v1 as proto;
use caruso_database::{DbBackend, TableName};

use super::databases::Database;
use super::run::Page;
use crate::check::{Finding, Severity};
use crate::migration::{Risk, Step};
use crate::quality::{AttributeReport, ClassReport, RelationReport};

pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

pub(super) fn database_to(name: String, database: &Database) -> proto::Database {
    let engine = match database.address.backend() {
        DbBackend::Sqlite => proto::Engine::Sqlite,
        DbBackend::Postgres => proto::Engine::Postgresql,
        DbBackend::MySql => proto::Engine::Mariadb,
        _ => proto::Engine::Unspecified,
    };
    proto::Database { name, engine: engine.into(), is_owned: database.is_owned }
}

pub(super) fn table_progress_to(at: usize, of: usize, table: &TableName) -> proto::ImportResponse {
    let (at, of, table) = (number(at), number(of), table.to_string());
    let part = proto::import_response::Part::Progress(proto::TableProgress { at, of, table });
    proto::ImportResponse { part: Some(part) }
}

/// The files of a first model: `crm.xml`, `crm-2.xml`, …
pub(super) fn files_to(
    database: &str,
    files: Vec<String>,
) -> impl Iterator<Item = proto::ImportResponse> {
    files.into_iter().enumerate().map(move |(at, content)| {
        let name = match at {
            0 => format!("{database}.xml"),
            at => format!("{database}-{}.xml", at + 1),
        };
        let file = proto::File { name, content: content.into_bytes() };
        proto::ImportResponse { part: Some(proto::import_response::Part::File(file)) }
    })
}

pub(super) fn finding_to(it: Finding) -> proto::Finding {
    let severity = match it.severity {
        Severity::Error => proto::Severity::Error,
        Severity::Warning => proto::Severity::Warning,
        Severity::Advice => proto::Severity::Advice,
    };
    let finding = it.finding;
    proto::Finding {
        severity: severity.into(),
        file: finding.file.to_string(),
        line: finding.line,
        column: finding.column,
        code: finding.code.to_owned(),
        message: finding.message,
        hint: finding.hint.unwrap_or_default(),
    }
}

pub(super) fn page_to(code: &str, page: Page) -> proto::Page {
    proto::Page { code: code.to_owned(), title: page.title.to_owned(), text: page.text.to_owned() }
}

pub(super) fn class_progress_to(class: &str, rows: u64) -> proto::MeasureResponse {
    let progress = proto::ClassProgress { class: class.to_owned(), rows };
    proto::MeasureResponse { part: Some(proto::measure_response::Part::Progress(progress)) }
}

pub(super) fn class_to(report: ClassReport) -> proto::MeasureResponse {
    let sentences = report.sentences().into_iter();
    let sentences = sentences.map(|(member, text)| proto::Sentence { member, text });
    let class = proto::ClassReport {
        sentences: sentences.collect(),
        class: report.class,
        table: report.table,
        rows: report.rows,
        is_whole: report.is_whole,
        attributes: report.attributes.into_iter().map(attribute_to).collect(),
        relations: report.relations.into_iter().map(relation_to).collect(),
    };
    proto::MeasureResponse { part: Some(proto::measure_response::Part::Class(class)) }
}

fn attribute_to(report: AttributeReport) -> proto::AttributeReport {
    proto::AttributeReport {
        attribute: report.attribute,
        column: report.column,
        declared: report.declared,
        form: report.form,
        is_required: report.is_required,
        missing: report.missing,
        replaced: report.replaced,
        unreadable: report.unreadable.count,
        too_long: report.too_long,
        no_phone: report.no_phone.count,
        is_constant: report.is_constant,
    }
}

fn relation_to(report: RelationReport) -> proto::RelationReport {
    proto::RelationReport {
        relation: report.relation,
        class: report.class,
        columns: report.columns,
        is_required: report.is_required,
        missing: report.missing,
        orphans: report.orphans.rows,
    }
}

pub(super) fn step_to(step: &Step) -> proto::Step {
    let risk = match step.risk {
        Risk::Safe => proto::Risk::Safe,
        Risk::Slow => proto::Risk::Slow,
        Risk::Lossy => proto::Risk::Lossy,
        Risk::Left => proto::Risk::Left,
        Risk::Refused => proto::Risk::Refused,
    };
    let statement = step.statement.clone().unwrap_or_default();
    proto::Step { risk: risk.into(), what: step.what.clone(), statement }
}
