//! The classes that wrappers hold, as the model has them.

use caruso_configured_wrapper::is_configured;
use caruso_expression::Type;
use caruso_markup::{Finding, Location, suggest};
use caruso_object_model::{Class, Member, Model, type_of};

use crate::compile::Files;
use crate::manifest::FILE;
use crate::{Configured, HeldClass, Wrapper, codes};

/// Reads the files of wrappers without a program, which knows the classes of each by now.
pub(crate) fn configured(wrappers: &mut [Wrapper], files: &Files<'_>, findings: &mut Vec<Finding>) {
    for wrapper in wrappers.iter_mut().filter(|it| is_configured(&it.program)) {
        let read = Configured::read(&wrapper.program, files, &wrapper.classes, findings);
        if let Some(configured) = read {
            wrapper.operations.clone_from(&configured.operations);
            wrapper.configured = Some(configured.into());
        }
    }
}

/// Gives each wrapper its classes; a finding for those of a wrapper that is not declared.
pub(crate) fn classes(wrappers: &mut [Wrapper], model: &Model, findings: &mut Vec<Finding>) {
    for class in model.classes() {
        let Some(name) = &class.wrapper else { continue };
        if let Some(wrapper) = wrappers.iter_mut().find(|wrapper| wrapper.name == *name) {
            wrapper.classes.insert(class.name.clone(), held(class));
            continue;
        }
        let message = format!(
            "class `{}` is held by wrapper `{name}`, which is not declared here",
            class.name
        );
        let finding = Finding::new(codes::UNKNOWN_WRAPPER, &Location::start_of(FILE), message);
        let known = wrappers.iter().map(|wrapper| wrapper.name.as_str());
        findings.push(finding.with_suggestion(suggest(name, known)));
    }
}

fn held(class: &Class) -> HeldClass {
    let attributes = class.attributes().iter().map(|it| {
        let ty = match type_of(Member::Attribute(it)).present() {
            Type::Choice(_) => Type::Text,
            // of which, the model says, whatever the wrapper gives
            Type::Money(_) => Type::Money(None),
            ty => ty.clone(),
        };
        (it.name.clone(), ty)
    });
    let relations = class.to_one().iter().map(|it| (it.name.clone(), Type::Text));
    let required = class.attributes().iter().filter(|it| it.is_required).map(|it| &it.name);
    let required =
        required.chain(class.to_one().iter().filter(|it| it.is_required).map(|it| &it.name));
    HeldClass {
        required: required.cloned().collect(),
        keys: class.keys().map(|it| it.name.clone()).collect(),
        members: attributes.chain(relations).collect(),
        searches: class.searches().map(str::to_owned).collect(),
        is_writable: class.is_writable,
    }
}
