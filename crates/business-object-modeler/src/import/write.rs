//! A draft as the text of XML files.

use std::collections::BTreeSet;

use super::draft::{Attribute, Class, Draft, Key, Kind, ToMany, ToOne};
use super::enums::Enum;

/// The longest line, in characters; a value that is longer makes it longer.
const WIDTH: usize = 100;
/// The most bytes of a file, so that it can still grow by hand.
const LARGEST: usize = caruso_markup::MAX_FILE_BYTES * 3 / 4;

/// The texts of the files, one at least.
pub(super) fn files(draft: &Draft<'_>) -> Vec<String> {
    let used = used_enums(draft);
    let enums = used.iter().map(|place| enumeration(draft.enums.get(*place)));
    let classes = draft.classes.iter().enumerate().map(|(at, class)| {
        if class.has_key() { whole(draft, at, class) } else { kept_back(draft, at, class) }
    });
    let left_out = draft.left_out.iter().map(|note| comment(2, note));
    let mut files = vec![head(draft)];
    for block in enums.chain(classes).chain(left_out) {
        let last = files.last_mut().expect("there is one from the beginning");
        if last.len() + block.len() > LARGEST {
            files.push(head(draft));
        }
        let last = files.last_mut().expect("there is one from the beginning");
        last.push('\n');
        last.push_str(&block);
    }
    files.iter_mut().for_each(|file| file.push_str("</business-objects>\n"));
    files
}

fn head(draft: &Draft<'_>) -> String {
    let options = draft.options;
    let note = format!(
        "A first model, made of what {} has. Names, labels and guesses are to be looked at: each \
         guess says what it rests on. Ids stay the same for ever, names may change.",
        options.source
    );
    let root = Tag::new("business-objects")
        .with("database", &options.database)
        .with("country", options.country.code());
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE business-objects SYSTEM \"business-objects.dtd\">\n{}{}",
        comment(0, &note),
        root.open(0)
    )
}

/// Enumerations that some attribute really has.
fn used_enums(draft: &Draft<'_>) -> BTreeSet<usize> {
    let attributes = draft.classes.iter().flat_map(|class| &class.attributes);
    let places = attributes.filter_map(|it| match it.kind {
        Kind::Choice(place) => Some(place),
        _ => None,
    });
    places.collect()
}

fn enumeration(it: &Enum) -> String {
    let mut text = Tag::new("enum").with("name", &it.name).open(2);
    for (name, stored) in &it.values {
        let tag = Tag::new("value").with("name", name);
        let tag = if name == stored { tag } else { tag.with("stored", stored) };
        text.push_str(&tag.empty(4));
    }
    text + "  </enum>\n"
}

fn whole(draft: &Draft<'_>, at: usize, class: &Class<'_>) -> String {
    let mut text = open_class(at, class);
    text.push_str(&label(4, &class.label));
    class.notes.iter().for_each(|note| text.push_str(&comment(4, note)));
    for (number, it) in class.attributes.iter().enumerate() {
        it.notes.iter().for_each(|note| text.push_str(&comment(4, note)));
        text.push_str(&attribute(draft, class, &format!("c{}a{}", at + 1, number + 1), it));
    }
    class.left_out.iter().for_each(|note| text.push_str(&comment(4, note)));
    text.push_str(&relations(draft, at, class));
    text + "  </class>\n"
}

/// A class without key, in a comment; no other comment can be inside.
fn kept_back(draft: &Draft<'_>, at: usize, class: &Class<'_>) -> String {
    let mut notes = vec![format!(
        "`{}` is no class yet, because nothing is known that tells its rows apart. If some \
         attributes do, name them in `key`, give them required=\"yes\", and take the class out of \
         this comment.",
        class.table.name
    )];
    notes.extend(class.notes.iter().cloned());
    for it in &class.attributes {
        notes.extend(it.notes.iter().map(|note| format!("`{}`: {note}", it.name)));
    }
    let of_relations = class.to_one.iter().filter_map(|it| Some((&it.name, it.note.as_ref()?)));
    notes.extend(of_relations.map(|(name, note)| format!("`{name}`: {note}")));
    notes.extend(class.left_out.iter().cloned());
    let mut inside = open_class(at, class) + &label(4, &class.label);
    for (number, it) in class.attributes.iter().enumerate() {
        let id = format!("c{}a{}", at + 1, number + 1);
        inside.push_str(&attribute(draft, class, &id, it));
    }
    inside.push_str(&relations(draft, at, class));
    let notes: Vec<String> = notes.iter().map(|note| wrapped(7, &speakable(note))).collect();
    let notes = notes.join("\n\n");
    // what stands in a comment has no two hyphens
    let inside = inside.replace("--", "-&#45;");
    format!("  <!-- {}\n\n{inside}  </class> -->\n", notes.trim_start())
}

fn open_class(at: usize, class: &Class<'_>) -> String {
    let keys = class.key_columns().iter();
    let keys = keys.filter_map(|column| Some(class.in_column(column)?.name.as_str()));
    let keys: Vec<&str> = keys.collect();
    let mut tag = Tag::new("class").with("id", &format!("c{}", at + 1)).with("name", &class.name);
    if let Some(schema) = &class.table.name.schema {
        tag = tag.with("schema", schema);
    }
    tag = tag.with("table", &class.table.name.name).with("key", &keys.join(" "));
    if matches!(class.key, Key::Columns(_, true)) {
        tag = tag.with("key-source", "assigned");
    }
    if let Some(revision) = &class.revision {
        tag = tag.with("revision", revision);
    }
    tag.open(2)
}

fn attribute(draft: &Draft<'_>, class: &Class<'_>, id: &str, it: &Attribute<'_>) -> String {
    let mut tag =
        Tag::new("attribute").with("id", id).with("name", &it.name).with("column", &it.column.name);
    tag = tag.with("type", word(&it.kind));
    if it.is_required {
        tag = tag.with("required", "yes");
    }
    tag = match &it.kind {
        Kind::Flags(yes, no) => tag.with("stored", &format!("{yes}/{no}")),
        Kind::Decimal(decimals) => tag.with("decimals", &decimals.to_string()),
        Kind::Text(Some(length)) => tag.with("length", &length.to_string()),
        Kind::Digits => tag.with("stored", "yyyymmdd"),
        Kind::Moment => tag.with("stored", "yyyymmddhhmmss"),
        Kind::EpochSeconds => tag.with("stored", "epoch-seconds"),
        Kind::EpochMilliseconds => tag.with("stored", "epoch-milliseconds"),
        Kind::Money(form, decimals) => {
            tag.with("decimals", &decimals.to_string()).with("stored", &form.to_string())
        }
        Kind::Choice(place) => tag.with("enum", &draft.enums.get(*place).name),
        Kind::Bool | Kind::Int | Kind::Text(None) | Kind::Date | Kind::Instant => tag,
    };
    if !it.missing.is_empty() {
        tag = tag.with("missing", &it.missing.join(" "));
    }
    if let Some(owner) = it.search {
        tag = tag.with("search", "phone");
        if let Some(owner) = owner.and_then(|place| class.to_one.get(place)) {
            tag = tag.with("search-for", &owner.name);
        }
    }
    tag.open(4) + &label(6, &it.label) + "    </attribute>\n"
}

fn word(kind: &Kind) -> &'static str {
    match kind {
        Kind::Bool | Kind::Flags(..) => "bool",
        Kind::Int => "int",
        Kind::Decimal(_) => "decimal",
        Kind::Text(_) => "text",
        Kind::Date | Kind::Digits => "date",
        Kind::Instant | Kind::Moment | Kind::EpochSeconds | Kind::EpochMilliseconds => "instant",
        Kind::Money(..) => "money",
        Kind::Choice(_) => "choice",
    }
}

fn relations(draft: &Draft<'_>, at: usize, class: &Class<'_>) -> String {
    let mut text = String::new();
    let mut number = 0;
    let mut id = || {
        number += 1;
        format!("c{}r{number}", at + 1)
    };
    for it in &class.to_one {
        if let Some(note) = it.note.as_ref().filter(|_| class.has_key()) {
            text.push_str(&comment(4, note));
        }
        text.push_str(&to_one(draft, &id(), it));
    }
    for it in &class.to_many {
        text.push_str(&to_many(draft, &id(), it));
    }
    text
}

fn to_one(draft: &Draft<'_>, id: &str, it: &ToOne) -> String {
    let class = &draft.classes[it.target].name;
    let mut tag = Tag::new("to-one").with("id", id).with("name", &it.name).with("class", class);
    if let [column] = it.columns.as_slice() {
        tag = tag.with("column", column);
    }
    if it.is_required {
        tag = tag.with("required", "yes");
    }
    let mut text = tag.open(4) + &label(6, &readable(&it.name));
    if it.columns.len() > 1 {
        for column in &it.columns {
            text.push_str(&Tag::new("column").with("name", column).empty(6));
        }
    }
    text + "    </to-one>\n"
}

fn to_many(draft: &Draft<'_>, id: &str, it: &ToMany) -> String {
    let source = &draft.classes[it.source];
    let tag = Tag::new("to-many").with("id", id).with("name", &it.name);
    let tag = tag.with("class", &source.name).with("inverse", &source.to_one[it.relation].name);
    tag.open(4) + &label(6, &readable(&it.name)) + "    </to-many>\n"
}

fn readable(name: &str) -> String {
    let words: Vec<String> = name.split('_').map(str::to_owned).collect();
    super::words::label(&words)
}

fn label(indent: usize, text: &str) -> String {
    format!("{:indent$}<label language=\"en\">{}</label>\n", "", escaped(text))
}

/// A start tag.
struct Tag {
    name: &'static str,
    attributes: Vec<String>,
}

impl Tag {
    fn new(name: &'static str) -> Self {
        Self { name, attributes: Vec::new() }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.attributes.push(format!("{name}=\"{}\"", escaped(value)));
        self
    }

    fn open(self, indent: usize) -> String {
        self.written(indent, ">")
    }

    fn empty(self, indent: usize) -> String {
        self.written(indent, "/>")
    }

    fn written(&self, indent: usize, end: &str) -> String {
        let mut text = format!("{:indent$}<{}", "", self.name);
        let mut width = text.chars().count();
        for (at, attribute) in self.attributes.iter().enumerate() {
            let length = attribute.chars().count();
            let is_last = at + 1 == self.attributes.len();
            let end = if is_last { end.len() } else { 0 };
            if at > 0 && width + 1 + length + end > WIDTH {
                let deeper = indent + 4;
                text.push_str(&format!("\n{:deeper$}", ""));
                width = deeper;
            } else {
                text.push(' ');
                width += 1;
            }
            text.push_str(attribute);
            width += length;
        }
        format!("{text}{end}\n")
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A comment, in lines.
fn comment(indent: usize, text: &str) -> String {
    let text = wrapped(indent + 5, &speakable(text));
    format!("{:indent$}<!-- {} -->\n", "", text.trim_start())
}

/// A text that can stand in a comment, in one line.
fn speakable(text: &str) -> String {
    let is_text = |it: &char| !it.is_control() && !matches!(it, '\u{fffe}' | '\u{ffff}');
    let words = text.split_whitespace();
    let words = words.map(|word| word.chars().filter(is_text).collect::<String>());
    let mut text = words.collect::<Vec<_>>().join(" ");
    while text.contains("--") {
        text = text.replace("--", "- -");
    }
    if text.ends_with('-') { text + " " } else { text }
}

/// A text in lines, of which each begins with so many blanks.
fn wrapped(indent: usize, text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let last = lines.last_mut().expect("there is one from the beginning");
        // the end of a comment, ` -->`, stands behind the last line
        let is_full = indent + last.chars().count() + 1 + word.chars().count() + 4 > WIDTH;
        if last.is_empty() {
            last.push_str(word);
        } else if is_full {
            lines.push(word.to_owned());
        } else {
            last.push(' ');
            last.push_str(word);
        }
    }
    let lines: Vec<String> = lines.iter().map(|line| format!("{:indent$}{line}", "")).collect();
    lines.join("\n")
}
