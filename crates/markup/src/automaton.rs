//! Content models as automata: Glushkov's construction, in which a state is the element that
//! was read last. A model that XML 1.0 (appendix E) calls deterministic has at most one
//! successor of a name in every state, so matching is a table look-up for each element.

use std::collections::{BTreeMap, BTreeSet};

/// A part of a content model.
#[derive(Debug)]
pub(crate) enum Particle {
    Name(String),
    Sequence(Vec<Particle>),
    Choice(Vec<Particle>),
    /// `?` is optional, `+` repeated, `*` both.
    Repeated {
        inner: Box<Particle>,
        is_optional: bool,
        is_many: bool,
    },
}

/// A deterministic content model.
#[derive(Debug)]
pub(crate) struct Automaton {
    states: Vec<State>,
}

#[derive(Debug, Default)]
struct State {
    next: BTreeMap<String, usize>,
    is_final: bool,
}

/// Why a model cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Two places of the model could take this element.
    Ambiguous(String),
    /// More than [`MAX_MODEL_POSITIONS`](crate::MAX_MODEL_POSITIONS) names.
    TooLarge,
}

impl Automaton {
    /// The state before any element.
    pub(crate) const START: usize = 0;

    pub(crate) fn new(model: &Particle) -> Result<Self, Refusal> {
        let mut positions = Positions::default();
        let whole = positions.add(model)?;
        let mut states = Vec::with_capacity(positions.names.len() + 1);
        states.push(positions.state(&whole.first, whole.is_nullable)?);
        for (position, follow) in positions.follow.iter().enumerate() {
            states.push(positions.state(follow, whole.last.contains(&position))?);
        }
        Ok(Self { states })
    }

    /// The state after one more element, if it may come here.
    pub(crate) fn step(&self, state: usize, name: &str) -> Option<usize> {
        self.states[state].next.get(name).copied()
    }

    /// Whether the content may end here.
    pub(crate) fn is_final(&self, state: usize) -> bool {
        self.states[state].is_final
    }

    /// Every name in the model.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        self.states.iter().flat_map(|state| state.next.keys().map(String::as_str)).collect()
    }

    /// The names that may come next, in alphabetical order.
    pub(crate) fn expected(&self, state: usize) -> Vec<&str> {
        self.states[state].next.keys().map(String::as_str).collect()
    }
}

/// The names of a model in order of writing, and which may follow which.
#[derive(Default)]
struct Positions {
    names: Vec<String>,
    follow: Vec<BTreeSet<usize>>,
}

/// What a part of a model may begin and end with, and whether it may be absent.
struct Extent {
    first: BTreeSet<usize>,
    last: BTreeSet<usize>,
    is_nullable: bool,
}

impl Extent {
    fn empty(is_nullable: bool) -> Self {
        Self { first: BTreeSet::new(), last: BTreeSet::new(), is_nullable }
    }
}

impl Positions {
    fn add(&mut self, particle: &Particle) -> Result<Extent, Refusal> {
        match particle {
            Particle::Name(name) => self.add_name(name),
            Particle::Sequence(parts) => self.add_sequence(parts),
            Particle::Choice(parts) => self.add_choice(parts),
            Particle::Repeated { inner, is_optional, is_many } => {
                let mut extent = self.add(inner)?;
                if *is_many {
                    self.connect(&extent.last, &extent.first);
                }
                extent.is_nullable |= is_optional;
                Ok(extent)
            }
        }
    }

    fn add_name(&mut self, name: &str) -> Result<Extent, Refusal> {
        if self.names.len() == crate::MAX_MODEL_POSITIONS {
            return Err(Refusal::TooLarge);
        }
        let only = BTreeSet::from([self.names.len()]);
        self.names.push(name.to_owned());
        self.follow.push(BTreeSet::new());
        Ok(Extent { first: only.clone(), last: only, is_nullable: false })
    }

    fn add_sequence(&mut self, parts: &[Particle]) -> Result<Extent, Refusal> {
        let mut whole = Extent::empty(true);
        for part in parts {
            let part = self.add(part)?;
            self.connect(&whole.last, &part.first);
            if whole.is_nullable {
                whole.first.extend(&part.first);
            }
            if !part.is_nullable {
                whole.last.clear();
            }
            whole.last.extend(&part.last);
            whole.is_nullable &= part.is_nullable;
        }
        Ok(whole)
    }

    fn add_choice(&mut self, parts: &[Particle]) -> Result<Extent, Refusal> {
        let mut whole = Extent::empty(false);
        for part in parts {
            let part = self.add(part)?;
            whole.first.extend(&part.first);
            whole.last.extend(&part.last);
            whole.is_nullable |= part.is_nullable;
        }
        Ok(whole)
    }

    fn connect(&mut self, from: &BTreeSet<usize>, to: &BTreeSet<usize>) {
        for position in from {
            self.follow[*position].extend(to);
        }
    }

    fn state(&self, successors: &BTreeSet<usize>, is_final: bool) -> Result<State, Refusal> {
        let mut next = BTreeMap::new();
        for position in successors {
            let name = &self.names[*position];
            if next.insert(name.clone(), position + 1).is_some() {
                return Err(Refusal::Ambiguous(name.clone()));
            }
        }
        Ok(State { next, is_final })
    }
}
