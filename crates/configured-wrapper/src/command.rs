//! Programs that are started for each operation: their command lines, and what their ends mean.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use caruso_markup::{Attribute, Element, Finding, suggest};
use serde_json::{Value as Json, json};

use crate::outcome::{Object, Outcome, of_text, to_text};
use crate::{Contents, Operation, codes};

/// Most bytes of standard output.
pub const MAX_OUTPUT_BYTES: usize = 48 * 1024;
/// Most bytes of standard error that are looked at.
pub const MAX_ERROR_BYTES: usize = 16 * 1024;
/// Longest that a program may run, in seconds: less than its host waits for.
const MAX_SECONDS: u64 = 7;
/// Most letters of the words out of standard error.
const MAX_WORDS: usize = 500;

/// A program, and how it is started for each operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Which one.
    pub program: Place,
    /// How long it may run.
    pub limit: Duration,
    /// By the name of the operation.
    pub runs: BTreeMap<String, Run>,
}

/// Where a program is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the release, at this path of the application's folder.
    Release(String),
    /// On the machine: an absolute path, or a name in `PATH`.
    Machine(String),
}

/// How one operation is carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Whether standard input has the request as JSON.
    pub has_input: bool,
    /// Whether it may be started again when nobody knows whether it did it.
    pub is_repeatable: bool,
    has_output: bool,
    operation: Operation,
    arguments: Vec<Argument>,
    exits: BTreeMap<i32, Exit>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Argument {
    Text(String),
    /// The parameter, its flag, and whether it may begin with a hyphen.
    Of(String, String, bool),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Exit {
    meaning: Meaning,
    words: Option<String>,
    gives: Vec<(String, Json)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Done,
    Refused,
    Later,
}

impl Run {
    /// The command line behind the program.
    ///
    /// # Errors
    /// In words: a value that the program would take for an option.
    pub fn arguments(&self, given: &Object) -> Result<Vec<String>, String> {
        let mut line = Vec::new();
        for argument in &self.arguments {
            let (name, flag, may_be_hyphen) = match argument {
                Argument::Text(text) => {
                    line.push(text.clone());
                    continue;
                }
                Argument::Of(name, flag, may_be_hyphen) => (name, flag, *may_be_hyphen),
            };
            let Some(text) = given.get(name).map(to_text) else { continue };
            if text.starts_with('-') && !may_be_hyphen {
                return Err(format!("`{name}` must not begin with a hyphen"));
            }
            if text.contains('\0') {
                return Err(format!("`{name}` must have letters only"));
            }
            match flag.as_str() {
                "" => line.push(text),
                flag if flag.ends_with('=') => line.push(format!("{flag}{text}")),
                flag => line.extend([flag.to_owned(), text]),
            }
        }
        Ok(line)
    }

    /// What it means that the program ended with this status, nothing where it was by a signal, and
    /// wrote this.
    pub fn outcome(&self, status: Option<i32>, output: &[u8], errors: &[u8]) -> Outcome {
        let exit = status.and_then(|status| self.exits.get(&status));
        let Some(status) = status else {
            return Outcome::Unknown("the program was ended by a signal".into());
        };
        let (meaning, gives) = match exit {
            Some(exit) => (exit.meaning, exit.gives.clone()),
            None if status == 0 => (Meaning::Done, Vec::new()),
            None => {
                return Outcome::Unknown(format!("the program ended with {status}"));
            }
        };
        let words = exit.and_then(|exit| exit.words.clone());
        let said = || words.clone().unwrap_or_else(|| last_line(errors, status));
        match meaning {
            Meaning::Refused => Outcome::Refused(said()),
            Meaning::Later => Outcome::Later(said()),
            Meaning::Done => match self.given(output) {
                Ok(mut given) => {
                    let summary = given.remove("summary").as_ref().map(to_text);
                    let summary = words.or(summary).unwrap_or_default();
                    given.extend(gives);
                    Outcome::done(&self.operation, given, &summary)
                }
                Err(reason) => Outcome::Unknown(reason),
            },
        }
    }

    fn given(&self, output: &[u8]) -> Result<Object, String> {
        if !self.has_output {
            return Ok(Object::new());
        }
        if output.len() > MAX_OUTPUT_BYTES {
            return Err(format!("the program wrote more than {MAX_OUTPUT_BYTES} bytes"));
        }
        match serde_json::from_slice(output) {
            Ok(Json::Object(given)) => Ok(given),
            // what was written may tell of persons
            _ => Err("the program wrote something else than one JSON object".into()),
        }
    }
}

/// The last words of standard error.
fn last_line(errors: &[u8], status: i32) -> String {
    let text = String::from_utf8_lossy(errors);
    match text.lines().map(str::trim).rfind(|line| !line.is_empty()) {
        Some(line) => line.chars().take(MAX_WORDS).collect(),
        None => format!("the program ended with {status}"),
    }
}

/// What the element says; with the operations by their names.
pub(crate) fn read(
    root: &Element,
    folder: &str,
    contents: &Contents<'_>,
    findings: &mut Vec<Finding>,
) -> (Command, BTreeMap<String, Operation>) {
    let (mut runs, mut operations) = (BTreeMap::new(), BTreeMap::new());
    for element in root.children_named("run") {
        let Some(name) = element.attribute("operation") else { continue };
        check_name(name, findings);
        let run = run(element, findings);
        operations.insert(name.value.clone(), run.operation.clone());
        if runs.insert(name.value.clone(), run).is_some() {
            let message = format!("operation `{name}` stands here twice");
            findings.push(name.finding(codes::DUPLICATE, message));
        }
    }
    let program = root.attribute("program");
    let program = program.map(|it| place(it, folder, contents, findings));
    let program = program.unwrap_or(Place::Machine(String::new()));
    (Command { program, limit: limit(root, findings), runs }, operations)
}

/// How long something may take, out of the attribute `seconds`.
pub(crate) fn limit(root: &Element, findings: &mut Vec<Finding>) -> Duration {
    let written = root.attribute("seconds");
    let number = written.and_then(|it| it.value.parse().ok());
    let seconds = number.filter(|it| (1..=MAX_SECONDS).contains(it));
    if let (None, Some(written)) = (seconds, written) {
        let message = format!("`{written}` is no number from 1 to {MAX_SECONDS}");
        findings.push(written.finding(codes::UNFIT_SETTING, message));
    }
    Duration::from_secs(seconds.unwrap_or(1))
}

/// Operations, parameters and results are called as those of programs are.
pub(crate) fn check_name(name: &Attribute, findings: &mut Vec<Finding>) {
    if !is_name(&name.value) {
        let message = format!("the name `{name}` has other than small letters, digits and `_`");
        findings.push(name.finding(codes::UNFIT_SETTING, message));
    }
}

/// Whether scripts can write this as a name: small letters, digits and `_`, at most 64.
pub(crate) fn is_name(name: &str) -> bool {
    let is_part = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_';
    name.len() <= 64
        && name.starts_with(|it: char| it.is_ascii_lowercase())
        && name.bytes().all(is_part)
}

fn place(
    written: &Attribute,
    folder: &str,
    contents: &Contents<'_>,
    findings: &mut Vec<Finding>,
) -> Place {
    let beside = format!("{folder}{written}");
    if contents.contains_key(beside.as_str()) {
        return Place::Release(beside);
    }
    if written.value.contains('/') && !written.value.starts_with('/') {
        let message = format!("file `{beside}` does not exist in the application");
        let hint = suggest(&beside, contents.keys().copied());
        findings.push(written.finding(codes::UNKNOWN_FILE, message).with_suggestion(hint));
    }
    Place::Machine(written.value.clone())
}

/// What an element says of what an operation takes and gives.
pub(crate) fn operation(element: &Element, findings: &mut Vec<Finding>) -> Operation {
    let mut operation = Operation::default();
    let mut seen = BTreeSet::new();
    for child in element.elements().filter(|it| matches!(it.name.as_str(), "parameter" | "result"))
    {
        let (Some(name), Some(kind)) = (child.attribute("name"), child.value("type")) else {
            continue;
        };
        check_name(name, findings);
        let Some(kind) = crate::kind_of(kind) else { continue };
        if !seen.insert((child.name.clone(), name.value.clone())) {
            let message = format!("{} `{name}` stands here twice", child.name);
            findings.push(name.finding(codes::DUPLICATE, message));
        }
        if child.name == "parameter" {
            let is_required = child.value("required") != Some("no");
            operation.parameters.insert(name.value.clone(), (kind, is_required));
        } else {
            operation.results.insert(name.value.clone(), kind);
        }
    }
    operation
}

fn run(element: &Element, findings: &mut Vec<Finding>) -> Run {
    let operation = operation(element, findings);
    let has_output = element.value("output") == Some("json");
    let exits = exits(element, &operation, findings);
    let gives_all = exits.get(&0).is_some_and(|it| it.gives.len() == operation.results.len());
    if !has_output && !operation.results.is_empty() && !gives_all {
        let message = "nothing says what the results are";
        let hint = "write `output=\"json\"`, or an `exit` with code 0 that gives them";
        findings.push(element.finding(codes::UNFIT_SETTING, message).with_hint(hint));
    }
    Run {
        has_input: element.value("input") == Some("json"),
        is_repeatable: element.value("repeat") != Some("no"),
        has_output,
        arguments: arguments(element, &operation, findings),
        exits,
        operation,
    }
}

fn arguments(run: &Element, operation: &Operation, findings: &mut Vec<Finding>) -> Vec<Argument> {
    let (mut arguments, mut may_be_hyphen) = (Vec::new(), false);
    for element in run.children_named("argument") {
        let flag = element.value("flag").unwrap_or_default();
        match (element.value("text"), element.attribute("of")) {
            (Some(text), None) if flag.is_empty() => {
                may_be_hyphen |= text == "--";
                arguments.push(Argument::Text(text.to_owned()));
            }
            (None, Some(of)) => {
                if !operation.parameters.contains_key(&of.value) {
                    let message = format!("there is no parameter `{of}`");
                    let known = operation.parameters.keys().map(String::as_str);
                    let finding = of.finding(codes::UNFIT_SETTING, message);
                    findings.push(finding.with_suggestion(suggest(&of.value, known)));
                }
                let may_be_hyphen = may_be_hyphen || !flag.is_empty();
                arguments.push(Argument::Of(of.value.clone(), flag.to_owned(), may_be_hyphen));
            }
            _ => {
                let message = "an argument has a `text`, or is `of` a parameter";
                findings.push(element.finding(codes::UNFIT_SETTING, message));
            }
        }
    }
    arguments
}

fn exits(run: &Element, operation: &Operation, findings: &mut Vec<Finding>) -> BTreeMap<i32, Exit> {
    let mut exits = BTreeMap::new();
    for element in run.children_named("exit") {
        let Some(code) = element.attribute("code") else { continue };
        let Some(number) = code.value.parse().ok().filter(|it| (0..=255).contains(it)) else {
            let message = format!("`{code}` is no number from 0 to 255");
            findings.push(code.finding(codes::UNFIT_SETTING, message));
            continue;
        };
        let meaning = match element.value("means") {
            Some("refused") => Meaning::Refused,
            Some("later") => Meaning::Later,
            _ => Meaning::Done,
        };
        let words = element.value("words").map(str::to_owned);
        let gives = element.children_named("give").filter_map(|it| give(it, operation, findings));
        let exit = Exit { meaning, words, gives: gives.collect() };
        if exits.insert(number, exit).is_some() {
            let message = format!("what `{number}` means stands here twice");
            findings.push(code.finding(codes::DUPLICATE, message));
        }
    }
    exits
}

fn give(
    element: &Element,
    operation: &Operation,
    findings: &mut Vec<Finding>,
) -> Option<(String, Json)> {
    let (result, value) = (element.attribute("result")?, element.attribute("value")?);
    let Some(kind) = operation.results.get(&result.value) else {
        let message = format!("there is no result `{result}`");
        let hint = suggest(&result.value, operation.results.keys().map(String::as_str));
        findings.push(result.finding(codes::UNFIT_SETTING, message).with_suggestion(hint));
        return None;
    };
    let given = of_text(kind, &value.value);
    if given.is_none() {
        let message = format!("`{value}` is not {kind}");
        findings.push(value.finding(codes::UNFIT_SETTING, message));
    }
    Some((result.value.clone(), given?))
}

/// What standard input has, where it has the request.
pub fn input(operation: &str, arguments: &Object, key: &str, actor: &str) -> String {
    let wish = json!({
        "operation": operation, "arguments": arguments, "key": key, "actor": actor
    });
    format!("{wish}\n")
}

#[cfg(test)]
mod tests;
