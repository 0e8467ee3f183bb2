//! How many questions are left from a step on, by the shape of the graph alone: whatever is
//! answered, there are not fewer and not more.

use std::fmt;

use serde::Serialize;

use crate::script::{Step, StepKind};

/// How many questions are left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Left {
    /// On the shortest path to an end.
    pub fewest: u32,
    /// On the longest.
    pub most: u32,
}

/// One number where both are the same, else both.
impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fewest == self.most {
            true => write!(f, "{}", self.most),
            false => write!(f, "{}–{}", self.fewest, self.most),
        }
    }
}

impl Left {
    fn or(self, other: Self) -> Self {
        Self { fewest: self.fewest.min(other.fewest), most: self.most.max(other.most) }
    }
}

/// Counts for each step, that of the step itself included.
pub(crate) fn count(steps: &mut [Step]) {
    for at in last_first(steps) {
        let Some(step) = steps.get(at) else { continue };
        let targets = step.next.iter().filter_map(|it| steps.get(it.target?));
        let after = targets.map(|it| it.left).reduce(Left::or).unwrap_or_default();
        let own = u32::from(matches!(step.kind, StepKind::Ask(_)));
        let left = Left { fewest: after.fewest + own, most: after.most + own };
        if let Some(step) = steps.get_mut(at) {
            step.left = left;
        }
    }
}

/// Steps by number, each after all to which it leads; those of a loop, which is a mistake, are left
/// out.
fn last_first(steps: &[Step]) -> Vec<usize> {
    let targets = |at: usize| {
        let next = steps.get(at).into_iter().flat_map(|it| &it.next);
        next.filter_map(|it| it.target)
    };
    let mut waiting: Vec<usize> = (0..steps.len()).map(|at| targets(at).count()).collect();
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); steps.len()];
    for at in 0..steps.len() {
        targets(at).for_each(|target| before[target].push(at));
    }
    let mut order: Vec<usize> = (0..steps.len()).filter(|at| waiting[*at] == 0).collect();
    let mut done = 0;
    while let Some(&at) = order.get(done) {
        done += 1;
        for &earlier in &before[at] {
            waiting[earlier] -= 1;
            if waiting[earlier] == 0 {
                order.push(earlier);
            }
        }
    }
    order
}
