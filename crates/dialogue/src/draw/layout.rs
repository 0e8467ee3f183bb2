//! Where steps are put: layers by longest path, order by barycentre.
//!
//! A transition over several layers has a place in each of them, so that it passes between steps.

/// Sweeps, down and up in turn, that put layers in order.
const SWEEPS: usize = 8;
/// Passes, down and up in turn, that move places towards those that they are tied to. The last
/// leads down, so that a chain hangs straight below its first step.
const PASSES: usize = 9;

/// Width of a step and of the place that a transition passes through, and the gap between, in
/// units of the picture.
pub(super) const STEP_WIDTH: f64 = 210.0;
const PASSING_WIDTH: f64 = 60.0;
const GAP: f64 = 26.0;

/// Places in layers.
#[derive(Debug)]
pub(super) struct Layout {
    /// The layers from above, the places of each from the left.
    pub(super) layers: Vec<Vec<Place>>,
    /// The width of all.
    pub(super) width: f64,
}

/// A place in a layer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Place {
    pub(super) what: What,
    /// Its middle.
    pub(super) x: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// A step by number.
    Step(usize),
    /// A transition by number, which passes.
    Passing(usize),
}

impl Layout {
    /// Where something is in a layer.
    pub(super) fn find(&self, layer: usize, what: What) -> Option<&Place> {
        self.layers.get(layer)?.iter().find(|it| it.what == what)
    }

    /// The layer of a step.
    pub(super) fn layer_of(&self, step: usize) -> usize {
        let is_there = |layer: &Vec<Place>| layer.iter().any(|it| it.what == What::Step(step));
        self.layers.iter().position(is_there).unwrap_or_default()
    }
}

/// Lays out a graph without loops; edges that close one are left out of the layers.
pub(super) fn layout(nodes: usize, edges: &[(usize, usize)]) -> Layout {
    let depth = depths(nodes, edges);
    let mut layers: Vec<Vec<What>> = vec![Vec::new(); depth.iter().max().map_or(0, |it| it + 1)];
    for (node, layer) in depth.iter().enumerate() {
        layers[*layer].push(What::Step(node));
    }
    for (number, (from, to)) in edges.iter().enumerate() {
        for layer in layers.iter_mut().take(depth[*to]).skip(depth[*from] + 1) {
            layer.push(What::Passing(number));
        }
    }
    let ties = Ties::new(edges, &depth);
    order(&mut layers, &ties);
    place(&layers, &ties)
}

/// The length of the longest path to each node.
fn depths(nodes: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut depths = vec![0_usize; nodes];
    // each round settles at least one layer more, and there are no more layers than nodes
    for _ in 0..nodes {
        let mut has_moved = false;
        for (from, to) in edges {
            if depths[*to] <= depths[*from] && depths[*from] + 1 < nodes {
                depths[*to] = depths[*from] + 1;
                has_moved = true;
            }
        }
        if !has_moved {
            break;
        }
    }
    depths
}

struct Ties<'e> {
    edges: &'e [(usize, usize)],
    depth: &'e [usize],
    /// By node: the numbers of the edges that lead to it, and from it.
    ends: Vec<[Vec<usize>; 2]>,
}

impl<'e> Ties<'e> {
    fn new(edges: &'e [(usize, usize)], depth: &'e [usize]) -> Self {
        let mut ends = vec![[Vec::new(), Vec::new()]; depth.len()];
        for (number, (from, to)) in edges.iter().enumerate() {
            ends[*to][0].push(number);
            ends[*from][1].push(number);
        }
        Self { edges, depth, ends }
    }

    /// What a place of a layer is tied to in the layer above, or below.
    fn of(&self, what: What, layer: usize, is_above: bool) -> Vec<What> {
        let end = |number: usize| {
            let (from, to) = self.edges[number];
            let node = if is_above { from } else { to };
            let next = if is_above { layer.wrapping_sub(1) } else { layer + 1 };
            if self.depth[node] == next { What::Step(node) } else { What::Passing(number) }
        };
        match what {
            What::Passing(number) => vec![end(number)],
            What::Step(node) => {
                let own = &self.ends[node][usize::from(!is_above)];
                own.iter().map(|number| end(*number)).collect()
            }
        }
    }
}

/// Puts each layer in the order of the mean place of what it is tied to, down and up in turn.
fn order(layers: &mut [Vec<What>], ties: &Ties<'_>) {
    for sweep in 0..SWEEPS {
        let is_down = sweep % 2 == 0;
        let count = layers.len();
        for step in 1..count {
            let (at, next) =
                if is_down { (step, step - 1) } else { (count - 1 - step, count - step) };
            let fixed = layers[next].clone();
            let place = |what: &What| fixed.iter().position(|it| it == what);
            let mut keyed: Vec<(f64, What)> = layers[at]
                .iter()
                .enumerate()
                .map(|(now, what)| {
                    let tied = ties.of(*what, at, is_down);
                    let places: Vec<f64> = tied.iter().filter_map(place).map(count_as).collect();
                    (mean(&places).unwrap_or_else(|| count_as(now)), *what)
                })
                .collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            layers[at] = keyed.into_iter().map(|(_, what)| what).collect();
        }
    }
}

/// Moves places towards the mean of what they are tied to, without overtaking.
fn place(layers: &[Vec<What>], ties: &Ties<'_>) -> Layout {
    let mut placed: Vec<Vec<Place>> = layers.iter().map(|layer| side_by_side(layer)).collect();
    for pass in 0..PASSES {
        let is_down = pass % 2 == 0;
        for step in 0..placed.len() {
            let at = if is_down { step } else { placed.len() - 1 - step };
            let next = if is_down { at.checked_sub(1) } else { Some(at + 1) };
            let Some(next) = next.and_then(|it| placed.get(it)) else { continue };
            let wanted = placed[at].iter().map(|place| {
                let tied = ties.of(place.what, at, is_down);
                let near = next.iter().filter(|it| tied.contains(&it.what));
                mean(&near.map(|it| it.x).collect::<Vec<f64>>()).unwrap_or(place.x)
            });
            let wanted: Vec<f64> = wanted.collect();
            settle(&mut placed[at], &wanted);
        }
    }
    let lefts = placed.iter().flatten().map(|it| it.x - width(it.what) / 2.0);
    let left = lefts.fold(f64::INFINITY, f64::min);
    let mut right: f64 = 0.0;
    for place in placed.iter_mut().flatten() {
        place.x -= left;
        right = right.max(place.x + width(place.what) / 2.0);
    }
    Layout { layers: placed, width: right }
}

/// A layer around the middle of the picture, which is 0.
fn side_by_side(layer: &[What]) -> Vec<Place> {
    let mut places = Vec::new();
    let mut x = 0.0;
    for what in layer {
        places.push(Place { what: *what, x: x + width(*what) / 2.0 });
        x += width(*what) + GAP;
    }
    let middle = (x - GAP) / 2.0;
    places.iter_mut().for_each(|it| it.x -= middle);
    places
}

/// Gives places what they want as far as they do not overlap: the mean of the leftmost and the
/// rightmost way to do so.
fn settle(layer: &mut [Place], wanted: &[f64]) {
    let apart = |a: What, b: What| (width(a) + width(b)) / 2.0 + GAP;
    let (mut to_right, mut to_left) = (wanted.to_vec(), wanted.to_vec());
    for at in 1..layer.len() {
        let least = to_right[at - 1] + apart(layer[at - 1].what, layer[at].what);
        to_right[at] = to_right[at].max(least);
    }
    for at in (1..layer.len()).rev() {
        let most = to_left[at] - apart(layer[at - 1].what, layer[at].what);
        to_left[at - 1] = to_left[at - 1].min(most);
    }
    for (place, (a, b)) in layer.iter_mut().zip(to_right.iter().zip(&to_left)) {
        place.x = f64::midpoint(*a, *b);
    }
}

fn width(what: What) -> f64 {
    match what {
        What::Step(_) => STEP_WIDTH,
        What::Passing(_) => PASSING_WIDTH,
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / count_as(values.len()))
}

fn count_as(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
