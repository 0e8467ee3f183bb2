//! A drawing as SVG.

use std::fmt::Write as _;

use super::layout::{Layout, STEP_WIDTH, What};
use super::{Drawing, Edge, Node, shortened};

const MARGIN: f64 = 30.0;
const TITLE_HEIGHT: f64 = 40.0;
const STEP_HEIGHT: f64 = 62.0;
/// Between two layers, without the room for conditions.
const GAP: f64 = 56.0;
/// Of a line of text, and about of a character of a condition.
const LINE: f64 = 15.0;
const CHARACTER: f64 = 6.7;
/// Most characters of a line in a step, and of a condition.
const STEP_CHARACTERS: usize = 29;
const LABEL_CHARACTERS: usize = 44;

const STYLE: &str = "
svg { --paper: #fff; --ink: #1d2330; --faint: #5b6475; --box: #f4f6fa; --ask: #dfe9ff;
  --do: #ffe9cf; --end: #dcf3e0; background: var(--paper); font: 12px system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { svg { --paper: #14171d; --ink: #e8ebf1; --faint: #a3acbd;
  --box: #232833; --ask: #22365f; --do: #56391a; --end: #1e4429; } }
@media print { svg { --paper: #fff; --ink: #000; --faint: #333; --box: #fff; --ask: #fff;
  --do: #fff; --end: #fff; } }
text { fill: var(--ink); } .faint { fill: var(--faint); } .id { font-weight: 600; }
.title { font-size: 18px; font-weight: 600; }
.step { fill: var(--box); stroke: var(--ink); } .ask { fill: var(--ask); } .do { fill: var(--do); }
.end, .handoff { fill: var(--end); } .decide { stroke-dasharray: 5 3; }
.next { fill: none; stroke: var(--faint); stroke-width: 1.3; } .head { fill: var(--faint); }
.when { font: 11px ui-monospace, monospace; paint-order: stroke; stroke: var(--paper);
  stroke-width: 4px; stroke-linejoin: round; }
";

pub(super) fn svg(drawing: &Drawing, layout: &Layout) -> String {
    let rows = Rows::of(drawing, layout);
    let width = layout.width + 2.0 * MARGIN;
    let height = rows.height + MARGIN;
    let title = escaped(&drawing.title);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" aria-label=\"{title}\">\n\
         <style>{STYLE}</style>\n<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" \
         refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path class=\"head\" \
         d=\"M0 0 8 4 0 8z\"/></marker></defs>\n<text class=\"title\" x=\"{MARGIN}\" \
         y=\"32\">{title}</text>\n"
    );
    let mut labels = String::new();
    for (number, edge) in drawing.edges.iter().enumerate() {
        let line = points(layout, &rows, number, edge);
        let _ = writeln!(
            svg,
            "<path class=\"next\" marker-end=\"url(#head)\" d=\"{}\"/>",
            curve(&line)
        );
        let before = labels_before(drawing, number);
        write_labels(&mut labels, edge, &line, before, width);
    }
    for (layer, places) in layout.layers.iter().enumerate() {
        for place in places {
            if let What::Step(step) = place.what {
                let x = place.x + MARGIN - STEP_WIDTH / 2.0;
                write_step(&mut svg, &drawing.nodes[step], x, rows.top(layer));
            }
        }
    }
    svg + &labels + "</svg>\n"
}

/// Where layers are from top to bottom.
struct Rows {
    tops: Vec<f64>,
    height: f64,
}

impl Rows {
    fn of(drawing: &Drawing, layout: &Layout) -> Self {
        let mut tops = Vec::new();
        let mut y = TITLE_HEIGHT + MARGIN / 2.0;
        for layer in &layout.layers {
            tops.push(y);
            let lines = layer.iter().filter_map(|place| match place.what {
                What::Step(step) => {
                    let own = drawing.edges.iter().filter(|it| it.from == step);
                    let labels = own.flat_map(|it| &it.labels);
                    Some(labels.filter(|it| !it.is_empty()).count())
                }
                What::Passing(_) => None,
            });
            y += STEP_HEIGHT + GAP + LINE * as_number(lines.max().unwrap_or_default());
        }
        Self { tops, height: y - GAP }
    }

    fn top(&self, layer: usize) -> f64 {
        self.tops.get(layer).copied().unwrap_or_default()
    }
}

/// Where a transition comes by: below its step, through the layers between, above the next step.
fn points(layout: &Layout, rows: &Rows, number: usize, edge: &Edge) -> Vec<(f64, f64)> {
    let (first, last) = (layout.layer_of(edge.from), layout.layer_of(edge.to));
    let mut points = Vec::new();
    let mut add = |layer: usize, what: What, ys: &[f64]| {
        if let Some(place) = layout.find(layer, what) {
            points.extend(ys.iter().map(|y| (place.x + MARGIN, rows.top(layer) + y)));
        }
    };
    add(first, What::Step(edge.from), &[STEP_HEIGHT]);
    for layer in first + 1..last {
        add(layer, What::Passing(number), &[0.0, STEP_HEIGHT]);
    }
    add(last, What::Step(edge.to), &[-1.0]);
    points
}

fn curve(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    for (at, (x, y)) in points.iter().enumerate() {
        match at.checked_sub(1).and_then(|before| points.get(before)) {
            None => {
                let _ = write!(path, "M{x:.1} {y:.1}");
            }
            Some((before_x, before_y)) => {
                let middle = f64::midpoint(*before_y, *y);
                let _ =
                    write!(path, " C{before_x:.1} {middle:.1} {x:.1} {middle:.1} {x:.1} {y:.1}");
            }
        }
    }
    path
}

/// How many lines of conditions the transitions of the same step have before this one.
fn labels_before(drawing: &Drawing, number: usize) -> usize {
    let from = drawing.edges[number].from;
    let before = drawing.edges.iter().take(number).filter(|it| it.from == from);
    before.flat_map(|it| &it.labels).filter(|it| !it.is_empty()).count()
}

/// Conditions one below the other, each beside the line where the line is at its height: outside of
/// a line that leads to the side, on one that leads straight down.
fn write_labels(svg: &mut String, edge: &Edge, line: &[(f64, f64)], before: usize, width: f64) {
    let (Some(start), Some(end)) = (line.first(), line.get(1)) else { return };
    let labels = edge.labels.iter().filter(|it| !it.is_empty());
    for (label, number) in labels.zip(before..) {
        let down = 28.0 + LINE * as_number(number);
        let part = (down / (end.1 - start.1)).clamp(0.0, 1.0);
        // the curve of `curve` as a function of its height, near enough
        let eased = part * part * (3.0 - 2.0 * part);
        let (x, y) = (start.0 + (end.0 - start.0) * eased, start.1 + down);
        let short = shortened(label, LABEL_CHARACTERS);
        let half = CHARACTER * as_number(short.chars().count()) / 2.0 + 4.0;
        let x = match end.0 - start.0 {
            aside if aside > 20.0 => x + half,
            aside if aside < -20.0 => x - half,
            _ => x,
        };
        let x = x.min(width - half).max(half);
        let _ = writeln!(
            svg,
            "<text class=\"when\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{}<title>{}\
             </title></text>",
            escaped(&short),
            escaped(label)
        );
    }
}

fn as_number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn write_step(svg: &mut String, node: &Node, x: f64, y: f64) {
    let Node { id, kind, words } = node;
    let radius = if matches!(kind.as_str(), "end" | "handoff") { 18 } else { 5 };
    let _ = writeln!(
        svg,
        "<rect class=\"step {kind}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{STEP_WIDTH}\" \
         height=\"{STEP_HEIGHT}\" rx=\"{radius}\"/>"
    );
    let (left, right) = (x + 10.0, x + STEP_WIDTH - 10.0);
    let _ = writeln!(
        svg,
        "<text class=\"id\" x=\"{left:.1}\" y=\"{:.1}\">{}</text><text class=\"faint\" \
         x=\"{right:.1}\" y=\"{:.1}\" text-anchor=\"end\">{kind}</text>",
        y + 19.0,
        escaped(&shortened(id, STEP_CHARACTERS - 6)),
        y + 19.0
    );
    for (line, number) in lines(words).iter().zip(0_u8..) {
        let y = y + 37.0 + LINE * f64::from(number);
        let _ = writeln!(svg, "<text x=\"{left:.1}\" y=\"{y:.1}\">{}</text>", escaped(line));
    }
}

/// Two lines of words at most.
fn lines(words: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words.split(' ') {
        let line = lines.last().map_or(0, |it| it.chars().count());
        if line > 0 && line + 1 + word.chars().count() > STEP_CHARACTERS {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    if lines.len() > 2 {
        let rest = lines.split_off(1).join(" ");
        lines.push(rest);
    }
    lines.iter().map(|it| shortened(it, STEP_CHARACTERS)).collect()
}

fn escaped(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        other => other.to_string(),
    });
    escaped.collect()
}
