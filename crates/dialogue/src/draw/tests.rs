//! Every step and transition is in the picture, where it belongs, and nothing breaks it.

use caruso_markup::Document;
use proptest::prelude::*;

use super::layout::{What, layout};
use super::*;
use crate::dtd;
use crate::tests::{FAULT_REPORT, MAIN_MENU, MOVING_HOUSE};

fn drawing(text: &str) -> Drawing {
    Drawing::of(&Document::read("s.xml", text, dtd()).expect("it follows the DTD"))
}

#[test]
fn a_script_as_text() {
    insta::assert_snapshot!(drawing(MOVING_HOUSE).text());
}

#[test]
fn every_step_and_transition_is_in_the_picture() {
    for text in [MAIN_MENU, FAULT_REPORT, MOVING_HOUSE] {
        let drawing = drawing(text);
        let svg = drawing.svg();
        let count = |what: &str| svg.matches(what).count();
        assert_eq!(count("<rect class=\"step "), drawing.nodes.len());
        assert_eq!(count("<path class=\"next\""), drawing.edges.len());
        let labels = drawing.edges.iter().flat_map(|it| &it.labels).filter(|it| !it.is_empty());
        assert_eq!(count("<text class=\"when\""), labels.count());
        assert_eq!(count("<text"), count("</text>"));
        assert!(!svg.contains("NaN") && !svg.contains("=\"inf\""), "every place is a number");
    }
}

#[test]
fn what_authors_write_cannot_break_the_picture() {
    let text = "<!DOCTYPE script SYSTEM \"dialogue-script.dtd\"><script id='s' version='1' \
        language='en' channels='agent' start='a'><title>&lt;/svg>&amp;</title>\
        <ask id='a' type='integer'><say>&lt;script>alert(1)&lt;/script></say>\
        <next when='a &lt; 3' to='b'/><next to='b'/></ask>\
        <end id='b' outcome='x'/></script>";
    let svg = drawing(text).svg();
    assert!(svg.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{svg}");
    assert!(svg.contains("a &lt; 3") && !svg.contains("<script"), "{svg}");
    assert_eq!(svg.matches("</svg>").count(), 1);
}

#[test]
fn a_long_text_ends_with_a_whole_word() {
    assert_eq!(shortened("one two three", 13), "one two three");
    assert_eq!(shortened("one two three", 12), "one two…");
    assert_eq!(shortened("incomprehensible", 6), "incom…");
}

proptest! {
    /// Graphs without loops: every edge leads down, nothing overlaps, everything has a place.
    #[test]
    fn every_edge_leads_down_and_nothing_overlaps(
        nodes in 1_usize..14,
        ends in proptest::collection::vec((0_usize..14, 0_usize..14), 0..30),
    ) {
        let mut edges: Vec<(usize, usize)> = ends
            .into_iter()
            .map(|(a, b)| (a.min(b), a.max(b)))
            .filter(|(from, to)| from != to && *to < nodes)
            .collect();
        edges.sort_unstable();
        edges.dedup();
        let layout = layout(nodes, &edges);
        for node in 0..nodes {
            let layer = layout.layer_of(node);
            prop_assert!(layout.find(layer, What::Step(node)).is_some());
            let above = edges.iter().filter(|(_, to)| *to == node);
            let longest = above.map(|(from, _)| layout.layer_of(*from) + 1).max();
            prop_assert_eq!(layer, longest.unwrap_or(0), "the longest path decides");
        }
        for (number, (from, to)) in edges.iter().enumerate() {
            for layer in layout.layer_of(*from) + 1..layout.layer_of(*to) {
                prop_assert!(layout.find(layer, What::Passing(number)).is_some());
            }
        }
        for layer in &layout.layers {
            for pair in layer.windows(2) {
                prop_assert!(pair[1].x - pair[0].x >= 60.0, "they are apart");
            }
            prop_assert!(layer.iter().all(|it| it.x >= 0.0 && it.x <= layout.width));
        }
    }
}
