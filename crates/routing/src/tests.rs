//! What the router does, told as short stories.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caruso_contact::{
    AgentId, AgentState, Channel, ContactEvent, ContactId, Event, OfferId, ReasonId, Time,
};
use caruso_markup::{Document, Dtd};
use uuid::Uuid;

use crate::{
    Action, Configuration, Decision, Domain, Input, NotTaken, Refusal, Router, Scope, Stage,
};

mod announcement;
mod callback;
mod capacity;
mod complaints;
mod consult;
mod consult_outside;
mod conversations;
mod dial;
mod hold;
mod listening;
mod lost;
mod outside;
mod overflow;
mod pause;
mod phone;
mod preference;
mod release;
mod ring_all;
mod skills;
mod supervise;
mod told;
mod transfer;
mod voicemail;
mod wrap_up;

pub(crate) use callback::asks_back;
pub(crate) use capacity::with_capacity;
pub(crate) use conversations::{reported, to_queue};
pub(crate) use dial::dial;
pub(crate) use overflow::overflowing;
pub(crate) use phone::dials;
pub(crate) use ring_all::ringing_all;
pub(crate) use skills::skills;
use told::told;

/// Three queues, of which `urgent` goes first and `expert` needs skills; team `all` serves all,
/// `calm` only that one.
pub(crate) const ROUTING: &str = r#"<!DOCTYPE routing SYSTEM "routing.dtd"><routing>
<reasons><reason id="break"><title language="en">Break</title></reason></reasons>
<skill id="gas"/><skill id="dutch"/>
<attribute name="language" values="nl en" default="nl"/>
<attribute name="grade" type="int" default="1"/>
<queue id="urgent" priority="1" music="music" script="script" maximum-length="3"
    wrap-up="required" wrap-up-time="60s"><title language="en">Urgent</title>
    <disposition id="done"><title language="en">Done</title></disposition></queue>
<queue id="calm" music="music" script="script" wrap-up-time="30s">
    <title language="en">Calm</title>
    <callback by="back" purpose="service" say="music" attempts="2" again="1m" expires="1h"/>
    <disposition id="done"><title language="en">Done</title></disposition></queue>
<queue id="expert" music="music" script="script"><title language="en">Expert</title>
    <needs when="skill.gas ge 3 and (contact.language eq 'en' or skill.dutch ge contact.grade)">
        <relax after="10s" when="skill.gas ge 2"/>
        <relax after="30s" when="skill.gas ge 1 or contact.grade gt 3"/></needs>
    <disposition id="done"><title language="en">Done</title></disposition></queue>
<team id="all" serves="urgent calm expert"/><team id="calm" serves="calm"/>
<number called="100" script="menu" fallback="calm"/>
<number called="200" script="menu" language="nl" fallback="calm"/>
<outbound country="NL" allow="+31" deny="+31900" phone-purpose="service"
    phone-agents="all"><purpose id="service" queue="calm" attempts="2">
    <title language="en">Service</title></purpose>
    <destination id="partner" number="0201234567"><title language="en">Partner</title></destination>
</outbound></routing>"#;

pub(crate) fn configuration() -> Arc<Configuration> {
    compiled(ROUTING)
}

/// Ten seconds of waiting are worth one priority, `expert` has that of the contact's grade, and
/// each queue has a strategy of its own.
pub(crate) fn aged() -> Arc<Configuration> {
    compiled(&aged_text())
}

fn aged_text() -> String {
    let text = ROUTING.replace("<routing>", "<routing age=\"10s\">");
    let queues = [
        ("expert", "priority-by=\"grade\" prefer=\"gas\" strategy=\"linear\""),
        ("calm", "strategy=\"fewest-contacts\""),
        ("urgent", "strategy=\"round-robin\""),
    ];
    let with = |text: String, (id, more): (&str, &str)| {
        text.replace(&format!("<queue id=\"{id}\""), &format!("<queue id=\"{id}\" {more}"))
    };
    queues.into_iter().fold(text, with)
}

pub(crate) fn compiled(text: &str) -> Arc<Configuration> {
    let dtd = Dtd::parse("routing.dtd", crate::DTD).expect("the DTD is sound");
    let document = Document::read("routing.xml", text, &dtd).expect("valid");
    let scope = Scope {
        scripts: ["menu", "script"].map(String::from).into(),
        prompts: ["music".to_owned()].into(),
    };
    Arc::new(crate::compile(&document, &scope).expect("it makes sense"))
}

pub(crate) fn agent(name: &str) -> AgentId {
    AgentId::new(name).expect("a name")
}

pub(crate) fn contact(number: u128) -> ContactId {
    ContactId(Uuid::from_u128(number))
}

/// A router with a clock, the log so far, and ids that count.
pub(crate) struct Desk {
    pub(crate) router: Router,
    pub(crate) now: Time,
    pub(crate) log: Vec<(Time, Event)>,
    last_id: u128,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::with(configuration())
    }

    pub(crate) fn with(configuration: Arc<Configuration>) -> Self {
        let router = Router::new(configuration, Domain::default());
        Self { router, now: Time::from_millis(1_000_000), log: Vec::new(), last_id: 1_000_000 }
    }

    /// Lets seconds pass; what is due happens.
    fn pass(&mut self, seconds: u64) -> Vec<String> {
        self.now = Time::from_millis(self.now.as_millis() + seconds * 1000);
        self.take(Input::Tick)
    }

    fn take(&mut self, input: Input) -> Vec<String> {
        let decision = self.try_take(input).expect("it can be");
        decision.effects.iter().map(|effect| told(&effect.action)).collect()
    }

    pub(crate) fn try_take(&mut self, input: Input) -> Result<Decision, Refusal> {
        let last_id = &mut self.last_id;
        let mut ids = || {
            *last_id += 1;
            Uuid::from_u128(*last_id)
        };
        let decision = self.router.handle(input, self.now, &mut ids)?;
        self.log.extend(decision.events.iter().map(|(_, event)| (self.now, event.clone())));
        Ok(decision)
    }

    fn recover(&mut self, alive: &[u128]) -> Vec<String> {
        let last_id = &mut self.last_id;
        let mut ids = || {
            *last_id += 1;
            Uuid::from_u128(*last_id)
        };
        let alive: BTreeSet<ContactId> = alive.iter().map(|number| contact(*number)).collect();
        let decision = self.router.recover(&alive, self.now, &mut ids);
        self.log.extend(decision.events.iter().map(|(_, event)| (self.now, event.clone())));
        decision.effects.iter().map(|effect| told(&effect.action)).collect()
    }

    /// Agent with phone, signed in and ready; a second passes.
    fn ready(&mut self, name: &str, team: &str) {
        let teams = vec![team.to_owned()];
        self.take(Input::PhoneRegistered { agent: agent(name) });
        self.take(Input::SignIn { agent: agent(name), teams });
        self.take(Input::SetReady { agent: agent(name) });
        self.pass(1);
    }

    /// A call that has gone through the menu into a queue; a second passes.
    fn call(&mut self, number: u128, queue: &str) -> Vec<String> {
        self.take(arrival(number));
        let effects = self.take(handed_off(number, queue));
        self.pass(1);
        effects
    }

    fn state(&self, name: &str) -> String {
        match &self.router.domain().agent(&agent(name)).expect("known").state {
            AgentState::NotReady { reason } => format!("not-ready {reason}"),
            state => match state.contact() {
                Some(contact) => format!("{} {}", state.name(), contact.0.as_u128()),
                None => state.name().to_owned(),
            },
        }
    }

    /// The offer that rings at this agent or that they talk by.
    fn offer(&self, name: &str) -> OfferId {
        let state = &self.router.domain().agent(&agent(name)).expect("known").state;
        let contact = state.contact().expect("busy with a contact");
        let known = self.router.domain().contact(contact).expect("it goes on");
        match (&known.stage, &known.consultation) {
            (_, Some(asked)) if asked.asked.is(&agent(name)) => asked.offer,
            (Stage::Offered { rings, .. }, _) => {
                let own = rings.iter().find(|it| it.agent == agent(name));
                own.expect("their phone rings").offer
            }
            (Stage::Dialling { offer, .. } | Stage::Talking { offer, .. }, _) => *offer,
            _ => panic!("offered"),
        }
    }

    fn answer(&mut self, name: &str) -> Vec<String> {
        let offer = self.offer(name);
        self.take(Input::Answered { offer })
    }

    fn dispose(&mut self, name: &str, number: u128) -> Result<Decision, Refusal> {
        self.try_take(Input::Dispose {
            agent: agent(name),
            contact: contact(number),
            disposition: "done".parse_id(),
            note: "".to_owned().into(),
        })
    }
}

trait ParseId {
    fn parse_id(&self) -> caruso_contact::DispositionId;
}

impl ParseId for str {
    fn parse_id(&self) -> caruso_contact::DispositionId {
        caruso_contact::DispositionId::new(self).expect("a name")
    }
}

pub(crate) fn arrival(number: u128) -> Input {
    Input::Arrived {
        contact: contact(number),
        calling: None,
        signalled: None,
        called: "100".into(),
        channel: Channel::Voice,
    }
}

pub(crate) fn handed_off(number: u128, queue: &str) -> Input {
    let queue = caruso_contact::QueueId::new(queue).expect("a name");
    Input::HandedOff { contact: contact(number), queue, attributes: BTreeMap::new().into() }
}

#[test]
fn a_call_goes_from_arrival_to_wrap_up() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    assert_eq!(desk.take(arrival(1)), ["start menu 1"]);
    assert_eq!(desk.take(handed_off(1, "urgent")), ["play music 1", "ring anna for 1"]);
    assert_eq!(desk.state("anna"), "offered 1");
    assert_eq!(desk.answer("anna"), ["bridge 1"]);
    assert_eq!(desk.state("anna"), "talking 1");
    assert_eq!(desk.take(Input::CallerGone { contact: contact(1) }), ["drop agent"]);
    assert_eq!(desk.state("anna"), "wrap-up 1");
    let decision = desk.dispose("anna", 1).expect("in wrap-up");
    assert_eq!(told(&decision.effects[0].action), "file 1");
    assert_eq!(desk.state("anna"), "ready");
    assert_eq!(desk.router.domain().contacts().count(), 0);
    assert_eq!(desk.router.next_deadline(), None);
}

#[test]
fn the_script_begins_in_the_language_of_the_number() {
    let mut desk = Desk::new();
    assert_eq!(desk.take(arrival(1)), ["start menu 1"]);
    let Input::Arrived { contact, calling, channel, .. } = arrival(2) else { panic!("a call") };
    let dutch = Input::Arrived { contact, calling, signalled: None, called: "200".into(), channel };
    assert_eq!(desk.take(dutch), ["start menu 2 in nl"]);
}

#[test]
fn the_agent_who_is_ready_longest_gets_the_call_and_is_told_why() {
    let mut desk = Desk::new();
    desk.ready("bram", "all");
    desk.ready("anna", "all");
    desk.ready("cees", "calm");
    assert_eq!(desk.call(1, "urgent"), ["play music 1", "ring bram for 1"]);
    desk.pass(3);
    assert_eq!(desk.call(2, "urgent"), ["play music 2", "ring anna for 2"]);
    let whys = desk.log.iter().filter_map(|(_, event)| match event {
        Event::Contact { event: ContactEvent::Offered { why, .. }, .. } => Some(why),
        _ => None,
    });
    let sentences: Vec<String> = whys
        .flat_map(|why| {
            why.sentences(&"urgent".parse_queue(), &|_| "Urgent".into(), &|agent| agent.to_string())
        })
        .collect();
    assert_eq!(
        sentences,
        [
            "The caller came straight from the queue Urgent; nobody else waits there.",
            "You have been ready longest: 3 s; anna was next: 2 s.",
            "The caller came straight from the queue Urgent; nobody else waits there.",
            "You were the only one ready: 6 s; bram's phone was ringing.",
        ]
    );
}

#[test]
fn an_unanswered_call_returns_to_the_head_of_its_queue() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.call(1, "calm");
    desk.call(2, "calm");
    assert_eq!(desk.pass(30), ["drop agent"]);
    assert_eq!(desk.state("anna"), "not-ready no-answer");
    desk.take(Input::PhoneRegistered { agent: agent("bram") });
    desk.take(Input::SignIn { agent: agent("bram"), teams: vec!["all".into()] });
    assert_eq!(desk.take(Input::SetReady { agent: agent("bram") }), ["ring bram for 1"]);
}

#[test]
fn a_phone_that_does_not_take_the_call_makes_its_agent_not_ready() {
    for (because, state) in [
        (NotTaken::Busy, "not-ready phone-busy"),
        (NotTaken::Unreachable, "not-ready phone-unreachable"),
        (NotTaken::Rejected, "not-ready rejected"),
    ] {
        let mut desk = Desk::new();
        desk.ready("anna", "all");
        desk.call(1, "calm");
        let offer = desk.offer("anna");
        assert_eq!(desk.take(Input::NotTaken { offer, because }), [""; 0]);
        assert_eq!(desk.state("anna"), state);
        assert_eq!(desk.router.length(&"calm".parse_queue(), true), 1);
    }
}

trait ParseQueue {
    fn parse_queue(&self) -> caruso_contact::QueueId;
}

impl ParseQueue for str {
    fn parse_queue(&self) -> caruso_contact::QueueId {
        caruso_contact::QueueId::new(self).expect("a name")
    }
}

#[test]
fn an_agent_declines_at_the_desk() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.call(1, "calm");
    let wrong = Input::Decline { agent: agent("anna"), contact: contact(2) };
    assert_eq!(desk.try_take(wrong), Err(Refusal::NotOffered));
    let decline = Input::Decline { agent: agent("anna"), contact: contact(1) };
    assert_eq!(desk.take(decline), ["drop agent"]);
    assert_eq!(desk.state("anna"), "not-ready rejected");
}

#[test]
fn priority_goes_first_then_arrival() {
    let mut desk = Desk::new();
    desk.call(1, "calm");
    desk.call(2, "calm");
    desk.call(3, "urgent");
    desk.ready("anna", "all");
    assert_eq!(desk.state("anna"), "offered 3");
    desk.ready("bram", "all");
    assert_eq!(desk.state("bram"), "offered 1");
}

#[test]
fn a_caller_who_hangs_up_frees_everything_at_any_moment() {
    for stage in ["ivr", "waiting", "offered", "talking"] {
        let mut desk = Desk::new();
        desk.take(arrival(1));
        if stage != "ivr" {
            desk.take(handed_off(1, "calm"));
        }
        if matches!(stage, "offered" | "talking") {
            desk.ready("anna", "calm");
        }
        if stage == "talking" {
            desk.answer("anna");
        }
        let effects = desk.take(Input::CallerGone { contact: contact(1) });
        assert_eq!(
            effects,
            match stage {
                "ivr" => vec!["file 1", "stop ivr 1"],
                "waiting" => vec!["file 1"],
                "offered" => vec!["file 1", "drop agent"],
                _ => vec!["drop agent"],
            }
        );
        desk.pass(30);
        assert_eq!(desk.router.domain().contacts().count(), 0, "{stage}");
        assert_eq!(desk.router.next_deadline(), None, "{stage}");
        if matches!(stage, "offered" | "talking") {
            assert_eq!(desk.state("anna"), "ready");
        }
    }
}

#[test]
fn an_answer_that_comes_too_late_drops_the_leg() {
    let mut desk = Desk::new();
    desk.ready("anna", "calm");
    desk.call(1, "calm");
    let offer = desk.offer("anna");
    desk.take(Input::CallerGone { contact: contact(1) });
    assert_eq!(desk.take(Input::Answered { offer }), ["drop agent"]);
    assert_eq!(desk.state("anna"), "ready");
}

#[test]
fn a_lost_phone_makes_its_agent_not_ready_but_ends_no_conversation() {
    let mut desk = Desk::new();
    desk.ready("anna", "calm");
    desk.take(Input::PhoneUnregistered { agent: agent("anna") });
    assert_eq!(desk.state("anna"), "not-ready phone-lost");
    let ready = Input::SetReady { agent: agent("anna") };
    assert_eq!(desk.try_take(ready), Err(Refusal::NoPhone));

    desk.ready("bram", "calm");
    desk.call(1, "calm");
    assert_eq!(desk.take(Input::PhoneUnregistered { agent: agent("bram") }), ["drop agent"]);
    assert_eq!(desk.state("bram"), "not-ready phone-lost");

    desk.ready("cees", "calm");
    desk.answer("cees");
    desk.take(Input::PhoneUnregistered { agent: agent("cees") });
    assert_eq!(desk.state("cees"), "talking 1");
    desk.take(Input::CallerGone { contact: contact(1) });
    desk.pass(30);
    assert_eq!(desk.state("cees"), "not-ready phone-lost");
}

#[test]
fn what_an_agent_chooses_during_a_call_comes_after_it() {
    let mut desk = Desk::new();
    desk.ready("anna", "calm");
    desk.call(1, "calm");
    desk.answer("anna");
    let reason = ReasonId::new("break").expect("a name");
    let not_ready = Input::SetNotReady { agent: agent("anna"), reason };
    desk.take(not_ready.clone());
    assert_eq!(desk.state("anna"), "talking 1");
    assert_eq!(
        desk.take(Input::HangUp { agent: agent("anna"), contact: contact(1) }),
        ["drop caller 1 hung-up", "drop agent"]
    );
    desk.dispose("anna", 1).expect("in wrap-up");
    assert_eq!(desk.state("anna"), "not-ready break");
    assert_eq!(desk.dispose("anna", 1), Err(Refusal::NotInWrapUp));
}

#[test]
fn a_full_queue_turns_the_next_caller_away() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    for number in 1..=3 {
        desk.call(number, "urgent");
    }
    assert_eq!(desk.call(4, "urgent"), ["file 4", "drop caller 4 queue-full"]);
}

#[test]
fn a_script_that_fails_or_names_an_unknown_queue_falls_back() {
    let mut desk = Desk::new();
    desk.take(arrival(1));
    assert_eq!(desk.take(Input::IvrFailed { contact: contact(1) }), ["play music 1"]);
    assert_eq!(desk.call(2, "nowhere"), ["play music 2"]);
    assert_eq!(desk.router.length(&"calm".parse_queue(), true), 2);
    desk.take(arrival(3));
    assert_eq!(
        desk.take(Input::IvrFinished { contact: contact(3) }),
        ["file 3", "drop caller 3 finished"]
    );
}

#[test]
fn waiting_and_talking_have_an_end() {
    let mut desk = Desk::new();
    desk.call(1, "calm");
    assert_eq!(desk.pass(3600), ["file 1", "drop caller 1 waited-too-long"]);
    desk.ready("anna", "all");
    desk.call(2, "calm");
    desk.answer("anna");
    assert_eq!(desk.pass(4 * 3600), ["drop caller 2 talked-too-long", "drop agent"]);
    assert_eq!(desk.state("anna"), "wrap-up 2");
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    let before = (desk.router.domain().clone(), desk.log.len());
    let nobody = agent("nobody");
    let reason = ReasonId::new("lunch").expect("a name");
    let unknown_number = Input::Arrived {
        contact: contact(9),
        calling: None,
        signalled: None,
        called: "101".into(),
        channel: Channel::Voice,
    };
    let sign_in = Input::SignIn { agent: nobody.clone(), teams: vec!["night".into()] };
    for (input, refusal) in [
        (unknown_number, Refusal::UnknownNumber),
        (sign_in, Refusal::NoAgent),
        (Input::SetReady { agent: nobody }, Refusal::NotSignedIn),
        (Input::SetNotReady { agent: agent("anna"), reason }, Refusal::UnknownReason),
        (Input::HangUp { agent: agent("anna"), contact: contact(1) }, Refusal::NotTalking),
    ] {
        assert_eq!(desk.try_take(input), Err(refusal));
    }
    assert_eq!((desk.router.domain().clone(), desk.log.len()), before);
    desk.call(1, "calm");
    let sign_out = Input::SignOut { agent: agent("anna") };
    assert_eq!(desk.try_take(sign_out), Err(Refusal::InContact));
}

#[test]
fn after_a_crash_the_order_and_the_agents_are_as_they_were() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.ready("bram", "all");
    desk.call(1, "calm");
    desk.answer("anna");
    for (number, queue) in [(2, "calm"), (3, "calm"), (4, "urgent"), (5, "calm")] {
        desk.call(number, queue);
    }
    let mut replayed = Router::new(configuration(), Domain::default());
    for (at, event) in &desk.log {
        replayed.apply(*at, event);
    }
    assert_eq!(replayed.domain(), desk.router.domain());
    assert_eq!(desk.state("bram"), "offered 2");

    desk.router = replayed;
    let effects = desk.recover(&[2, 3, 4]);
    assert_eq!(
        effects,
        ["play music 2", "play music 3", "play music 4", "file 5", "ring bram for 4"]
    );
    assert_eq!(desk.state("anna"), "wrap-up 1");
    desk.ready("cees", "all");
    assert_eq!(desk.state("cees"), "offered 2");
}

#[test]
fn a_snapshot_is_as_good_as_the_log() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    for number in 1..=3 {
        desk.call(number, "urgent");
    }
    desk.answer("anna");
    let json = serde_json::to_string(desk.router.domain()).expect("it has a JSON form");
    let read: Domain = serde_json::from_str(&json).expect("its own form");
    assert_eq!(&read, desk.router.domain());
}
