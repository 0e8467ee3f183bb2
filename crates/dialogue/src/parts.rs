//! What a script consists of: its elements, those in sections and rosters in their places.

use caruso_markup::Element;

/// An element of a script.
#[derive(Debug, Clone)]
pub(crate) struct Part<'e> {
    pub(crate) element: &'e Element,
    /// The section in which it stands.
    pub(crate) section: Option<&'e Element>,
    /// The rosters in which it stands, the outermost first, or the interrupt.
    pub(crate) rosters: Vec<&'e Element>,
    /// Of a question, the page on which it stands.
    pub(crate) page: Option<&'e Element>,
}

pub(crate) fn is_step(element: &Element) -> bool {
    !matches!(
        element.name.as_str(),
        "title" | "input" | "find" | "related" | "computed" | "table" | "goal" | "test"
    )
}

/// What a script consists of, in the order of the file: the steps of sections in the place of
/// those, the steps of rosters, interrupts and pages behind them.
pub(crate) fn parts(root: &Element) -> impl Iterator<Item = Part<'_>> {
    let mut all = Vec::new();
    for element in root.elements() {
        match element.name.as_str() {
            "section" => {
                let steps = element.elements().filter(|it| it.name != "title");
                steps.for_each(|it| add(it, Some(element), &[], &mut all));
            }
            _ => add(element, None, &[], &mut all),
        }
    }
    all.into_iter()
}

fn add<'e>(
    element: &'e Element,
    section: Option<&'e Element>,
    rosters: &[&'e Element],
    all: &mut Vec<Part<'e>>,
) {
    all.push(Part { element, section, rosters: rosters.to_vec(), page: None });
    if element.name == "page" {
        let questions = element.children_named("ask");
        all.extend(questions.map(|it| Part {
            element: it,
            section,
            rosters: rosters.to_vec(),
            page: Some(element),
        }));
    }
    if has_rows(element) {
        let inside = [rosters, &[element]].concat();
        let is_inside = |it: &&Element| !matches!(it.name.as_str(), "row" | "next" | "title");
        let steps = element.elements().filter(is_inside);
        steps.for_each(|it| add(it, section, &inside, all));
    }
}

/// Whether steps stand in it that are walked once for each of its rows: an interrupt has one
/// whenever it is begun.
pub(crate) fn has_rows(element: &Element) -> bool {
    matches!(element.name.as_str(), "roster" | "interrupt")
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

/// The id of the step at which each row of a roster begins.
pub(crate) fn row_of(roster: &str) -> String {
    format!("{roster}/row")
}

/// The id of the question with which a page begins.
pub(crate) fn first_question(page: &Element) -> Option<&str> {
    page.child("ask")?.value("id")
}

/// The id of what follows a question on its page: the next one, behind the last the page itself.
pub(crate) fn after_question<'e>(page: &'e Element, question: &Element) -> &'e str {
    let mut questions = page.children_named("ask");
    let next = questions.find(|it| std::ptr::eq(*it, question)).and_then(|_| questions.next());
    next.unwrap_or(page).value("id").unwrap_or_default()
}
