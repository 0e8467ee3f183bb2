//! What a program may be asked to do while it is tried: a file that its author writes.
//!
//! ```toml
//! [[operation]]
//! name = "create_service_order"
//! arguments = { customer = "100017", kind = "meter" }
//! undo = { operation = "cancel_service_order", arguments = { order = "order" } }
//!
//! [[operation]]
//! name = "create_service_order"
//! arguments = { customer = "100017", kind = "flood" }
//! refused = true
//!
//! [[class]]
//! name = "Invoice"
//! where = { customer = ["100001"] }
//! change = { key = "F2600118", values = { due_on = 2026-09-01 } }
//! create = { number = "F9999999", customer = "100001" }
//! ```

use std::collections::BTreeMap;
use std::ops::Range;

use caruso_application::Finding;
use serde::Deserialize;
use toml::{Spanned, Value as Toml};

use crate::protocol::Cells;
use crate::{Declared, DeclaredClass, DeclaredOperation, Type, Value, Values};

/// The file of examples is no TOML, or not of this form.
pub const UNREADABLE_EXAMPLES: &str = "CW0201";
/// An example does not fit what the application declares.
pub const UNFIT_EXAMPLE: &str = "CW0202";
/// Both.
pub const CODES: [&str; 2] = [UNREADABLE_EXAMPLES, UNFIT_EXAMPLE];

/// Most examples of operations, and most of classes.
const MAX_EXAMPLES: usize = 100;

/// What a program may be asked to do; all of it is as declared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examples {
    pub(super) operations: Vec<Example>,
    pub(super) classes: BTreeMap<String, ClassExample>,
}

/// An operation that works, or one that is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Example {
    pub(super) name: String,
    pub(super) arguments: Values,
    pub(super) undo: Option<Undo>,
    pub(super) is_refused: bool,
}

/// What takes an operation back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Undo {
    pub(super) operation: String,
    /// By parameter: the result of the first operation that it is told.
    #[serde(default)]
    pub(super) arguments: BTreeMap<String, String>,
}

/// What is known of the objects of a class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ClassExample {
    /// By what some are listed.
    pub(super) wanted: BTreeMap<String, Vec<Value>>,
    /// An object, by its key, and values that it may have for a moment.
    pub(super) change: Option<(String, Cells)>,
    /// What an object may be made of, which is deleted again.
    pub(super) create: Option<Cells>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    operation: Vec<OperationPart>,
    #[serde(default)]
    class: Vec<ClassPart>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OperationPart {
    name: Spanned<String>,
    #[serde(default)]
    arguments: BTreeMap<String, Spanned<Toml>>,
    undo: Option<Spanned<Undo>>,
    #[serde(default)]
    refused: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassPart {
    name: Spanned<String>,
    #[serde(default)]
    r#where: BTreeMap<String, Spanned<Vec<Toml>>>,
    change: Option<ChangePart>,
    create: Option<Spanned<BTreeMap<String, Spanned<Toml>>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangePart {
    key: Spanned<String>,
    values: BTreeMap<String, Spanned<Toml>>,
}

impl Examples {
    /// Reads the text of `file`, and holds it against what the application declares.
    ///
    /// # Errors
    /// Every finding, with its place in the file; codes are [`CODES`].
    pub fn read(file: &str, text: &str, declared: &Declared) -> Result<Self, Vec<Finding>> {
        let mut reader = Reader { file, text, declared, findings: Vec::new() };
        let parts: File = match toml::from_str(text) {
            Ok(parts) => parts,
            Err(error) => {
                let place = error.span().unwrap_or(0..0);
                reader.find(UNREADABLE_EXAMPLES, &place, error.message().to_owned());
                return Err(reader.findings);
            }
        };
        if parts.operation.len().max(parts.class.len()) > MAX_EXAMPLES {
            let message = format!("there are more than {MAX_EXAMPLES} examples");
            reader.find(UNREADABLE_EXAMPLES, &(0..0), message);
            return Err(reader.findings);
        }
        let operations = parts.operation.into_iter().filter_map(|it| reader.operation(it));
        let operations = operations.collect();
        let classes = parts.class.into_iter().filter_map(|it| reader.class(it)).collect();
        let Reader { findings, .. } = reader;
        if findings.is_empty() { Ok(Self { operations, classes }) } else { Err(findings) }
    }

    /// Whether some example is taken back by this operation.
    pub(super) fn undoes(&self, operation: &str) -> bool {
        let undoes = |it: &Example| it.undo.as_ref().is_some_and(|it| it.operation == operation);
        self.operations.iter().any(undoes)
    }
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    declared: &'a Declared,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn find(&mut self, code: &'static str, place: &Range<usize>, message: String) {
        let before = self.text.get(..place.start).unwrap_or_default();
        let last = before.rsplit('\n').next().unwrap_or_default();
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        self.findings.push(Finding {
            file: self.file.into(),
            line: count(before.matches('\n').count() + 1),
            column: count(last.chars().count() + 1),
            code,
            message,
            hint: None,
        });
    }

    fn unfit(&mut self, place: &Range<usize>, message: String) {
        self.find(UNFIT_EXAMPLE, place, message);
    }

    /// The same, with what there is instead.
    fn unknown<'k>(
        &mut self,
        place: &Range<usize>,
        message: String,
        known: impl Iterator<Item = &'k String>,
    ) {
        self.unfit(place, message);
        let known = known.map(String::as_str).collect::<Vec<_>>().join(", ");
        let hint =
            if known.is_empty() { "there is none".into() } else { format!("one of: {known}") };
        if let Some(finding) = self.findings.last_mut() {
            finding.hint = Some(hint);
        }
    }

    fn operation(&mut self, part: OperationPart) -> Option<Example> {
        let (place, name) = (part.name.span(), part.name.into_inner());
        let declared = self.declared;
        let Some(operation) = declared.operations.get(&name) else {
            let message = format!("no operation `{name}` is declared");
            self.unknown(&place, message, declared.operations.keys());
            return None;
        };
        let mut arguments = Values::new();
        for (parameter, value) in part.arguments {
            let place = value.span();
            let Some((kind, _)) = operation.parameters.get(&parameter) else {
                let message = format!("`{name}` has no parameter `{parameter}`");
                self.unknown(&place, message, operation.parameters.keys());
                continue;
            };
            arguments.extend(self.value(&parameter, *kind, value.as_ref(), &place));
        }
        let is_missing = |(parameter, (_, is_required)): &(&String, &(Type, bool))| {
            *is_required && !arguments.contains_key(*parameter)
        };
        let missing: Vec<_> = operation.parameters.iter().filter(is_missing).collect();
        if self.findings.is_empty() {
            for (parameter, _) in missing {
                self.unfit(&place, format!("the argument `{parameter}` is missing"));
            }
        }
        let undo = part.undo.and_then(|undo| self.undo(operation, undo));
        Some(Example { name, arguments, undo, is_refused: part.refused })
    }

    fn undo(&mut self, done: &DeclaredOperation, undo: Spanned<Undo>) -> Option<Undo> {
        let (place, undo) = (undo.span(), undo.into_inner());
        let declared = self.declared;
        let Some(operation) = declared.operations.get(&undo.operation) else {
            let message = format!("no operation `{}` is declared", undo.operation);
            self.unknown(&place, message, declared.operations.keys());
            return None;
        };
        for (parameter, result) in &undo.arguments {
            let takes = operation.parameters.get(parameter).map(|(kind, _)| *kind);
            let Some(gives) = done.results.get(result) else {
                let message = format!("there is no result `{result}`");
                self.unknown(&place, message, done.results.keys());
                continue;
            };
            if takes != Some(*gives) {
                let (operation, gives) = (&undo.operation, gives.name());
                let message =
                    format!("`{operation}` has no parameter `{parameter}` of type {gives}");
                self.unfit(&place, message);
            }
        }
        Some(undo)
    }

    fn class(&mut self, part: ClassPart) -> Option<(String, ClassExample)> {
        let (place, name) = (part.name.span(), part.name.into_inner());
        let declared = self.declared;
        let Some(class) = declared.classes.get(&name) else {
            self.unknown(
                &place,
                format!("the wrapper holds no class `{name}`"),
                declared.classes.keys(),
            );
            return None;
        };
        let mut example = ClassExample::default();
        for (search, values) in part.r#where {
            let place = values.span();
            if !class.searches.contains(&search) {
                let message = format!("`{name}` is not looked for by `{search}`");
                self.unknown(&place, message, class.searches.iter());
                continue;
            }
            let kind = class.members.get(&search).copied().unwrap_or(Type::Text);
            let values = values.into_inner();
            let values = values.iter().filter_map(|it| self.value(&search, kind, it, &place));
            example.wanted.insert(search.clone(), values.map(|(_, value)| value).collect());
        }
        example.change = part.change.map(|ChangePart { key, values }| {
            let place = key.span();
            (key.into_inner(), self.cells(&name, class, &place, values))
        });
        example.create = part.create.map(|values| {
            let place = values.span();
            self.cells(&name, class, &place, values.into_inner())
        });
        Some((name, example))
    }

    /// Values that an object of a writable class is to have.
    fn cells(
        &mut self,
        name: &str,
        class: &DeclaredClass,
        place: &Range<usize>,
        values: BTreeMap<String, Spanned<Toml>>,
    ) -> Cells {
        if !class.is_writable {
            let message = format!("the model does not say that `{name}` is writable");
            self.unfit(place, message);
        }
        let mut cells = Cells::new();
        for (member, value) in values {
            let place = value.span();
            let Some(kind) = class.members.get(&member) else {
                let message = format!("`{name}` has no `{member}`");
                self.unknown(&place, message, class.members.keys());
                continue;
            };
            let value = self.value(&member, *kind, value.as_ref(), &place);
            cells.extend(value.map(|(name, value)| (name, Some(value))));
        }
        cells
    }

    /// A value of this type, which may be written as a program writes it.
    fn value(
        &mut self,
        name: &str,
        kind: Type,
        value: &Toml,
        place: &Range<usize>,
    ) -> Option<(String, Value)> {
        let plain = match value {
            Toml::String(text) => Some(Value::Text(text.clone())),
            Toml::Integer(number) => Some(Value::Int(*number)),
            Toml::Float(number) => Value::decimal(&number.to_string()),
            Toml::Boolean(truth) => Some(Value::Bool(*truth)),
            Toml::Datetime(time) => Some(Value::Text(time.to_string())),
            Toml::Array(_) | Toml::Table(_) => None,
        };
        let value = plain.and_then(|value| value.read_as(kind));
        if value.is_none() {
            self.unfit(place, format!("`{name}` must be {}", kind.name()));
        }
        value.map(|value| (name.to_owned(), value))
    }
}
