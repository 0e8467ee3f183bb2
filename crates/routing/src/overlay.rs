//! Overlays: what a company changes in a routing that it has from others, kept apart from it.

use caruso_markup::overlay::{Overlaid, put};
use caruso_markup::{Document, Dtd, Element, Finding, Node, suggest};

use crate::codes;

/// The parts of a routing in the order in which they stand, each with the attribute by which it is
/// told apart from others of its kind.
const PARTS: [(&str, &str); 10] = [
    ("reasons", ""),
    ("pause", "after"),
    ("capacity", "channel"),
    ("skill", "id"),
    ("attribute", "name"),
    ("hours", "id"),
    ("queue", "id"),
    ("team", "id"),
    ("number", "called"),
    ("outbound", ""),
];

/// Puts overlays on a routing, each on the version for which it was written. With all findings
/// (versions that do not fit, names of what is not in the routing, ids that nothing has any more)
/// comes what can be made of the rest.
pub fn overlaid<'o>(
    routing: &Document,
    overlays: impl IntoIterator<Item = &'o Document>,
    dtd: &Dtd,
) -> (Document, Vec<Finding>) {
    let of = Overlaid { what: "routing", code: codes::OVERLAY };
    let (document, mut findings) = of.put_on(routing, overlays, &[], apply);
    findings.extend(document.check_ids(dtd));
    (document, findings)
}

fn apply(root: &mut Element, overlay: &Element) -> Vec<Finding> {
    let mut findings = Vec::new();
    for element in overlay.elements() {
        match element.name.as_str() {
            "without" => findings.extend(without(root, element)),
            "reason" => {
                if let Some(reasons) = reasons(root) {
                    put(reasons, element, |it| is_same(it, element), |_| false);
                }
            }
            name => {
                let rank = rank(name);
                put(root, element, |it| is_same(it, element), |it| self::rank(it) > rank);
            }
        }
    }
    findings
}

fn rank(name: &str) -> usize {
    PARTS.iter().position(|(part, _)| *part == name).unwrap_or(PARTS.len())
}

fn reasons(root: &mut Element) -> Option<&mut Element> {
    root.children.iter_mut().find_map(|it| match it {
        Node::Element(it) if it.name == "reasons" => Some(it),
        _ => None,
    })
}

/// The attribute by which an element is told apart.
fn key(name: &str) -> &'static str {
    PARTS.iter().find(|(part, _)| *part == name).map_or("id", |(_, key)| key)
}

/// Whether both are the same part, of which there is one: a number is another one only where none
/// of its numbers is the same.
fn is_same(one: &Element, other: &Element) -> bool {
    let key = key(&one.name);
    let words = |it: &'_ Element| -> Vec<String> {
        let value = it.value(key).unwrap_or_default();
        value.split_ascii_whitespace().map(str::to_owned).collect()
    };
    one.name == other.name
        && (key.is_empty() || words(one).iter().any(|word| words(other).contains(word)))
}

/// Takes something out of the routing.
fn without(root: &mut Element, element: &Element) -> Option<Finding> {
    let named: Vec<_> = element.attributes.iter().collect();
    let [named] = named[..] else {
        let message = "one thing is taken out: a reason, a queue, a team, or another part";
        return Some(element.finding(codes::OVERLAY, message));
    };
    let kind = named.name.as_str();
    let within = if kind == "reason" { reasons(root)? } else { root };
    let names = |it: &Element| -> Vec<String> {
        let value = it.value(key(kind)).filter(|_| it.name == kind).unwrap_or_default();
        value.split_ascii_whitespace().map(str::to_owned).collect()
    };
    let is_it = |it: &Node| matches!(it, Node::Element(it) if names(it).contains(&named.value));
    let count = within.children.len();
    within.children.retain(|it| !is_it(it));
    if within.children.len() < count {
        return None;
    }
    let known: Vec<String> = within.elements().flat_map(names).collect();
    let hint = suggest(&named.value, known.iter().map(String::as_str));
    let message = format!("the routing has no {kind} `{}`", named.value);
    Some(named.finding(codes::OVERLAY, message).with_suggestion(hint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::Scope;

    fn dtd() -> Dtd {
        Dtd::parse("routing.dtd", crate::DTD).expect("the DTD is sound")
    }

    fn base() -> Document {
        let text = crate::tests::ROUTING.replace("<routing>", "<routing version=\"1.0\">");
        Document::read("routing.xml", text, &dtd()).expect("it is valid")
    }

    fn overlay(file: &str, attributes: &str, body: &str) -> Document {
        let text = format!(
            "<!DOCTYPE routing-overlay SYSTEM \"routing.dtd\">\n\
             <routing-overlay {attributes}>{body}</routing-overlay>"
        );
        Document::read_part(file, text, &dtd()).unwrap_or_else(|it| panic!("{it:?}"))
    }

    fn found(overlays: &[Document]) -> String {
        let (_, findings) = overlaid(&base(), overlays, &dtd());
        findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn parts_are_put_in_the_place_of_others_added_and_taken_out() {
        let own = overlay(
            "own.xml",
            "of='1.0' version='1.0-own' age='20s'",
            "<reason id='lunch'><title language='en'>Lunch</title></reason>\
             <skill id='solar'/>\
             <queue id='calm' music='music' script='script' priority='3' wrap-up='none'>\
             <title language='en'>Quiet</title></queue>\
             <team id='sun' serves='calm'/>\
             <number called='100 +31100' script='menu' fallback='urgent'/>\
             <without reason='break'/><without team='calm'/><without number='200'/>\
             <without queue='expert'/>",
        );
        let all =
            overlay("all.xml", "of='1.0-own' version='2'", "<team id='all' serves='urgent'/>");
        let (document, findings) = overlaid(&base(), [&all, &own], &dtd());
        assert!(findings.is_empty(), "{findings:?}");
        let scope = Scope {
            scripts: ["menu", "script"].map(String::from).into(),
            prompts: ["music".to_owned()].into(),
        };
        let routing = crate::compile(&document, &scope).expect("it is sound");
        assert_eq!(routing.age, Some(std::time::Duration::from_secs(20)));
        let names = |all: Vec<&str>| all.join(" ");
        assert_eq!(names(routing.reasons.iter().map(|it| it.0.as_str()).collect()), "lunch");
        assert_eq!(names(routing.queues.keys().map(|it| it.as_str()).collect()), "calm urgent");
        let calm = &routing.queues["calm"];
        assert_eq!((calm.title("en"), calm.priority), ("Quiet", 3));
        assert!(calm.callback.is_none(), "the whole queue is another one");
        assert_eq!(names(routing.teams.keys().map(String::as_str).collect()), "all sun");
        assert_eq!(names(routing.numbers.keys().map(String::as_str).collect()), "+31100 100");
        assert!(routing.skills.contains("solar") && routing.skills.contains("gas"));
        // in the order that the DTD wants, as if it had been written so
        let order: Vec<usize> = document.root.elements().map(|it| rank(&it.name)).collect();
        assert!(order.is_sorted(), "{order:?}");
    }

    #[test]
    fn what_does_not_fit_is_found_where_it_stands() {
        let with = |body: &str| found(&[overlay("o.xml", "of='1.0' version='2'", body)]);
        assert_eq!(
            with("<without queue='calmm'/>"),
            "o.xml:2:55: the routing has no queue `calmm`\n    did you mean `calm`?"
        );
        assert!(with("<without reason='brek'/>").contains("did you mean `break`?"));
        assert!(with("<without number='300'/>").contains("the routing has no number `300`"));
        assert!(with("<without team='all' queue='calm'/>").contains("one thing is taken out"));
        // what names it still stands in the routing
        assert!(with("<without queue='urgent'/>").is_empty(), "teams name queues by words");
        let dangling = with("<without queue='calm'/>");
        assert!(dangling.starts_with("routing.xml:") && dangling.contains("calm"), "{dangling}");
        let late = found(&[overlay("o.xml", "of='0.9' version='2'", "")]);
        assert!(late.contains("there is no version 0.9: the routing is 1.0"), "{late}");
        let (unversioned, of) = (crate::tests::ROUTING, overlay("o.xml", "of='1' version='2'", ""));
        let unversioned = Document::read("routing.xml", unversioned, &dtd()).expect("valid");
        let (_, findings) = overlaid(&unversioned, [&of], &dtd());
        assert!(findings[0].to_string().contains("give the routing a version"), "{findings:?}");
    }
}
