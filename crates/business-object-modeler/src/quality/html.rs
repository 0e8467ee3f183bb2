//! The report as a page of its own, light or dark as the reader has it.

use super::{AttributeReport, ClassReport, RelationReport, Report};

const STYLE: &str = include_str!("page.css");

/// A whole HTML page that loads nothing. `about` says of what database and when, in one line.
pub fn page(report: &Report, about: &str) -> String {
    let title = format!("Data quality: {}", escaped(&report.database));
    let classes: String = report.classes.iter().map(class).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n\
         <h1>{title}</h1>\n<p class=\"quiet\">{}</p>\n</header>\n<main>\n{}{classes}</main>\n\
         </body>\n</html>\n",
        escaped(about),
        overview(report),
    )
}

fn overview(report: &Report) -> String {
    let rows: u64 = report.classes.iter().map(|class| class.rows).sum();
    let lines: String = report.classes.iter().map(line).collect();
    format!(
        "<section>\n<h2>Overview</h2>\n<p>{} classes, {} rows read, {}.</p>\n<table>\n\
         <thead><tr><th scope=\"col\">Class</th><th scope=\"col\">Table</th>\
         <th scope=\"col\" class=\"number\">Rows</th>\
         <th scope=\"col\" class=\"number\">Findings</th>\
         </tr></thead>\n<tbody>\n{lines}</tbody>\n</table>\n</section>\n",
        report.classes.len(),
        thousands(rows),
        verdict(report.problems()),
    )
}

fn verdict(problems: usize) -> String {
    match problems {
        0 => "<strong class=\"good\">no findings</strong>".to_owned(),
        1 => "<strong class=\"bad\">1 finding</strong>".to_owned(),
        more => format!("<strong class=\"bad\">{more} findings</strong>"),
    }
}

fn line(class: &ClassReport) -> String {
    let problems = class.problems();
    let tone = if problems > 0 { "bad" } else { "quiet" };
    let name = escaped(&class.class);
    format!(
        "<tr><th scope=\"row\"><a href=\"#{name}\">{name}</a></th><td><code>{}</code></td>\
         <td class=\"number\">{}</td><td class=\"number {tone}\">{problems}</td></tr>\n",
        escaped(&class.table),
        rows(class),
    )
}

fn rows(class: &ClassReport) -> String {
    let more = if class.is_whole { "" } else { " of more" };
    format!("{}{more}", thousands(class.rows))
}

fn class(class: &ClassReport) -> String {
    let name = escaped(&class.class);
    let unused = if class.is_unused() { "; the table is never used" } else { "" };
    let mut text = format!(
        "<section id=\"{name}\">\n<h2>{name}</h2>\n<p class=\"quiet\">Table <code>{}</code>, {} \
         rows, key <code>{}</code>{unused}</p>\n{}",
        escaped(&class.table),
        rows(class),
        escaped(&class.key.join(" ")),
        of_class(class),
    );
    let head = |first: &str, last: &str| {
        format!(
            "<thead><tr><th scope=\"col\">{first}</th><th scope=\"col\">Column</th>\
             <th scope=\"col\">{last}</th><th scope=\"col\">Filled</th>\
             <th scope=\"col\">Findings</th></tr></thead>\n"
        )
    };
    if !class.attributes.is_empty() {
        let lines: String = class.attributes.iter().map(|it| attribute(class, it)).collect();
        text += &format!(
            "<table class=\"members\">\n{}<tbody>\n{lines}</tbody>\n</table>\n",
            head("Attribute", "Form")
        );
    }
    if !class.relations.is_empty() {
        let lines: String = class.relations.iter().map(|it| relation(class, it)).collect();
        text += &format!(
            "<table class=\"members\">\n{}<tbody>\n{lines}</tbody>\n</table>\n",
            head("Relation", "To")
        );
    }
    text + "</section>\n"
}

/// What is wrong with the class as a whole.
fn of_class(class: &ClassReport) -> String {
    let sentences = class.sentences();
    let own = sentences.iter().filter(|(name, _)| name.is_empty());
    let items: String = own.map(|(_, text)| format!("<li>{}</li>", escaped(text))).collect();
    if items.is_empty() { items } else { format!("<ul class=\"problems\">{items}</ul>\n") }
}

fn attribute(class: &ClassReport, it: &AttributeReport) -> String {
    let mut quiet = Vec::new();
    if it.is_unused(class.rows) {
        quiet.push("never used".to_owned());
    }
    if it.is_constant {
        quiet.push("always the same value".to_owned());
    }
    if it.replaced > 0 {
        quiet.push(format!("{} written as none", thousands(it.replaced)));
    }
    let form = format!(
        "<code>{}</code><br><span class=\"quiet\"><code>{}</code></span>",
        escaped(&it.form),
        escaped(&it.declared)
    );
    let columns = std::slice::from_ref(&it.column);
    member(class, &it.attribute, columns, &form, it.missing, &it.sentences(), &quiet)
}

fn relation(class: &ClassReport, it: &RelationReport) -> String {
    let to = escaped(&it.class);
    let to = format!("<a href=\"#{to}\">{to}</a>");
    let is_unused = class.rows > 0 && it.missing == class.rows;
    let quiet = if is_unused { vec!["never used".to_owned()] } else { Vec::new() };
    member(class, &it.relation, &it.columns, &to, it.missing, &it.sentences(), &quiet)
}

fn member(
    class: &ClassReport,
    name: &str,
    columns: &[String],
    form: &str,
    missing: u64,
    bad: &[String],
    quiet: &[String],
) -> String {
    let columns: Vec<String> =
        columns.iter().map(|it| format!("<code>{}</code>", escaped(it))).collect();
    let item = |tone: &str, text: &String| format!("<li class=\"{tone}\">{}</li>", escaped(text));
    let bad = bad.iter().map(|text| item("bad", text));
    let items: String = bad.chain(quiet.iter().map(|text| item("quiet", text))).collect();
    format!(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{form}</td><td>{}</td>\
         <td><ul>{items}</ul></td>\
         </tr>\n",
        escaped(name),
        columns.join(", "),
        filled(class.rows, missing),
    )
}

/// The share of rows that have a value.
fn filled(rows: u64, missing: u64) -> String {
    if rows == 0 {
        return "–".to_owned();
    }
    let share = super::share(rows - missing, rows);
    format!(
        "<span class=\"bar\" aria-hidden=\"true\"><span style=\"width: {share}%\"></span></span> \
         {share} %"
    )
}

/// A number with thin spaces between thousands.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}
