//! The graph of a script as a picture: steps in layers, transitions between them.
//!
//! The layer of a step is the length of the longest path that leads to it, so every transition
//! leads down. Steps of a layer are put in order by the mean place of those that they are tied to,
//! so that few transitions cross.

mod layout;
mod svg;
#[cfg(test)]
mod tests;
mod text;

use caruso_markup::{Document, Element};

use crate::parts::{Part, after_question, has_rows, is_step, parts, row_of};
use layout::{Layout, layout};

/// A script as a graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    title: String,
    /// In the order of the file, the first step being the start.
    nodes: Vec<Node>,
    edges: Vec<Edge>,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Node {
    id: String,
    /// The name of its element.
    kind: String,
    /// What is said, done or reached there, in few words.
    words: String,
}

/// The transitions from a step to another.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edge {
    from: usize,
    to: usize,
    /// The condition of each; empty where a transition is the only one.
    labels: Vec<String>,
}

/// Most characters of the words of a step.
const MAX_WORDS: usize = 60;

impl Drawing {
    /// Of a document that [`compile`](crate::compile) took.
    pub fn of(document: &Document) -> Self {
        let root = &document.root;
        let steps: Vec<Part<'_>> = parts(root).filter(|it| is_step(it.element)).collect();
        let nodes: Vec<Node> = steps.iter().flat_map(|it| nodes(it.element)).collect();
        let mut edges: Vec<Edge> = Vec::new();
        let place = |id: &str| nodes.iter().position(|it| it.id == id);
        for (from, to, label) in steps.iter().flat_map(transitions) {
            // what leads to a roster from outside leads to its rows
            let inside = steps.iter().any(|it| {
                it.element.value("id") == Some(from.as_str())
                    && it.rosters.last().and_then(|it| it.value("id")) == Some(to.as_str())
            });
            let entered = place(&row_of(&to)).filter(|_| !inside);
            let entered = entered.or_else(|| place(first_on(&steps, &from, &to)?));
            let (Some(from), Some(to)) = (place(&from), entered.or_else(|| place(&to))) else {
                continue;
            };
            match edges.iter_mut().find(|it| (it.from, it.to) == (from, to)) {
                Some(edge) => edge.labels.push(label),
                None => edges.push(Edge { from, to, labels: vec![label] }),
            }
        }
        let title = root.child("title").map(Element::text).unwrap_or_default();
        Self { title, nodes, edges }
    }

    /// As SVG, light or dark as the reader's screen is, dark on white when printed.
    pub fn svg(&self) -> String {
        svg::svg(self, &self.layout())
    }

    /// As text: each step with its transitions, layer by layer.
    pub fn text(&self) -> String {
        text::text(self, &self.layout())
    }

    /// Id, kind and first words of each step, in the order of the file.
    pub fn steps(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.nodes.iter().map(|it| (it.id.as_str(), it.kind.as_str(), it.words.as_str()))
    }

    /// Every transition by the ids of its steps, with its condition: `else` for one that has none
    /// beside others, nothing for the only one.
    pub fn transitions(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.edges.iter().flat_map(|edge| {
            let id = |step: usize| self.nodes[step].id.as_str();
            edge.labels.iter().map(move |label| (id(edge.from), id(edge.to), label.as_str()))
        })
    }

    fn layout(&self) -> Layout {
        let edges: Vec<(usize, usize)> = self.edges.iter().map(|it| (it.from, it.to)).collect();
        layout(self.nodes.len(), &edges)
    }
}

/// The question with which a page begins, which is where a step that is not on it leads to.
fn first_on<'e>(steps: &[Part<'e>], from: &str, page: &str) -> Option<&'e str> {
    let on_page = steps.iter().filter(|it| it.page.and_then(|it| it.value("id")) == Some(page));
    let mut ids = on_page.filter_map(|it| it.element.value("id"));
    let first = ids.next()?;
    (first != from && !ids.any(|it| it == from)).then_some(first)
}

/// The transitions from a step: two ids and the condition.
fn transitions(part: &Part<'_>) -> Vec<(String, String, String)> {
    let step = part.element;
    let id = step.value("id").unwrap_or_default();
    let next: Vec<&Element> = step.children_named("next").collect();
    let own = next.iter().map(|transition| {
        let label = match transition.value("when") {
            Some(when) => when.to_owned(),
            None if next.len() == 1 => String::new(),
            None => "else".to_owned(),
        };
        (id.to_owned(), transition.value("to").unwrap_or_default().to_owned(), label)
    });
    let roster = part.rosters.last().and_then(|it| it.value("id"));
    let by_itself = match step.name.as_str() {
        _ if let Some(page) = part.page => {
            Some((id.to_owned(), after_question(page, step).to_owned()))
        }
        "roster" | "interrupt" => step.value("start").map(|it| (row_of(id), it.to_owned())),
        "another" => roster.map(|it| (id.to_owned(), it.to_owned())),
        _ => None,
    };
    own.chain(by_itself.map(|(from, to)| (from, to, String::new()))).collect()
}

/// A step; of a roster two: where its rows begin, and where they end. Of an interrupt as well, but
/// the second only where something leads to it.
fn nodes(step: &Element) -> Vec<Node> {
    let mut node = node(step);
    if !has_rows(step) {
        return vec![node];
    }
    let begin = Node { id: row_of(&node.id), ..node.clone() };
    if step.name == "roster" {
        node.words = "all rows".to_owned();
        return vec![begin, node];
    }
    let mut ways = step.elements().flat_map(|it| it.children_named("next"));
    let is_led_back = ways.any(|it| it.value("to") == Some(node.id.as_str()));
    node.words = "back to where it stood".to_owned();
    std::iter::once(begin).chain(is_led_back.then_some(node)).collect()
}

fn node(step: &Element) -> Node {
    let words = match step.name.as_str() {
        "decide" => String::new(),
        "interrupt" => step.child("title").map(filled).unwrap_or_default(),
        "roster" => step.child("row").map(filled).unwrap_or_default(),
        "do" => {
            let titles = step.elements().filter_map(|it| Some(it.child("title")?.text()));
            titles.collect::<Vec<_>>().join(", ")
        }
        "wait" => format!("until {}", step.value("until").unwrap_or_default()),
        "call" => format!("script {}", step.value("script").unwrap_or_default()),
        "handoff" => format!("queue {}", step.value("queue").unwrap_or_default()),
        "end" => step.value("outcome").unwrap_or_default().to_owned(),
        _ => said(step),
    };
    let id = step.value("id").unwrap_or_default().to_owned();
    Node { id, kind: step.name.clone(), words: shortened(&words, MAX_WORDS) }
}

/// What is said at a step, else what is noted there.
fn said(step: &Element) -> String {
    let texts = |name: &'static str| {
        let texts: Vec<String> = step.children_named(name).map(filled).collect();
        texts.join(" ")
    };
    let said = texts("say");
    if said.is_empty() { texts("note") } else { said }
}

/// A text with a sign for each of its values.
fn filled(text: &Element) -> String {
    let pieces = text.children.iter().map(|piece| match piece {
        caruso_markup::Node::Text(text) => text.value.as_str(),
        caruso_markup::Node::Element(value) if value.name == "v" => "…",
        // what the text is in another language
        caruso_markup::Node::Element(_) => " ",
    });
    pieces.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first characters of a text, to the end of a word where there is one.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let first: String = text.chars().take(most.saturating_sub(1)).collect();
    let words = first.rsplit_once(' ').map_or(first.as_str(), |(words, _)| words);
    format!("{}…", words.trim_end_matches([',', ';', ':']))
}
