//! What is changed in a document of others stands in one of its own, which is put on it.

use crate::{Document, Element, Finding, Node};

/// What overlays are put on.
#[derive(Clone, Copy, Debug)]
pub struct Overlaid {
    /// As people call it: the `script`.
    pub what: &'static str,
    /// Of findings that say that an overlay does not fit.
    pub code: &'static str,
}

impl Overlaid {
    /// Puts overlays on a document, each on the version for which it was written (`of`): first
    /// those of its own, then those of what comes of them. `apply` puts the elements of one on the
    /// root; attributes but `of`, and those of the names `kept`, take the place of those of the
    /// root, `version` among them.
    ///
    /// With all findings (an overlay that is written for no version that there is, two for the
    /// same, those of `apply`) comes what can be made of the rest, so that it can be looked through
    /// too. Ids are still to be checked ([`Document::check_ids`]).
    pub fn put_on<'o>(
        self,
        document: &Document,
        overlays: impl IntoIterator<Item = &'o Document>,
        kept: &[&str],
        apply: impl Fn(&mut Element, &Element) -> Vec<Finding>,
    ) -> (Document, Vec<Finding>) {
        let (mut document, mut findings) = (document.clone(), Vec::new());
        let mut waiting: Vec<&Document> = overlays.into_iter().collect();
        while !waiting.is_empty() {
            let version = document.root.value("version").map(str::to_owned);
            let (fit, others): (Vec<&Document>, Vec<&Document>) =
                waiting.into_iter().partition(|it| it.root.value("of") == version.as_deref());
            waiting = others;
            let Some((first, more)) = fit.split_first() else {
                findings.extend(waiting.iter().filter_map(|it| self.late(it, version.as_deref())));
                break;
            };
            let again = more.iter().filter_map(|it| it.root.attribute("of"));
            findings.extend(again.map(|of| {
                let message = format!("two overlays are written for version {}", of.value);
                let hint = format!("write one of them for the version of {}", first.file);
                of.finding(self.code, message).with_hint(hint)
            }));
            let (root, overlay) = (&mut document.root, &first.root);
            findings.extend(self.attributes(root, overlay, kept));
            findings.extend(apply(root, overlay));
        }
        (document, findings)
    }

    fn late(self, overlay: &Document, version: Option<&str>) -> Option<Finding> {
        let Self { what, code } = self;
        let of = overlay.root.attribute("of")?;
        let there_is_none = format!("there is no version {}", of.value);
        Some(match version {
            Some(version) => {
                of.finding(code, format!("{there_is_none}: the {what} is {version}")).with_hint(
                    format!("look at what has changed in the {what}, then name its version"),
                )
            }
            None => of
                .finding(code, format!("{there_is_none}: the {what} names none"))
                .with_hint(format!("give the {what} a version, as 1.0.0")),
        })
    }

    fn attributes(self, root: &mut Element, overlay: &Element, kept: &[&str]) -> Option<Finding> {
        let is_taken = |name: &str| name != "of" && !kept.contains(&name);
        for attribute in overlay.attributes.iter().filter(|it| is_taken(&it.name)) {
            root.attributes.retain(|it| it.name != attribute.name);
            root.attributes.push(attribute.clone());
        }
        let version = overlay.attribute("version")?;
        (overlay.value("of") == Some(&version.value)).then(|| {
            let message = "what comes of the overlay is another version".to_owned();
            version.finding(self.code, message).with_hint("as 1.0.0-own")
        })
    }
}

/// Puts an element in the place of the one that `is_it`, else before the first that `is_later`, by
/// its name; else behind all.
pub fn put(
    root: &mut Element,
    element: &Element,
    is_it: impl Fn(&Element) -> bool,
    is_later: impl Fn(&str) -> bool,
) {
    let known = root.children.iter_mut().find_map(|it| match it {
        Node::Element(it) if is_it(it) => Some(it),
        _ => None,
    });
    if let Some(known) = known {
        *known = element.clone();
        return;
    }
    let at = root.children.iter().position(|it| match it {
        Node::Element(it) => is_later(&it.name),
        Node::Text(_) => false,
    });
    root.children.insert(at.unwrap_or(root.children.len()), Node::Element(element.clone()));
}
