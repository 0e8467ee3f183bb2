//! What one decision of the router costs, agents and waiting callers being many.
//!
//! CPU time of this thread; each round decides the same in copies of one state. Every line
//! `figure …` is one that `cargo xtask bench routing` prints beside its goal.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use caruso_contact::{
    AgentId, AgentState, Channel, ContactId, DispositionId, OfferId, Proficiency, QueueId, SkillId,
    Skills, Time,
};
use caruso_markup::{Document, Dtd};
use caruso_routing::{Action, Configuration, Domain, Input, Router, Scope};
use rustix::time::{ClockId, clock_gettime};
use uuid::Uuid;

const ROUNDS: usize = 101;
/// Copies that are decided in within one round.
const COPIES: u32 = 10;
const WAITING: u128 = 60;

const ROUTING: &str = r#"<!DOCTYPE routing SYSTEM "routing.dtd"><routing>
<reasons><reason id="break"><title language="en">Break</title></reason></reasons>
<skill id="gas"/><skill id="dutch"/><attribute name="language" values="nl en" default="nl"/>
<queue id="urgent" priority="1" music="music" script="script" maximum-length="1000"
    wrap-up="required" wrap-up-time="60s"><title language="en">Urgent</title>
    <needs when="skill.gas ge 2 and (contact.language eq 'en' or skill.dutch ge 2)">
        <relax after="30s" when="skill.gas ge 1"/></needs>
    <disposition id="done"><title language="en">Done</title></disposition></queue>
<queue id="calm" music="music" script="script" maximum-length="1000" wrap-up-time="30s">
    <title language="en">Calm</title>
    <disposition id="done"><title language="en">Done</title></disposition></queue>
<team id="all" serves="urgent calm"/><team id="calm" serves="calm"/>
<number called="100" script="menu" fallback="calm"/></routing>"#;

fn main() {
    for agents in [180, 10_000] {
        freed(agents);
        arriving(agents);
    }
}

/// An agent closes wrap-up while all others whom callers need talk and callers wait: the first of
/// them is offered.
fn freed(agents: usize) {
    let mut floor = Floor::new(agents);
    let talking = (0..agents).filter(|number| is_needed(*number)).count() as u128;
    (0..talking).for_each(|number| floor.arrive(number));
    (0..WAITING).for_each(|number| floor.arrive(talking + number));
    floor.take(Input::CallerGone { contact: contact(0) });
    let agent = floor.in_wrap_up();
    let disposition = DispositionId::new("done").expect("a name");
    let note = String::new().into();
    let input = Input::Dispose { agent, contact: contact(0), disposition, note };
    floor.measure(&input, &format!("routing.freed_{agents}_us"));
}

/// A caller comes into a queue all of whose agents are ready: the longest ready of those whom they
/// need gets the offer. One of the same kind came before.
fn arriving(agents: usize) {
    let mut floor = Floor::new(agents);
    floor.arrive(1);
    floor.take(Input::CallerGone { contact: contact(1) });
    floor.take(arrived(0));
    floor.measure(&handed_off(0), &format!("routing.arriving_{agents}_us"));
}

/// A router with a clock and ids that count.
#[derive(Clone)]
struct Floor {
    router: Router,
    now: u64,
    last_id: u128,
}

impl Floor {
    /// All of these agents are ready, with skills of all levels; every third one serves the calm
    /// queue only.
    fn new(agents: usize) -> Self {
        let router = Router::new(configuration(), Domain::default());
        let mut floor = Self { router, now: 1_000_000, last_id: 1 << 64 };
        for number in 0..agents {
            let agent = AgentId::new(&format!("agent-{number}")).expect("a name");
            let team = if is_for_all(number) { "all" } else { "calm" };
            floor.take(Input::PhoneRegistered { agent: agent.clone() });
            floor.take(Input::SkillsKnown { agent: agent.clone(), skills: skills(number) });
            floor.take(Input::SignIn { agent: agent.clone(), teams: vec![team.to_owned()] });
            floor.take(Input::SetReady { agent });
        }
        floor
    }

    /// The offer that the input led to, if it did.
    fn take(&mut self, input: Input) -> Option<OfferId> {
        self.now += 1;
        let last_id = &mut self.last_id;
        let mut ids = || {
            *last_id += 1;
            Uuid::from_u128(*last_id)
        };
        let decision = self.router.handle(input, Time::from_millis(self.now), &mut ids);
        let effects = decision.expect("it can be").effects;
        effects.iter().find_map(|effect| match effect.action {
            Action::Ring { offer, .. } => Some(offer),
            _ => None,
        })
    }

    /// A caller comes and, where an agent is ready, talks.
    fn arrive(&mut self, number: u128) {
        self.take(arrived(number));
        if let Some(offer) = self.take(handed_off(number)) {
            self.take(Input::Answered { offer });
        }
    }

    fn in_wrap_up(&self) -> AgentId {
        let mut agents = self.router.domain().agents();
        let found = agents.find(|(_, agent)| matches!(agent.state, AgentState::WrapUp { .. }));
        found.expect("somebody just finished").0.clone()
    }

    /// Prints the least and the median of the rounds. The decision must be one that offers.
    fn measure(&self, input: &Input, figure: &str) {
        assert!(self.clone().take(input.clone()).is_some(), "{figure}: nothing was offered");
        let mut rounds: Vec<f64> = (0..ROUNDS).map(|_| self.round(input)).collect();
        rounds.sort_by(f64::total_cmp);
        let (least, median) = (rounds[0], rounds[ROUNDS / 2]);
        println!("{figure}: {least:.2} at best, {median:.2} in the middle of {ROUNDS} rounds");
        println!("figure {figure} {median} {}", ROUNDS * COPIES as usize);
    }

    fn round(&self, input: &Input) -> f64 {
        let mut copies: Vec<Self> = (0..COPIES).map(|_| self.clone()).collect();
        let inputs: Vec<Input> = (0..COPIES).map(|_| input.clone()).collect();
        let before = cpu();
        for (floor, input) in copies.iter_mut().zip(inputs) {
            black_box(floor.take(input));
        }
        (cpu() - before).as_secs_f64() * 1e6 / f64::from(COPIES)
    }
}

fn is_for_all(agent: usize) -> bool {
    agent % 3 != 2
}

/// Both from 0 to 5, in all combinations.
fn levels(agent: usize) -> [u8; 2] {
    [agent % 6, agent / 6 % 6].map(|level| level as u8)
}

fn skills(agent: usize) -> Skills {
    let named = ["gas", "dutch"].into_iter().zip(levels(agent));
    let skill =
        |(name, level)| Some((SkillId::new(name).ok()?, Proficiency::try_from(level).ok()?));
    named.filter_map(skill).collect()
}

fn is_needed(agent: usize) -> bool {
    is_for_all(agent) && levels(agent).into_iter().all(|level| level > 1)
}

fn contact(number: u128) -> ContactId {
    ContactId(Uuid::from_u128(number))
}

fn arrived(number: u128) -> Input {
    let (calling, called) = (Some("0612345678".to_owned().into()), "100".to_owned());
    Input::Arrived {
        contact: contact(number),
        calling,
        signalled: None,
        called,
        channel: Channel::Voice,
    }
}

fn handed_off(number: u128) -> Input {
    let queue = QueueId::new("urgent").expect("a name");
    let attributes = BTreeMap::from([("topic".to_owned(), "fault".to_owned())]).into();
    Input::HandedOff { contact: contact(number), queue, attributes }
}

fn configuration() -> Arc<Configuration> {
    let dtd = Dtd::parse("routing.dtd", caruso_routing::DTD).expect("the DTD is sound");
    let document = Document::read("routing.xml", ROUTING, &dtd).expect("valid");
    let scope = Scope {
        scripts: ["menu", "script"].map(String::from).into(),
        prompts: ["music".to_owned()].into(),
    };
    Arc::new(caruso_routing::compile(&document, &scope).expect("it makes sense"))
}

/// CPU time that this thread has used.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
