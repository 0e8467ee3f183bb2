//! XML files into a model.
//!
//! First, what files add to what others declare is put there ([`extensions`]), what mappings say of
//! storing is put into the trees of what they map ([`mapping`]), what stands in its place where a
//! wrapper holds a class ([`wrapped`]), and what a class has into those of its kinds ([`kinds`]).
//! Then three passes over these: first the enumerations, then the types that attributes may have in
//! common ([`prototypes`]), then the classes with what stands in one class alone; at last what
//! leads from one class to another is proved, and what does not hold is taken out ([`links`]), and
//! what is said about the members of a class as a whole is read ([`constraints`], [`derived`],
//! [`rules`]).

mod attributes;
mod bases;
mod constraints;
mod derived;
mod extensions;
mod identity;
mod kinds;
mod links;
mod mapping;
mod prototypes;
mod relations;
mod rules;
mod stored;
mod wrapped;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caruso_expression::{Choice, Kind};
use caruso_markup::{Attribute as Written, Document, Dtd, Element, Finding, suggest};

use crate::codes;
use crate::kinds::Part;
use crate::model::{Class, EnumValue, Enumeration, KeySource, Labels, Model};
use crate::phone::Country;
use prototypes::Prototypes;

/// The text of `business-objects.dtd`.
pub const DTD: &str = include_str!("../../../scripts-dtd/business-objects.dtd");

impl Model {
    /// Reads the files of a model: names for the findings, and bytes. The model holds what is
    /// sound; the findings, in the order of the files, say what is not.
    pub fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> (Self, Vec<Finding>) {
        let dtd = match Dtd::parse("business-objects.dtd", DTD) {
            Ok(dtd) => dtd,
            Err(findings) => return (Self::default(), findings),
        };
        let mut documents = Vec::new();
        let mut reader = Reader::default();
        for (file, content) in files {
            let (document, findings) = Document::recover(file, content, &dtd);
            documents.extend(document);
            reader.is_torn |= !findings.is_empty();
            reader.findings.extend(findings);
        }
        let (mappings, mut documents): (Vec<_>, Vec<_>) =
            documents.into_iter().partition(|document| document.root.name == mapping::ROOT);
        reader.extensions(&mut documents);
        reader.merge(&mut documents, &mappings);
        reader.wrapped(&mut documents);
        reader.bases(&mut documents);
        reader.kinds(&mut documents);
        bases::stand_in(&mut documents);
        for element in all(&documents, "enum") {
            reader.enumeration(element);
        }
        reader.prototypes(all(&documents, "type"));
        let mut sources = BTreeMap::new();
        for document in &documents {
            reader.classes_of(&document.root, &mut sources);
        }
        let classes = std::mem::take(&mut reader.classes);
        let mut model = Self { classes, ..Self::default() };
        links::prove(&mut model, &sources, &mut reader.findings);
        reader.constraints(&mut model, &sources);
        reader.derived(&mut model, &sources);
        reader.rules(&mut model, &sources);
        reader.findings.sort();
        reader.findings.dedup();
        (model, reader.findings)
    }
}

/// The elements of this name below the outermost ones.
fn all<'a>(documents: &'a [Document], name: &'a str) -> impl Iterator<Item = &'a Element> {
    documents.iter().flat_map(move |document| document.root.children_named(name))
}

/// The elements of all classes by name, the unsound ones too: what leads to one of those is left
/// out without a second finding.
type Sources<'a> = BTreeMap<String, &'a Element>;

/// Where a class is stored, as it says itself or its file does.
#[derive(Clone, Copy)]
struct Origin<'a> {
    database: &'a str,
    /// An empty name, which is the connection's default, is none.
    schema: Option<&'a str>,
    table: &'a Written,
    country: Country,
}

#[derive(Default)]
struct Reader {
    findings: Vec<Finding>,
    /// Something of the files could not be read; then nothing is found missing, which may be it.
    is_torn: bool,
    enumerations: BTreeMap<String, Arc<Enumeration>>,
    prototypes: Prototypes,
    classes: BTreeMap<String, Class>,
    /// Every id, and every table with its database and schema.
    ids: Names,
    tables: Names,
}

impl Reader {
    fn enumeration(&mut self, element: &Element) {
        let Some(name) = element.attribute("name") else { return };
        let mut names = Names::default();
        let mut codes = Names::default();
        let mut values = Vec::new();
        for value in element.children_named("value") {
            let Some(value_name) = value.attribute("name") else { continue };
            let is_new =
                names.insert(&mut self.findings, value_name, codes::DUPLICATE_NAME, "value");
            let stored = value.attribute("stored").unwrap_or(value_name);
            let is_told_apart =
                codes.insert(&mut self.findings, stored, codes::DUPLICATE_STORED, "stored form");
            if is_new && is_told_apart {
                let labels = labels(value);
                let (name, stored) = (value_name.value.clone(), stored.value.clone());
                values.push(EnumValue { name, stored, labels });
            }
        }
        let choice = Choice {
            name: name.value.clone(),
            values: values.iter().map(|value| value.name.clone()).collect(),
        };
        let enumeration = Arc::new(Enumeration { choice: Arc::new(choice), values });
        if self.enumerations.insert(name.value.clone(), enumeration).is_some() {
            let message = format!("enumeration `{name}` is declared twice");
            self.findings.push(name.finding(codes::DUPLICATE_NAME, message));
        }
    }

    fn classes_of<'a>(&mut self, root: &'a Element, sources: &mut Sources<'a>) {
        for element in root.children_named("class") {
            let class = self.class(root, element);
            let name = element.value("name").unwrap_or_default();
            sources.entry(name.to_owned()).or_insert(element);
            self.classes.extend(class.map(|class| (class.name.clone(), class)));
        }
    }

    /// Where a class is stored; a finding if nothing says so.
    fn origin<'a>(&mut self, root: &'a Element, class: &'a Element) -> Option<Origin<'a>> {
        let said = |name: &str| class.attribute(name).or_else(|| root.attribute(name));
        let (Some(database), Some(table), Some(country)) =
            (said("database"), said("table"), said("country"))
        else {
            let lacking = ["database", "table", "country"].into_iter();
            let lacking: Vec<&str> = lacking.filter(|name| said(name).is_none()).collect();
            self.unmapped(class, "class", &lacking.join(", no "));
            return None;
        };
        let Some(known) = Country::by_code(&country.value) else {
            let message = format!("telephone numbers of `{country}` are not known");
            let finding = country.finding(codes::UNKNOWN_COUNTRY, message);
            let suggestion = suggest(&country.value, Country::codes());
            self.findings.push(finding.with_suggestion(suggestion));
            return None;
        };
        let schema = said("schema").map(|schema| schema.value.as_str());
        Some(Origin {
            database: &database.value,
            schema: schema.filter(|schema| !schema.is_empty()),
            table,
            country: known,
        })
    }

    /// A finding that nothing says where this is stored.
    fn unmapped(&mut self, element: &Element, what: &str, lacking: &str) {
        if self.is_torn {
            return;
        }
        let name = element.value("name").unwrap_or_default();
        let message = format!("{what} `{name}` is mapped to no {lacking}");
        let hint = "say it here, or in a file of `business-objects-mapping`";
        self.findings.push(element.finding(codes::UNMAPPED, message).with_hint(hint));
    }

    fn class(&mut self, root: &Element, element: &Element) -> Option<Class> {
        let name = element.attribute("name")?;
        self.new_id(element)?;
        self.expressible(name)?;
        if element.attribute(kinds::REFUSED).is_some() {
            return None;
        }
        if self.classes.contains_key(&name.value) {
            let message = format!("class `{name}` is declared twice");
            self.findings.push(name.finding(codes::DUPLICATE_NAME, message));
            return None;
        }
        let origin = self.origin(root, element);
        let (base, is_abstract) = (element.value("extends"), bases::is_abstract(element));
        let has_first_table = (base.is_none() || bases::is_variant(element)) && !is_abstract;
        if let Some(origin) = origin.filter(|_| has_first_table) {
            self.new_table(origin);
        }
        let parts = self.parts(element, origin);
        if element.attribute("key").is_none() && base.is_none() {
            let finding = element.finding(codes::UNKNOWN_KEY, "the class has no key");
            self.findings.push(finding.with_hint("say `key`, or `extends` a class that has one"));
        }
        let mut members = Names::default();
        let attributes = self.attributes(element, &mut members, origin.is_some());
        let to_one = self.relations_to_one(element, &mut members, origin.is_some());
        let to_many = self.relations_to_many(element, &mut members);
        let key_source = match element.value("key-source") {
            Some("assigned") => KeySource::Assigned,
            _ => KeySource::Given,
        };
        let revision = self.revision(element, &attributes);
        let key = self.key(element, key_source, &attributes)?;
        let origin = origin?;
        Some(Class {
            id: element.value("id")?.to_owned(),
            name: name.value.clone(),
            labels: labels(element),
            database: origin.database.to_owned(),
            wrapper: element.value(wrapped::WRAPPER).map(str::to_owned),
            country: origin.country,
            schema: origin.schema.map(str::to_owned),
            table: origin.table.value.clone(),
            base: base.map(str::to_owned),
            is_abstract,
            has_table: has_own_part(element) || bases::is_variant(element),
            parts,
            when: Vec::new(),
            inherited_unique: inherited(element, "unique"),
            inherited_indexes: inherited(element, "index"),
            key_source,
            revision,
            is_writable: element.value("writable") == Some("yes"),
            changed_at: self.changed_at(element, &attributes),
            keeps_history: element.value("history") != Some("no"),
            key,
            attributes,
            derived: Vec::new(),
            to_one,
            to_many,
            constraints: Vec::new(),
            unique: Vec::new(),
            indexes: Vec::new(),
            rules: Vec::new(),
        })
    }

    /// The further tables of a class; a finding if another class is held by one.
    fn parts(&mut self, class: &Element, origin: Option<Origin<'_>>) -> Vec<Part> {
        let Some(origin) = origin else { return Vec::new() };
        let mut parts = Vec::new();
        for element in class.children_named(kinds::PART) {
            let Some(table) = element.attribute("table") else { continue };
            let schema = element.value("schema").filter(|schema| !schema.is_empty());
            if element.attribute(kinds::INHERITED).is_none() {
                self.new_table(Origin { schema, table, ..origin });
            }
            let columns = element.value("key-columns").unwrap_or_default();
            let key = identity::words(columns).map(|(_, column)| column.to_owned()).collect();
            let schema = schema.map(str::to_owned);
            parts.push(Part { schema, table: table.value.clone(), key });
        }
        parts
    }

    /// A finding if another class is held by this table; the same name in another schema is
    /// another table.
    fn new_table(&mut self, Origin { database, schema, table, .. }: Origin<'_>) {
        let compared = [database, schema.unwrap_or_default(), &table.value].join("\n");
        let code = codes::DUPLICATE_TABLE;
        self.tables.insert_as(&mut self.findings, compared, table, code, "table");
    }

    /// Takes back what was found since then in what a class has of another one: it is said of that.
    fn said_of_base(&mut self, element: &Element, known: usize) {
        if is_inherited(element) {
            self.findings.truncate(known);
        }
    }

    /// Id and name of an attribute or relation, if both are new and can be written.
    fn member(&mut self, element: &Element, members: &mut Names) -> Option<(String, String)> {
        let id = self.new_id(element)?;
        let name = element.attribute("name")?;
        self.expressible(name)?;
        members
            .insert(&mut self.findings, name, codes::DUPLICATE_NAME, "member")
            .then(|| (id, name.value.clone()))
    }

    fn new_id(&mut self, element: &Element) -> Option<String> {
        let id = element.attribute("id")?;
        if element.attribute(kinds::INHERITED).is_some() {
            return Some(id.value.clone());
        }
        self.ids.insert(&mut self.findings, id, codes::DUPLICATE_ID, "id").then(|| id.value.clone())
    }

    /// A name must be one in expressions, too.
    fn expressible(&mut self, name: &Written) -> Option<()> {
        let parsed = caruso_expression::parse(&name.value);
        if parsed.is_ok_and(|parsed| matches!(parsed.root().kind, Kind::Name(_))) {
            return Some(());
        }
        let message = format!("`{name}` cannot be written in an expression");
        let finding = name.finding(codes::NAME, message);
        let hint = "a name has letters, digits and `_`, and is no word such as `in` or `not`";
        self.findings.push(finding.with_hint(hint));
        None
    }
}

/// Names that must not come twice. Columns and tables are compared without regard to capitals,
/// as most databases do.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    /// True when the name is new; else there is a finding.
    fn insert(
        &mut self,
        findings: &mut Vec<Finding>,
        name: &Written,
        code: &'static str,
        what: &str,
    ) -> bool {
        self.insert_as(findings, name.value.clone(), name, code, what)
    }

    fn insert_as(
        &mut self,
        findings: &mut Vec<Finding>,
        compared: String,
        name: &Written,
        code: &'static str,
        what: &str,
    ) -> bool {
        let ignores_case = matches!(code, codes::DUPLICATE_COLUMN | codes::DUPLICATE_TABLE);
        let is_new =
            self.0.insert(if ignores_case { compared.to_ascii_lowercase() } else { compared });
        if !is_new {
            findings.push(name.finding(code, format!("{what} `{name}` is used twice")));
        }
        is_new
    }
}

/// Which table of its class holds a member.
fn part_of(member: &Element) -> usize {
    member.value(kinds::PART).and_then(|part| part.parse().ok()).unwrap_or_default()
}

fn is_inherited(element: &Element) -> bool {
    element.attribute(kinds::INHERITED).is_some()
}

/// Whether a member of a class is held by a table of its base.
fn is_held_by_base(class: &Element, member: &Element) -> bool {
    is_inherited(member) && !bases::is_variant(class)
}

/// How many elements of this name a class has in tables of its base.
fn inherited(class: &Element, name: &str) -> usize {
    if bases::is_variant(class) {
        return 0;
    }
    class.children_named(name).filter(|it| is_inherited(it)).count()
}

/// Whether a class that is a kind of another one has a table of its own.
fn has_own_part(class: &Element) -> bool {
    class.children_named(kinds::PART).any(|part| !is_inherited(part))
}

fn labels(element: &Element) -> Labels {
    texts(element, "label")
}

/// The texts of the elements of this name, by their languages.
fn texts(element: &Element, name: &str) -> Labels {
    let elements = element.children_named(name);
    let texts = elements.filter_map(|text| Some((text.value("language")?.to_owned(), text.text())));
    Labels(texts.collect())
}
