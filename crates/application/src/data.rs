//! The headings of `data/CLASS.csv`.

use std::collections::BTreeSet;

use caruso_markup::{Finding, Location, nearest, suggest};
use caruso_object_model::{Class, Member, Model};

use crate::codes;
use crate::manifest::must_be_given;

/// Holds a data file's first line against its class.
pub(crate) fn check(
    path: &str,
    content: &[u8],
    class_name: &str,
    model: &Model,
    findings: &mut Vec<Finding>,
) {
    let start = Location::start_of(path);
    let Some(class) = model.class(class_name) else {
        let message = format!("class `{class_name}` is unknown");
        let hint = suggest(class_name, model.classes().map(|class| class.name.as_str()));
        findings.push(Finding::new(codes::UNKNOWN_CLASS, &start, message).with_suggestion(hint));
        return;
    };
    let mut reader = csv::ReaderBuilder::new().from_reader(content);
    let heading = match reader.headers() {
        Ok(heading) => heading.clone(),
        Err(error) => {
            let message = format!("the first line cannot be read: {error}");
            findings.push(Finding::new(codes::DATA_HEADING, &start, message));
            return;
        }
    };
    let mut column = 1;
    let mut seen = BTreeSet::new();
    for name in &heading {
        let at = Location { column, ..start.clone() };
        column += u32::try_from(name.chars().count()).unwrap_or(u32::MAX - column) + 1;
        if !seen.insert(name) {
            let message = format!("column `{name}` stands there twice");
            findings.push(Finding::new(codes::DUPLICATE, &at, message));
        }
        let is_known = matches!(class.member(name), Some(Member::Attribute(_) | Member::ToOne(_)));
        if !is_known {
            findings.push(unknown(class, name, &at));
        }
    }
    for missing in required(class).filter(|name| !seen.contains(name)) {
        let message = format!("column `{missing}` is missing; every `{class_name}` needs it");
        findings.push(Finding::new(codes::DATA_MISSING, &start, message));
    }
}

fn unknown(class: &Class, name: &str, at: &Location) -> Finding {
    let message = format!("class `{}` has no attribute `{name}`", class.name);
    let near = nearest(name, class.member_names());
    let hint = near.map(|near| format!("did you mean `{near}`?"));
    Finding::new(codes::DATA_COLUMN, at, message).with_suggestion(hint)
}

fn required(class: &Class) -> impl Iterator<Item = &str> {
    let attributes = class.attributes().iter().filter(|it| must_be_given(class, it));
    let relations = class.to_one().iter().filter(|it| it.is_required);
    attributes.map(|it| it.name.as_str()).chain(relations.map(|it| it.name.as_str()))
}
