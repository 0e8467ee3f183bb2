//! Who waits and who is ready, of one queue.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;

use caruso_contact::AgentId;

use super::{Demand, Levels, Rank, has_room};
use crate::Needs;
use crate::ongoing::Place;

/// Most verdicts that a queue keeps; then it forgets them all.
const MAX_VERDICTS: usize = 4096;

/// Who waits and who is ready, of one queue.
#[derive(Clone, Debug, Default)]
pub(super) struct Hall {
    pub(super) waiting: BTreeMap<Demand, BTreeSet<Place>>,
    /// For whom phones ring that more may join, with what they ask for.
    pub(super) ringing: BTreeMap<Place, Demand>,
    /// Who can be offered something, by how much they have already and what they can.
    pub(super) ready: BTreeMap<(u8, Levels), BTreeSet<Rank>>,
    /// Signed in and not ready.
    pub(super) busy: BTreeSet<AgentId>,
    pub(super) calls: usize,
    pub(super) conversations: usize,
    /// Whether somebody came since it was last found that nobody here can be offered to anybody.
    pub(super) is_open: bool,
    verdicts: Verdicts,
}

/// What came of earlier evaluations: the part that is not met, or nothing.
#[derive(Clone, Debug, Default)]
struct Verdicts {
    known: BTreeMap<Demand, BTreeMap<Levels, Option<Arc<str>>>>,
    count: usize,
}

/// Whether agents can take a contact.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Fit,
    /// What they have leaves no room for it.
    NoRoom,
    /// They do not meet this part of the requirement.
    Unmet(Arc<str>),
}

/// Everybody of a queue, as seen from a contact: at most so many of each as were asked for.
#[derive(Debug, Default)]
pub(crate) struct Surroundings {
    /// Agents who could take it, best first.
    pub(crate) candidates: Vec<Rank>,
    /// How many there are.
    pub(crate) all_candidates: usize,
    /// Agents who can be offered something and not this: who do not meet the requirement, with the
    /// part that they do not meet, and who have no room for it beside what they have.
    pub(crate) unfit: Vec<(AgentId, Option<Arc<str>>)>,
    /// Signed-in agents who are not ready, by name.
    pub(crate) busy: Vec<AgentId>,
    /// How many are signed in and cannot take it.
    pub(crate) all_excluded: usize,
}

impl Hall {
    pub(super) fn is_served(&self) -> bool {
        !self.ready.is_empty() || !self.busy.is_empty()
    }

    pub(super) fn room(&mut self, is_call: bool) -> &mut usize {
        if is_call { &mut self.calls } else { &mut self.conversations }
    }

    pub(super) fn first_match<'a>(
        &mut self,
        needs: Option<&Needs>,
        ready: impl Fn(&AgentId) -> Option<&'a Rank>,
    ) -> Option<(Place, AgentId)> {
        if self.ready.is_empty() {
            return None;
        }
        let first = |(demand, places): (&Demand, &BTreeSet<Place>)| {
            places.first().map(|place| (place.clone(), demand.clone()))
        };
        let mut firsts: Vec<(Place, Demand)> = self.waiting.iter().filter_map(first).collect();
        firsts.sort();
        firsts.into_iter().find_map(|(place, demand)| {
            if let Some(agent) = &demand.agent {
                let rank = ready(agent).filter(|rank| rank.has_room_for(&demand));
                return rank.map(|rank| (place, rank.agent.clone()));
            }
            Some((place, self.best(needs, &demand)?))
        })
    }

    /// The first contact that one more phone may ring for, and whose.
    pub(super) fn first_joining(&mut self, needs: Option<&Needs>) -> Option<(Place, AgentId)> {
        if self.ready.is_empty() {
            return None;
        }
        let ringing: Vec<(Place, Demand)> =
            self.ringing.iter().map(|(place, demand)| (place.clone(), demand.clone())).collect();
        ringing.into_iter().find_map(|(place, demand)| Some((place, self.best(needs, &demand)?)))
    }

    /// The first of the ready agents whom a contact needs.
    fn best(&mut self, needs: Option<&Needs>, demand: &Demand) -> Option<AgentId> {
        let groups = split(&self.ready, &mut self.verdicts, needs, demand);
        let best = groups.filter(|(_, verdict)| *verdict == Verdict::Fit);
        best.filter_map(|(ranks, _)| ranks.first()).min().map(|rank| rank.agent.clone())
    }

    /// Everybody as seen from a contact for whom one agent alone will do.
    pub(super) fn around_one(&self, rank: Option<&Rank>, limit: usize) -> Surroundings {
        Surroundings {
            candidates: rank.into_iter().cloned().collect(),
            all_candidates: usize::from(rank.is_some()),
            unfit: Vec::new(),
            busy: self.busy.iter().take(limit).cloned().collect(),
            all_excluded: self.busy.len(),
        }
    }

    pub(super) fn around(
        &mut self,
        needs: Option<&Needs>,
        demand: &Demand,
        limit: usize,
    ) -> Surroundings {
        let (mut fit, mut unfit) = (Vec::new(), Vec::new());
        for (ranks, verdict) in split(&self.ready, &mut self.verdicts, needs, demand) {
            match verdict {
                Verdict::Fit => fit.push((ranks, ())),
                Verdict::NoRoom => unfit.push((ranks, None)),
                Verdict::Unmet(unmet) => unfit.push((ranks, Some(unmet))),
            }
        }
        let all_unfit: usize = unfit.iter().map(|(ranks, _)| ranks.len()).sum();
        let named = |(rank, unmet): (&Rank, &Option<Arc<str>>)| (rank.agent.clone(), unmet.clone());
        Surroundings {
            candidates: merged(&fit, limit).map(|(rank, ())| rank.clone()).collect(),
            all_candidates: fit.iter().map(|(ranks, ())| ranks.len()).sum(),
            unfit: merged(&unfit, limit).map(named).collect(),
            busy: self.busy.iter().take(limit).cloned().collect(),
            all_excluded: all_unfit + self.busy.len(),
        }
    }
}

impl Verdicts {
    /// Those about a demand; forgets all of them first where they are too many.
    fn about(&mut self, demand: &Demand) -> (&mut BTreeMap<Levels, Option<Arc<str>>>, &mut usize) {
        if self.count > MAX_VERDICTS {
            *self = Self::default();
        }
        (self.known.entry(demand.clone()).or_default(), &mut self.count)
    }
}

/// The groups of ready agents, each with the part of the requirement that they do not meet.
fn split<'a>(
    ready: &'a BTreeMap<(u8, Levels), BTreeSet<Rank>>,
    verdicts: &'a mut Verdicts,
    needs: Option<&'a Needs>,
    demand: &'a Demand,
) -> impl Iterator<Item = (&'a BTreeSet<Rank>, Verdict)> {
    let mut known = needs.map(|needs| (needs, verdicts.about(demand)));
    ready.iter().map(move |((load, levels), ranks)| {
        if !has_room(*load, demand.points) {
            return (ranks, Verdict::NoRoom);
        }
        let Some((needs, (known, count))) = &mut known else { return (ranks, Verdict::Fit) };
        if let Some(verdict) = known.get(levels) {
            return (ranks, verdict.clone().map_or(Verdict::Fit, Verdict::Unmet));
        }
        let unmet = needs.unmet(demand.step, levels, &demand.values).map(|part| part.when.clone());
        known.insert(Arc::clone(levels), unmet.clone());
        **count += 1;
        (ranks, unmet.map_or(Verdict::Fit, Verdict::Unmet))
    })
}

/// The first ranks of several groups, in order, each with what is said of its group.
fn merged<'a, T>(
    groups: &'a [(&'a BTreeSet<Rank>, T)],
    limit: usize,
) -> impl Iterator<Item = (&'a Rank, &'a T)> {
    let mut rests: Vec<_> = groups.iter().map(|(ranks, _)| ranks.iter()).collect();
    let firsts = rests.iter_mut().enumerate();
    let firsts = firsts.filter_map(|(group, rest)| Some(Reverse((rest.next()?, group))));
    let mut heads: BinaryHeap<_> = firsts.collect();
    let next = move || {
        let Reverse((rank, group)) = heads.pop()?;
        heads.extend(rests[group].next().map(|next| Reverse((next, group))));
        Some((rank, &groups[group].1))
    };
    std::iter::from_fn(next).take(limit)
}
