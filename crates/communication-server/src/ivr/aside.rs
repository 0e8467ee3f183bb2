//! Scripts that talk with somebody who waits.

use caruso_api::storage::v1::{Value, value};
use caruso_contact::Time;
use caruso_routing::Wait;
use serde::{Deserialize, Serialize};

/// A script talks with somebody who waits.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Aside {
    /// What it is to tell of the wait, if that is what it is for.
    pub(crate) wait: Option<Wait>,
}

impl Aside {
    /// What the script gets: the place in line, and between how many and how many minutes it is
    /// likely to take, where that is known.
    pub(super) fn facts(&self) -> impl Iterator<Item = (String, Value)> + use<> {
        let position = self.wait.map(|wait| ("position", wait.position));
        let minutes = self.wait.and_then(|wait| {
            let estimate = wait.estimate?;
            let seconds = |until: Time| until.since(wait.at).as_secs();
            let at_most = seconds(estimate.until).div_ceil(60).max(1);
            Some([("wait_at_least", seconds(estimate.from) / 60), ("wait_at_most", at_most)])
        });
        position.into_iter().chain(minutes.into_iter().flatten()).map(|(name, number)| {
            let kind = value::Kind::Integer(i64::try_from(number).unwrap_or(i64::MAX));
            (name.to_owned(), Value { kind: Some(kind) })
        })
    }
}

#[cfg(test)]
mod tests {
    use caruso_contact::Estimate;

    use super::*;

    fn facts(wait: Option<Wait>) -> Vec<(String, i64)> {
        let number = |value: Value| match value.kind {
            Some(value::Kind::Integer(number)) => number,
            other => panic!("a number, not {other:?}"),
        };
        Aside { wait }.facts().map(|(name, value)| (name, number(value))).collect()
    }

    #[test]
    fn minutes_are_rounded_to_the_outside() {
        let at = |seconds: u64| Time::from_millis(seconds * 1_000);
        let (now, named) = (at(1_000), |name: &str, number| (name.to_owned(), number));
        let wait = |from, until| {
            let estimate = Estimate { from: at(from), expected: at(until), until: at(until) };
            Some(Wait { at: now, position: 3, estimate: Some(estimate) })
        };
        assert_eq!(
            facts(wait(1_000 + 179, 1_000 + 301)),
            [named("position", 3), named("wait_at_least", 2), named("wait_at_most", 6)]
        );
        let soon = facts(wait(900, 1_000));
        assert_eq!(soon[1..], [named("wait_at_least", 0), named("wait_at_most", 1)]);
        let unknown = Some(Wait { at: now, position: 1, estimate: None });
        assert_eq!(facts(unknown), [named("position", 1)]);
        assert_eq!(facts(None), [], "it is asked something else");
    }
}
