//! `application.xml`.

use std::collections::BTreeMap;

use caruso_configured_wrapper::codes::UNFIT_SETTING;
use caruso_configured_wrapper::{is_configured, kind_of};
use caruso_expression::Type;
use caruso_markup::{Attribute, Document, Dtd, Element, Finding, suggest};
use caruso_object_model::{Attribute as Mapped, Class, Member, Model, type_of};

use crate::compile::Files;
use crate::{History, Operation, Wrapper, codes};

/// Name of the file.
pub(crate) const FILE: &str = "application.xml";
const DTD: &str = include_str!("../../../scripts-dtd/application.dtd");

/// What the file says, before it is held against the model.
#[derive(Default)]
pub(crate) struct Manifest {
    pub(crate) id: String,
    pub(crate) titles: BTreeMap<String, String>,
    pub(crate) language: String,
    pub(crate) zone: String,
    pub(crate) wrappers: Vec<Wrapper>,
    history: Option<Element>,
    /// The elements of what is published on the web.
    pub(crate) web: Vec<Element>,
}

/// Reads the file; what is wrong is left out and stands in the findings.
pub(crate) fn read(files: &Files<'_>, findings: &mut Vec<Finding>) -> Manifest {
    let Some(content) = files.get(FILE) else { return Manifest::default() };
    let dtd = match Dtd::parse("application.dtd", DTD) {
        Ok(dtd) => dtd,
        Err(mistakes) => {
            findings.extend(mistakes);
            return Manifest::default();
        }
    };
    let (document, mistakes) = Document::recover(FILE, content, &dtd);
    findings.extend(mistakes);
    let Some(Document { root, .. }) = document else { return Manifest::default() };
    let value = |name: &str| root.value(name).unwrap_or_default().to_owned();
    if let Some(zone) = root.attribute("zone")
        && jiff::tz::TimeZone::get(&zone.value).is_err()
    {
        let message = format!("time zone `{}` is unknown", zone.value);
        findings.push(zone.finding(codes::UNKNOWN_ZONE, message));
    }
    Manifest {
        id: value("id"),
        titles: titles(&root),
        language: value("language"),
        zone: value("zone"),
        wrappers: wrappers(&root, files, findings),
        history: root.child("history").cloned(),
        web: root.children_named("web").cloned().collect(),
    }
}

fn titles(element: &Element) -> BTreeMap<String, String> {
    let title = |it: &Element| Some((it.value("language")?.to_owned(), it.text()));
    element.children_named("title").filter_map(title).collect()
}

fn wrappers(root: &Element, files: &Files<'_>, findings: &mut Vec<Finding>) -> Vec<Wrapper> {
    let mut wrappers: Vec<Wrapper> = Vec::new();
    for element in root.children_named("wrapper") {
        let (Some(name), Some(program)) = (element.attribute("name"), element.attribute("program"))
        else {
            continue;
        };
        if wrappers.iter().any(|wrapper| wrapper.name == name.value) {
            let message = format!("wrapper `{}` is declared twice", name.value);
            findings.push(name.finding(codes::DUPLICATE, message));
        }
        if !files.contains_key(program.value.as_str()) {
            let message = format!("file `{}` does not exist in the application", program.value);
            let hint = suggest(&program.value, files.keys().copied());
            findings.push(program.finding(codes::UNKNOWN_FILE, message).with_suggestion(hint));
        }
        if let Some(operation) = element.child("operation")
            && is_configured(&program.value)
        {
            let message = "the operations of a wrapper without a program stand in its file";
            findings.push(operation.finding(codes::OPERATION_OF_FILE, message));
        }
        let speaks = element.attribute("speaks").filter(|it| it.value == "grpc");
        if let Some(speaks) = speaks
            && is_configured(&program.value)
        {
            let message = "a wrapper without a program speaks nothing";
            findings.push(speaks.finding(UNFIT_SETTING, message));
        }
        wrappers.push(Wrapper {
            name: name.value.clone(),
            program: program.value.clone(),
            is_grpc: speaks.is_some(),
            operations: operations(element, findings),
            configured: None,
            classes: BTreeMap::new(),
        });
    }
    wrappers
}

fn operations(wrapper: &Element, findings: &mut Vec<Finding>) -> BTreeMap<String, Operation> {
    let mut operations = BTreeMap::new();
    for element in wrapper.children_named("operation") {
        let Some(name) = element.attribute("name") else { continue };
        let typed =
            |it: &Element| Some((it.value("name")?.to_owned(), kind_of(it.value("type")?)?));
        let parameter = |it: &Element| {
            let (name, ty) = typed(it)?;
            Some((name, (ty, it.value("required") == Some("yes"))))
        };
        let operation = Operation {
            parameters: element.children_named("parameter").filter_map(parameter).collect(),
            results: element.children_named("result").filter_map(typed).collect(),
        };
        if operations.insert(name.value.clone(), operation).is_some() {
            let message = format!("operation `{}` is declared twice", name.value);
            findings.push(name.finding(codes::DUPLICATE, message));
        }
    }
    operations
}

impl Manifest {
    /// The history, held against the model.
    pub(crate) fn history(&self, model: &Model, findings: &mut Vec<Finding>) -> Option<History> {
        let element = self.history.as_ref()?;
        let named = element.attribute("class")?;
        let Some(class) = model.class(&named.value) else {
            findings.push(unknown_class(named, model));
            return None;
        };
        if let Some(wrapper) = &class.wrapper {
            let message = format!("objects of `{}` are held by wrapper `{wrapper}`", class.name);
            findings.push(named.finding(codes::HELD_BY_WRAPPER, message));
            return None;
        }
        let mut checker = HistoryChecker { element, class, findings };
        Some(History {
            class: class.name.clone(),
            customer: checker.attribute("customer", |ty| matches!(ty, Type::Object(_)))?,
            contact: checker.text("contact")?,
            channel: checker.text("channel")?,
            started: checker.attribute("started", |ty| *ty == Type::Instant)?,
            topic: checker.text("topic")?,
            disposition: checker.text("disposition")?,
            note: checker.text("note")?,
        })
    }
}

fn unknown_class(named: &Attribute, model: &Model) -> Finding {
    let message = format!("class `{}` is unknown", named.value);
    let hint = suggest(&named.value, model.classes().map(|class| class.name.as_str()));
    named.finding(codes::UNKNOWN_CLASS, message).with_suggestion(hint)
}

struct HistoryChecker<'a> {
    element: &'a Element,
    class: &'a Class,
    findings: &'a mut Vec<Finding>,
}

impl HistoryChecker<'_> {
    fn text(&mut self, name: &str) -> Option<String> {
        self.attribute(name, |ty| *ty == Type::Text)
    }

    /// The attribute of the class that this one of the element names, if it holds what it should.
    fn attribute(&mut self, name: &str, holds: impl Fn(&Type) -> bool) -> Option<String> {
        let named = self.element.attribute(name)?;
        let Some(member) = self.class.member(&named.value) else {
            let message = format!("class `{}` has no attribute `{}`", self.class.name, named.value);
            let hint = suggest(&named.value, self.class.member_names());
            self.findings
                .push(named.finding(codes::UNKNOWN_ATTRIBUTE, message).with_suggestion(hint));
            return None;
        };
        let ty = type_of(member);
        if matches!(member, Member::ToMany(_)) || !holds(ty.present()) {
            let message = format!("`{}` is {ty} and cannot keep the {name}", named.value);
            self.findings.push(named.finding(codes::WRONG_TYPE, message));
            return None;
        }
        Some(named.value.clone())
    }
}

/// Whether a new object must be given this attribute.
pub(crate) fn must_be_given(class: &Class, attribute: &Mapped) -> bool {
    let is_assigned = class.key_source == caruso_object_model::KeySource::Assigned
        && class.is_key(&attribute.name);
    attribute.is_required && !is_assigned
}
