//! References of the XML languages, made of the DTDs: their comments are what users read.

use anyhow::{Context, bail};

/// A DTD and the page that is made of it.
const PAGES: [(&str, &str, &str); 5] = [
    (
        "scripts-dtd/business-objects.dtd",
        "docs/reference/business-objects.md",
        "Business objects: reference",
    ),
    (
        "scripts-dtd/dialogue-script.dtd",
        "docs/reference/dialogue-scripts.md",
        "Dialogue scripts: reference",
    ),
    ("scripts-dtd/report.dtd", "docs/reference/reports.md", "Reports: reference"),
    ("scripts-dtd/routing.dtd", "docs/reference/routing.md", "Routing: reference"),
    (
        "scripts-dtd/wrapper.dtd",
        "docs/reference/wrappers.md",
        "Wrappers without a program: reference",
    ),
];

/// The pages and what stands on them.
pub(crate) fn pages() -> anyhow::Result<Vec<(&'static str, String)>> {
    let page = |(dtd, page, title): (&str, &'static str, &str)| {
        let text = std::fs::read_to_string(dtd).with_context(|| format!("cannot read {dtd}"))?;
        let declarations = declarations(&expanded(&text)).with_context(|| format!("in {dtd}"))?;
        Ok((page, written(title, dtd, &declarations)))
    };
    PAGES.into_iter().map(page).collect()
}

/// How wide the column of names is where what is said of attributes stands in columns.
const NAME_COLUMNS: usize = 10;

/// A part of a DTD.
#[derive(Debug, PartialEq)]
enum Declaration {
    Comment(String),
    /// Name and content.
    Element(String, String),
    /// Of which element; name, type and default of each.
    Attributes(String, Vec<[String; 3]>),
}

/// The text with its parameter entities replaced: `<!ENTITY % texts "say | note">`.
fn expanded(text: &str) -> String {
    let mut expanded = text.to_owned();
    while let Some(start) = expanded.find("<!ENTITY %") {
        let Some(end) = expanded[start..].find('>') else { break };
        let declared = expanded[start + 10..start + end].to_owned();
        expanded.replace_range(start..=start + end, "");
        let Some((name, value)) = declared.trim().split_once(char::is_whitespace) else { break };
        expanded = expanded.replace(&format!("%{name};"), value.trim().trim_matches('"'));
    }
    expanded
}

fn declarations(mut text: &str) -> anyhow::Result<Vec<Declaration>> {
    let mut found = Vec::new();
    while let Some(start) = text.find("<!") {
        text = &text[start..];
        let (end, declaration) = if let Some(comment) = text.strip_prefix("<!--") {
            let end = comment.find("-->").context("a comment has no end")?;
            (end + 7, Declaration::Comment(comment[..end].trim().to_owned()))
        } else {
            let end = text.find('>').context("a declaration has no end")?;
            (end + 1, declaration(&text[2..end])?)
        };
        found.push(declaration);
        text = &text[end..];
    }
    Ok(found)
}

fn declaration(text: &str) -> anyhow::Result<Declaration> {
    let (keyword, rest) = text.split_once(char::is_whitespace).context("a bare declaration")?;
    let (name, rest) = rest.trim().split_once(char::is_whitespace).context("a bare name")?;
    match keyword {
        "ELEMENT" => Ok(Declaration::Element(name.to_owned(), rest.trim().to_owned())),
        "ATTLIST" => {
            let lines = rest.lines().map(str::trim).filter(|line| !line.is_empty());
            let attributes = lines.map(attribute).collect::<anyhow::Result<_>>()?;
            Ok(Declaration::Attributes(name.to_owned(), attributes))
        }
        other => bail!("no page has `{other}`"),
    }
}

/// `name (a|b) "a"`, `name CDATA #IMPLIED`: one a line.
fn attribute(line: &str) -> anyhow::Result<[String; 3]> {
    let (name, rest) = line.split_once(char::is_whitespace).context("an attribute without type")?;
    let rest = rest.trim();
    let (ty, default) = rest.rsplit_once(char::is_whitespace).context("one without default")?;
    let default = match default {
        "#REQUIRED" => "required".to_owned(),
        "#IMPLIED" => String::new(),
        value => format!("`{}`", value.trim_matches('"')),
    };
    let ty = ty.trim().trim_matches(['(', ')']);
    let ty = match ty {
        "CDATA" => "text".to_owned(),
        "ID" => "id".to_owned(),
        "IDREF" => "the id of another element".to_owned(),
        "NMTOKEN" => "name".to_owned(),
        "NMTOKENS" => "names".to_owned(),
        choices => {
            choices.split('|').map(|it| format!("`{}`", it.trim())).collect::<Vec<_>>().join(", ")
        }
    };
    Ok([name.to_owned(), ty, default])
}

fn written(title: &str, dtd: &str, declarations: &[Declaration]) -> String {
    let mut text = format!("# {title}\n\nMade of [{dtd}](../../{dtd}) by `cargo xtask gen`.\n");
    let mut comment = String::new();
    for (index, declaration) in declarations.iter().enumerate() {
        match declaration {
            Declaration::Comment(found) if index == 0 => {
                let mut parts = found.split("\n\n").filter(|part| !part.contains("CC0"));
                let lead = parts.by_ref().map(paragraph).collect::<Vec<_>>().join("\n\n");
                text.push_str(&format!("\n{lead}\n"));
            }
            Declaration::Comment(found) => comment.clone_from(found),
            Declaration::Element(name, content) => {
                text.push_str(&format!("\n## `{name}`\n"));
                if !comment.is_empty() {
                    text.push_str(&format!(
                        "\n{}\n",
                        explained(&comment, &names_of(declarations, name))
                    ));
                }
                comment.clear();
                if content != "EMPTY" {
                    text.push_str(&format!("\nContains: `{}`\n", one_line(content)));
                }
            }
            Declaration::Attributes(_, attributes) => {
                text.push_str(
                    "\n| attribute | value | if nothing is said |\n| --- | --- | --- |\n",
                );
                for [name, ty, default] in attributes {
                    text.push_str(&format!("| `{name}` | {ty} | {default} |\n"));
                }
            }
        }
    }
    text
}

/// The names of the attributes of an element.
fn names_of<'a>(declarations: &'a [Declaration], element: &str) -> Vec<&'a str> {
    let of_element = declarations.iter().filter_map(|declaration| match declaration {
        Declaration::Attributes(name, attributes) if name == element => Some(attributes),
        _ => None,
    });
    of_element.flatten().map(|[name, _, _]| name.as_str()).collect()
}

/// A comment as text, and a list of what it says of attributes: `name: …` at the start of a line,
/// or in columns, set in below the text.
fn explained(comment: &str, names: &[&str]) -> String {
    let mut blocks: Vec<String> = vec![String::new()];
    let has_columns = comment.lines().any(|line| in_columns(line, names).is_some());
    let is_lead =
        |block: &str, line: &str| has_columns && block.starts_with('-') && line.ends_with(':');
    for line in comment.lines() {
        let item = item(line, names);
        match blocks.last_mut() {
            Some(block) if item.is_none() && !is_lead(block, line) => {
                if !block.is_empty() {
                    block.push(' ');
                }
                block.push_str(line.trim());
            }
            _ => blocks.push(match item {
                Some((names, text)) => format!("- **{names}**: {text}"),
                None => format!("\n{}\n", line.trim()),
            }),
        }
    }
    let (lead, items) = blocks.split_at(1);
    [lead.concat(), items.join("\n")].join("\n\n").trim().to_owned()
}

/// The attributes that a line of a comment begins to explain, and what it says of them.
fn item<'l>(line: &'l str, names: &[&str]) -> Option<(&'l str, &'l str)> {
    let with_colon = line.trim().split_once(": ");
    let is_known = |(named, _): &(&str, &str)| named.split(" and ").all(|it| names.contains(&it));
    with_colon.filter(is_known).or_else(|| in_columns(line, names))
}

fn in_columns<'l>(line: &'l str, names: &[&str]) -> Option<(&'l str, &'l str)> {
    let line = line.strip_prefix("       ")?;
    let (named, text) = line.split_once("  ").or_else(|| {
        let (named, text) = line.split_at_checked(NAME_COLUMNS)?;
        Some((named.strip_suffix(' ')?, text))
    })?;
    let is_known = named.split(", ").all(|it| names.contains(&it));
    is_known.then_some((named, text.trim_start()))
}

fn paragraph(text: &str) -> String {
    one_line(text)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_comments_contents_and_attributes() {
        let dtd = "<!-- Things.\n\n     CC0 is said here.\n\n     All of them. -->\n\
            <!-- A thing.\n     size: how large\n     it is. -->\n\
            <!ELEMENT thing (part+)>\n<!ATTLIST thing\n  size NMTOKEN #REQUIRED\n  \
            kind (a|b)   \"a\">\n";
        let page = written("Things: reference", "x.dtd", &declarations(dtd).expect("it is sound"));
        for expected in [
            "Things.\n\nAll of them.\n",
            "## `thing`\n\nA thing.\n\n- **size**: how large it is.\n\nContains: `(part+)`\n",
            "| `size` | name | required |\n| `kind` | `a`, `b` | `a` |\n",
        ] {
            assert!(page.contains(expected), "{page}");
        }
        assert!(!page.contains("CC0"));
    }

    #[test]
    fn names_may_stand_in_a_column_and_contents_in_entities() {
        let dtd = "<!-- Lead. -->\n<!ENTITY % parts \"a | b\">\n<!-- A thing.\n       \
            s, t      how large,\n                 and which\n     Elsewhere:\n       \
            of        what -->\n<!ELEMENT thing (%parts;)>\n<!ATTLIST thing\n  \
            s IDREF #IMPLIED\n  t (a | b) \"a\"\n  of ID #REQUIRED>\n";
        let page = written("T", "x.dtd", &declarations(&expanded(dtd)).expect("it is sound"));
        for expected in [
            "- **s, t**: how large, and which\n\nElsewhere:\n\n- **of**: what\n",
            "Contains: `(a | b)`\n",
            "| `s` | the id of another element |  |\n| `t` | `a`, `b` | `a` |\n",
        ] {
            assert!(page.contains(expected), "{page}");
        }
    }
}
