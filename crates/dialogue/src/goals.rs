//! Goals: what a conversation is to achieve, as the path that counts has it.

use crate::script::{Step, StepKind};
use crate::walk::{Stop, Walk};

/// The goals that are reached on the path, each once, in its order. That of a last step counts when
/// the path comes to it.
pub(crate) fn reached(walk: &Walk<'_>) -> Vec<String> {
    let mut goals = Vec::new();
    for passed in &walk.path {
        let taken = passed.tried.checked_sub(1).and_then(|it| passed.step.next.get(it));
        let both = [passed.step.goal.as_ref(), taken.and_then(|it| it.goal.as_ref())];
        goals.extend(both.into_iter().flatten());
    }
    if walk.stop == Stop::Here && is_last(walk.step) {
        goals.extend(walk.step.goal.as_ref());
    }
    let mut each: Vec<String> = Vec::new();
    for goal in goals {
        if !each.contains(goal) {
            each.push(goal.clone());
        }
    }
    each
}

fn is_last(step: &Step) -> bool {
    matches!(step.kind, StepKind::End { .. } | StepKind::HandOff { .. })
}
