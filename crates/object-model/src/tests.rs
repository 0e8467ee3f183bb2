mod composite;
mod constraints;
mod data;
mod derived;
mod extensions;
mod identity;
mod kinds;
mod mapping;
mod money;
mod numbers;
mod prototypes;
mod reading;
mod relations;
mod rows;
mod rules;
mod samples;
mod storing;
mod units;
mod wrapped;

use crate::Model;

/// The model of the example application.
fn utilities() -> Model {
    let files = [
        ("customers.xml", include_str!("../../../examples/utilities/objects/customers.xml")),
        ("network.xml", include_str!("../../../examples/utilities/objects/network.xml")),
        ("service.xml", include_str!("../../../examples/utilities/objects/service.xml")),
    ];
    let (model, findings) = Model::read(files.map(|(name, text)| (name, text.as_bytes())));
    assert_eq!(findings, [], "the example is sound");
    model
}

/// A file of one database with this content from its line 3 on.
fn file(content: &str) -> String {
    let head = "<!DOCTYPE business-objects SYSTEM \"business-objects.dtd\">";
    format!(
        "{head}\n<business-objects database=\"d\" country=\"NL\">\n{content}\n</business-objects>"
    )
}

/// Findings of a file with this content, as `line:column code message (hint)`.
fn mistakes(content: &str) -> Vec<String> {
    let text = file(content);
    let (_, findings) = Model::read([("m.xml", text.as_bytes())]);
    let shown = |finding: crate::Finding| {
        let hint = finding.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
        let (line, column) = (finding.line, finding.column);
        format!("{line}:{column} {} {}{hint}", finding.code, finding.message)
    };
    findings.into_iter().map(shown).collect()
}

/// The model of a sound file with this content.
fn sound(content: &str) -> Model {
    let text = file(content);
    let (model, findings) = Model::read([("m.xml", text.as_bytes())]);
    assert_eq!(findings, [], "the file is sound");
    model
}

/// A class with these further attributes on its line 3 and members from line 5 on.
fn class(attributes: &str, members: &str) -> String {
    format!(
        "<class id=\"c\" name=\"A\" table=\"T\" key=\"k\" revision=\"V\" {attributes}>\n\
         <attribute id=\"k\" name=\"k\" column=\"K\" type=\"int\" required=\"yes\"/>\n\
         {members}</class>"
    )
}

fn member_mistakes(members: &str) -> Vec<String> {
    mistakes(&class("", members))
}
