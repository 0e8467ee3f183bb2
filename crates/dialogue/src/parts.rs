//! What a script consists of: its elements, those in sections in their places.

use caruso_markup::Element;

pub(crate) fn is_step(element: &Element) -> bool {
    !matches!(
        element.name.as_str(),
        "title" | "input" | "find" | "related" | "computed" | "table" | "test"
    )
}

/// An element of a script, with the section in which it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'e> {
    pub(crate) element: &'e Element,
    pub(crate) section: Option<&'e Element>,
}

/// What a script consists of, in the order of the file: the steps of sections in the place of those.
pub(crate) fn parts(root: &Element) -> impl Iterator<Item = Part<'_>> {
    root.elements().flat_map(|element| {
        let section = (element.name == "section").then_some(element);
        let own = section.is_none().then_some(element);
        let inner = section.into_iter().flat_map(Element::elements);
        let inner = inner.filter(|it| it.name != "title");
        own.into_iter().chain(inner).map(move |element| Part { element, section })
    })
}

/// The steps of a script.
pub(crate) fn steps(root: &Element) -> impl Iterator<Item = &Element> {
    parts(root).map(|it| it.element).filter(|it| is_step(it))
}

/// The steps of a kind.
pub(crate) fn steps_named<'e>(
    root: &'e Element,
    name: &'static str,
) -> impl Iterator<Item = &'e Element> {
    steps(root).filter(move |it| it.name == name)
}
