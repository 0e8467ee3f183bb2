//! How many questions are left from a step on, by the shape of the graph alone: whatever is
//! answered, there are not fewer and not more.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::rows::Rows;
use crate::script::{Step, StepKind};

/// How many questions are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Left {
    /// On the shortest path to an end.
    pub fewest: u32,
    /// On the longest; nothing where nobody knows how many rows a roster will have.
    pub most: Option<u32>,
}

impl Default for Left {
    fn default() -> Self {
        Self { fewest: 0, most: Some(0) }
    }
}

/// One number where both are the same, else both; `3+` where there is no greatest.
impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.most {
            Some(most) if most == self.fewest => write!(f, "{most}"),
            Some(most) => write!(f, "{}–{most}", self.fewest),
            None => write!(f, "{}+", self.fewest),
        }
    }
}

impl Left {
    /// At a question, which is left itself.
    pub(crate) fn at_question(self) -> Self {
        Self { fewest: self.fewest.max(1), ..self }
    }

    /// Both are asked.
    pub(crate) fn and(self, other: Self) -> Self {
        let most = self.most.zip(other.most).map(|(one, other)| one.saturating_add(other));
        Self { fewest: self.fewest.saturating_add(other.fewest), most }
    }

    fn or(self, other: Self) -> Self {
        let most = self.most.zip(other.most).map(|(one, other)| one.max(other));
        Self { fewest: self.fewest.min(other.fewest), most }
    }
}

/// Counts for each step, that of the step itself included.
pub(crate) fn count(steps: &mut [Step]) {
    let rosters = steps.iter().filter_map(|it| match &it.kind {
        StepKind::Row(roster) => roster.another_at,
        _ => None,
    });
    // it is not asked of each row
    let others: BTreeSet<usize> = rosters.collect();
    for at in last_first(steps) {
        let Some(step) = steps.get(at) else { continue };
        let targets = step.next.iter().filter_map(|it| steps.get(it.target?));
        let after = targets.map(|it| it.left).reduce(Left::or).unwrap_or_default();
        let left = match &step.kind {
            StepKind::Row(roster) => {
                let rows = match roster.rows {
                    Rows::Added { min, .. } => u32::try_from(min).unwrap_or(u32::MAX),
                    _ => 0,
                };
                let behind = steps.get(roster.rows_at).map(|it| it.left).unwrap_or_default();
                let in_row = after.fewest.saturating_sub(behind.fewest);
                let fewest = behind.fewest.saturating_add(in_row.saturating_mul(rows));
                Left { fewest, most: None }
            }
            _ => {
                let is_another = others.contains(&at);
                let own = u32::from(matches!(step.kind, StepKind::Ask(_)) && !is_another);
                let most = after.most.filter(|_| step.rosters.is_empty()).map(|it| it + own);
                Left { fewest: after.fewest.saturating_add(own), most }
            }
        };
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
