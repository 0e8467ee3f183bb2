//! Where things are said in the files of a model.

use caruso_markup::{Document, Dtd, Element, Location};
use caruso_object_model::{Class, DTD};

/// The files of a model, to find where something in them is said.
#[derive(Debug, Default)]
pub struct Places {
    roots: Vec<Element>,
}

impl Places {
    /// The same files as those of [`Model::read`](caruso_object_model::Model::read). What cannot be
    /// read is not found.
    pub fn of<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let Ok(dtd) = Dtd::parse("business-objects.dtd", DTD) else { return Self::default() };
        let documents = files.into_iter().filter_map(|(file, content)| {
            let (document, _) = Document::recover(file, content, &dtd);
            document
        });
        Self { roots: documents.map(|document| document.root).collect() }
    }

    /// Where a class says this of itself, or a mapping of it; else where the class begins.
    pub(crate) fn of_class(&self, class: &Class, attribute: &str) -> Location {
        let said = self.elements(class).find_map(|it| it.attribute(attribute));
        said.map(|it| it.location.clone()).unwrap_or_else(|| self.start(class))
    }

    /// Where an attribute or a relation, or a mapping of it, names a column; else where it begins.
    pub(crate) fn of_column(&self, class: &Class, id: &str, name: &str, column: &str) -> Location {
        // what a table holds may be said by another class of the same family
        let others =
            || self.roots.iter().flat_map(Element::elements).filter(|it| it.name == "class");
        let elements = || self.elements(class).chain(others());
        let members = || elements().flat_map(Element::elements).filter(|it| is_of(it, id, name));
        let said = members().find_map(|member| {
            let short = ["column", "time-column", "currency-column"]
                .iter()
                .filter_map(|it| member.attribute(it));
            let short = short.into_iter().find(|it| it.value == column);
            let long = member.children_named("column").filter_map(|it| it.attribute("name"));
            short.or_else(|| long.into_iter().find(|it| it.value == column))
        });
        let begins = || members().last().map(|member| member.location.clone());
        said.map(|it| it.location.clone()).or_else(begins).unwrap_or_else(|| self.start(class))
    }

    fn start(&self, class: &Class) -> Location {
        let element = self.elements(class).last();
        element.map_or_else(|| Location::start_of("model"), |it| it.location.clone())
    }

    /// What is said of a class: in mappings, which come first since they have the last word, and
    /// where it is declared.
    fn elements<'a>(&'a self, class: &'a Class) -> impl Iterator<Item = &'a Element> {
        let all = || self.roots.iter().flat_map(Element::elements);
        let mappings = all().filter(|it| it.name == "class-mapping");
        let classes = all().filter(|it| it.name == "class");
        mappings.chain(classes).filter(|it| is_of(it, &class.id, &class.name))
    }
}

/// True when an element declares, or maps, what has this id and name.
fn is_of(element: &Element, id: &str, name: &str) -> bool {
    match element.value("of").filter(|_| element.name.ends_with("-mapping")) {
        Some(of) => of == name || of == id,
        None => element.value("id") == Some(id),
    }
}
