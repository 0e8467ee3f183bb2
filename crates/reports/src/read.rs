//! From files to [`Definition`]s, with every mistake at its place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use caruso_contact::{ReasonId, reason};
use caruso_markup::{Attribute, Document, Dtd, Element, Finding, suggest};
use caruso_metrics::{
    DEFAULT_SERVICE_LEVEL, Dimension, Figure, Parameters, figure, figures, service_levels,
};

use crate::definition::{
    Chart, Column, Compare, Days, Definition, Interval, Look, MAX_COLUMNS, MAX_DRAWN, MAX_REPORTS,
    SERVICE_LEVEL, Titles, is_same_measure, service_level, takes_reason, takes_within,
};
use crate::overlay::{apply, id_attribute};
use crate::{DTD, codes, standard};

/// Longest `within` and `short`.
const LONGEST: u64 = 24 * 3600;
const CHANNELS: [&str; 4] = ["voice", "web", "message", "voicemail"];

/// What the rest of the application offers to reports.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Ids of its queues.
    pub queues: BTreeSet<String>,
    /// Reasons for being not ready that it declares.
    pub reasons: BTreeSet<String>,
}

/// The DTD of reports, parsed.
pub fn dtd() -> &'static Dtd {
    static PARSED: LazyLock<Dtd> =
        LazyLock::new(|| Dtd::parse("report.dtd", DTD).expect("the DTD is part of this crate"));
    &PARSED
}

/// Reads the reports of an application: those that every application has, what its files put on
/// them, and its own. Paths are those of the application, contents bytes.
///
/// # Errors
/// With what can be made of the rest come all findings, in the order of the files.
pub fn read<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    scope: &Scope,
) -> (BTreeMap<String, Arc<Definition>>, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut documents = standard::documents();
    let mut overlays: BTreeMap<String, Document> = BTreeMap::new();
    for (path, content) in files {
        match Document::read(path, content, dtd()) {
            Ok(it) if it.root.name == "report-overlay" => {
                overlay_read(it, &mut overlays, &mut findings);
            }
            Ok(it) => report_read(it, &mut documents, &mut findings),
            Err(mistakes) => findings.extend(mistakes),
        }
    }
    for (id, overlay) in &overlays {
        if let Some(document) = documents.get_mut(id) {
            apply(document, &overlay.root, &mut findings);
        } else if let Some(named) = overlay.root.attribute("report") {
            let message = format!("there is no report `{id}` to put this on");
            let hint = suggest(id, documents.keys().map(String::as_str));
            findings.push(named.finding(codes::OVERLAY, message).with_suggestion(hint));
        }
    }
    if documents.len() > MAX_REPORTS
        && let Some(last) = documents.values().next_back()
    {
        let message = format!("there are {} reports; at most {MAX_REPORTS}", documents.len());
        findings.push(last.root.finding(codes::TOO_MANY, message));
    }
    let mut reader = Reader { scope, findings };
    let definitions =
        documents.iter().map(|(id, it)| (id.clone(), Arc::new(reader.report(id, &it.root))));
    let definitions = definitions.collect();
    reader.findings.sort();
    (definitions, reader.findings)
}

fn overlay_read(
    document: Document,
    overlays: &mut BTreeMap<String, Document>,
    findings: &mut Vec<Finding>,
) {
    let Some(named) = document.root.attribute("report").cloned() else { return };
    if let Some(first) = overlays.get(&named.value) {
        let message = format!("a second overlay for report `{}`", named.value);
        let hint = format!("the first one is {}", first.file);
        findings.push(named.finding(codes::OVERLAY, message).with_hint(hint));
    } else {
        overlays.insert(named.value, document);
    }
}

fn report_read(
    document: Document,
    documents: &mut BTreeMap<String, Document>,
    findings: &mut Vec<Finding>,
) {
    let Some(id) = document.root.attribute("id").cloned() else { return };
    let name = document.file.rsplit('/').next().unwrap_or_default();
    let stem = name.strip_suffix(".xml").unwrap_or(name);
    if id.value != stem {
        let message = format!("the report's id is `{}`, its file's name is not", id.value);
        let hint = format!("write `{stem}`, or rename the file");
        findings.push(id.finding(codes::NAME_OF_FILE, message).with_hint(hint));
        return;
    }
    documents.insert(id.value, document);
}

struct Reader<'a> {
    scope: &'a Scope,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn report(&mut self, id: &str, root: &Element) -> Definition {
        let word = |name: &str| root.value(name).unwrap_or_default();
        let defaults = Parameters::default();
        let columns = self.columns(root);
        let by = self.by(root);
        let definition = Definition {
            id: id.to_owned(),
            titles: self.titles(root),
            days: Days::of(word("period")).unwrap_or(Days::Today),
            interval: Interval::of(word("interval")).unwrap_or(Interval::Whole),
            zone: self.zone(root),
            by,
            channels: self.known(root, "channels", "channel", CHANNELS),
            queues: {
                let scope = self.scope;
                self.known(root, "queues", "queue", scope.queues.iter().map(String::as_str))
            },
            within: self.duration(root, "within").unwrap_or(defaults.within),
            short: self.duration(root, "short").unwrap_or(defaults.short),
            service_level: chosen_level(word("service-level")),
            compare: Compare::of(word("compare")).unwrap_or(Compare::No),
            chart: root.child("chart").and_then(|it| self.chart(it, &columns)),
            columns,
        };
        self.fits(root, &definition);
        definition
    }

    fn titles(&mut self, element: &Element) -> Titles {
        let mut titles = Titles::new();
        for title in element.children_named("title") {
            let Some(language) = title.attribute("language") else { continue };
            if titles.insert(language.value.clone(), title.text()).is_some() {
                let message = format!("a second title in the language `{}`", language.value);
                self.findings.push(language.finding(codes::DUPLICATE, message));
            }
        }
        titles
    }

    fn zone(&mut self, root: &Element) -> Option<String> {
        let zone = root.attribute("zone")?;
        if jiff::tz::TimeZone::get(&zone.value).is_err() {
            let message = format!("time zone `{}` is unknown", zone.value);
            self.findings.push(zone.finding(codes::UNKNOWN_NAME, message));
        }
        Some(zone.value.clone())
    }

    fn by(&mut self, root: &Element) -> Vec<Dimension> {
        let Some(attribute) = root.attribute("by") else { return vec![Dimension::Queue] };
        let words: Vec<_> = words(&attribute.value).collect();
        if matches!(words[..], [(_, "none")]) {
            return Vec::new();
        }
        let mut by: Vec<Dimension> = Vec::new();
        for (offset, word) in words {
            match Dimension::ALL.into_iter().find(|it| it.name() == word) {
                Some(it) if by.contains(&it) => {
                    let message = format!("rows are told apart by {word} twice");
                    self.findings.push(attribute.finding_at(offset, codes::DUPLICATE, message));
                }
                Some(it) => by.push(it),
                None => {
                    let message = format!("rows cannot be told apart by `{word}`");
                    let hint = suggest(word, Dimension::ALL.iter().map(|it| it.name()));
                    let finding = attribute.finding_at(offset, codes::UNKNOWN_NAME, message);
                    let finding = finding.with_hint("expected queue, agent, team or channel");
                    self.findings.push(finding.with_suggestion(hint));
                }
            }
        }
        by
    }

    fn known<'k>(
        &mut self,
        root: &Element,
        name: &str,
        what: &str,
        known: impl IntoIterator<Item = &'k str> + Clone,
    ) -> BTreeSet<String> {
        let Some(attribute) = root.attribute(name) else { return BTreeSet::new() };
        for (offset, word) in words(&attribute.value) {
            if !known.clone().into_iter().any(|it| it == word) {
                let message = format!("the {what} `{word}` is unknown");
                let finding = attribute.finding_at(offset, codes::UNKNOWN_NAME, message);
                self.findings.push(finding.with_suggestion(suggest(word, known.clone())));
            }
        }
        words(&attribute.value).map(|(_, word)| word.to_owned()).collect()
    }

    fn duration(&mut self, element: &Element, name: &str) -> Option<Duration> {
        let attribute = element.attribute(name)?;
        let seconds = seconds(&attribute.value).filter(|it| (1..=LONGEST).contains(it));
        if seconds.is_none() {
            let message = format!("`{}` is not a duration for `{name}`", attribute.value);
            let finding = attribute.finding(codes::DURATION, message);
            self.findings.push(finding.with_hint("expected 1s to 24h, such as 20s or 2m"));
        }
        seconds.map(Duration::from_secs)
    }

    fn columns(&mut self, root: &Element) -> Vec<Column> {
        let mut columns: Vec<Column> = Vec::new();
        for element in root.children_named("column") {
            let Some(column) = self.column(element) else { continue };
            if columns.iter().any(|it| it.id == column.id)
                && let Some(id) = id_attribute(element)
            {
                let message = format!("a second column `{}`", column.id);
                let finding = id.finding(codes::DUPLICATE, message);
                self.findings.push(finding.with_hint("give it an `id` of its own"));
                continue;
            }
            columns.push(column);
        }
        if columns.len() > MAX_COLUMNS {
            let message =
                format!("the report has {} columns; at most {MAX_COLUMNS}", columns.len());
            self.findings.push(root.finding(codes::TOO_MANY, message));
        }
        columns
    }

    fn column(&mut self, element: &Element) -> Option<Column> {
        let titles = self.titles(element);
        let within = self.duration(element, "within");
        let named = element.attribute("figure")?;
        let figure = if named.value == SERVICE_LEVEL { None } else { Some(self.figure(named)?) };
        let unfit = |name: &str| {
            let at = element.attribute(name)?;
            let message = format!("the figure `{}` takes no `{name}`", named.value);
            Some(at.finding(codes::UNFIT_SETTING, message))
        };
        if !takes_within(figure) {
            self.findings.extend(unfit("within"));
        }
        if !takes_reason(figure) {
            self.findings.extend(unfit("reason"));
        }
        let reason = element.attribute("reason").filter(|_| takes_reason(figure));
        let reason = reason.and_then(|it| self.reason(it));
        Some(Column { id: id_attribute(element)?.value.clone(), titles, figure, within, reason })
    }

    fn figure(&mut self, named: &Attribute) -> Option<&'static Figure> {
        let known = figure(&named.value);
        if known.is_none() {
            let ids = figures().map(|it| it.id).chain([SERVICE_LEVEL]);
            let message = format!("there is no figure `{}`", named.value);
            let finding = named.finding(codes::UNKNOWN_FIGURE, message);
            let finding = finding.with_hint("docs/reference/figures.md lists all");
            self.findings.push(finding.with_suggestion(suggest(&named.value, ids)));
        }
        known
    }

    fn reason(&mut self, named: &Attribute) -> Option<ReasonId> {
        let declared = self.scope.reasons.iter().map(String::as_str);
        let known: Vec<&str> = declared.chain(reason::ALL).collect();
        if !known.contains(&named.value.as_str()) {
            let message = format!("the reason `{}` is unknown", named.value);
            let finding = named.finding(codes::UNKNOWN_NAME, message);
            self.findings.push(finding.with_suggestion(suggest(&named.value, known)));
            return None;
        }
        ReasonId::new(&named.value).ok()
    }

    fn chart(&mut self, element: &Element, columns: &[Column]) -> Option<Chart> {
        let named = element.attribute("columns")?;
        let mut drawn: Vec<&Column> = Vec::new();
        for (offset, word) in words(&named.value) {
            let Some(column) = columns.iter().find(|it| it.id == word) else {
                let message = format!("the report has no column `{word}`");
                let hint = suggest(word, columns.iter().map(|it| it.id.as_str()));
                let finding = named.finding_at(offset, codes::UNKNOWN_NAME, message);
                self.findings.push(finding.with_suggestion(hint));
                continue;
            };
            drawn.push(column);
            let unit = |it: &Column| it.figure.map_or(caruso_metrics::Unit::Share, |it| it.unit);
            if !is_same_measure(unit(drawn[0]), unit(column)) {
                let message =
                    format!("`{word}` is measured in another unit than `{}`", drawn[0].id);
                self.findings.push(named.finding_at(offset, codes::CHART, message));
            }
        }
        if drawn.len() > MAX_DRAWN {
            let message = format!("a chart of {} columns; at most {MAX_DRAWN}", drawn.len());
            self.findings.push(named.finding(codes::CHART, message));
        }
        let look = element.value("look").and_then(Look::of).unwrap_or(Look::Bars);
        Some(Chart { columns: drawn.iter().map(|it| it.id.clone()).collect(), look })
    }

    /// Whether every figure can be told apart, and limited, as the report says.
    fn fits(&mut self, root: &Element, definition: &Definition) {
        let mut wanted: Vec<(Dimension, &str, &str)> =
            definition.by.iter().map(|it| (*it, "told apart by", "by")).collect();
        if !definition.channels.is_empty() {
            wanted.push((Dimension::Channel, "limited by", "channels"));
        }
        if !definition.queues.is_empty() {
            wanted.push((Dimension::Queue, "limited by", "queues"));
        }
        for element in root.children_named("column") {
            let Some(named) = element.attribute("figure") else { continue };
            let Some(source) = figure(&named.value).map(Figure::source) else { continue };
            for (dimension, how, setting) in wanted.iter().filter(|it| !source.knows(it.0)) {
                let name = dimension.name();
                let message = format!(
                    "`{}` counts {}, which cannot be {how} {name}",
                    named.value,
                    source.name()
                );
                // of the two, what the overlay has changed
                let is_changed = |it: &&Attribute| it.location.file != root.location.file;
                let setting = root.attribute(setting).filter(is_changed);
                let at = setting.filter(|_| !is_changed(&named)).unwrap_or(named);
                let finding = at.finding(codes::DIMENSION, message);
                self.findings.push(finding.with_hint("put it into a report of its own"));
            }
        }
    }
}

fn chosen_level(id: &str) -> &'static Figure {
    let default = || service_level(DEFAULT_SERVICE_LEVEL);
    service_level(id).or_else(default).unwrap_or(&service_levels()[0])
}

/// Words with the place in the text at which each begins.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let start = text.as_ptr() as usize;
    text.split_ascii_whitespace().map(move |word| (word.as_ptr() as usize - start, word))
}

/// `20s`, `2m`, `1h` in seconds.
pub(crate) fn seconds(text: &str) -> Option<u64> {
    let (number, factor) = [("s", 1), ("m", 60), ("h", 3600)]
        .into_iter()
        .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, factor)))?;
    let is_number = (1..=6).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    number.parse::<u64>().ok().filter(|_| is_number).map(|number| number * factor)
}
