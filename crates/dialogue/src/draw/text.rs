//! A drawing as text.

use std::fmt::Write as _;

use super::layout::{Layout, What};
use super::{Drawing, Node};

/// Steps layer by layer, each with where it leads.
pub(super) fn text(drawing: &Drawing, layout: &Layout) -> String {
    let mut text = format!("{}\n", drawing.title);
    for (depth, layer) in layout.layers.iter().enumerate() {
        let steps = layer.iter().filter_map(|place| match place.what {
            What::Step(step) => Some(step),
            What::Passing(_) => None,
        });
        for step in steps {
            let Node { id, kind, words } = &drawing.nodes[step];
            let words = if words.is_empty() { String::new() } else { format!(": {words}") };
            let _ = writeln!(text, "\n{depth:>2}  {id} ({kind}){words}");
            for edge in drawing.edges.iter().filter(|it| it.from == step) {
                let to = &drawing.nodes[edge.to].id;
                for label in &edge.labels {
                    let when = if label.is_empty() { String::new() } else { format!("  {label}") };
                    let _ = writeln!(text, "    → {to}{when}");
                }
            }
        }
    }
    text
}
