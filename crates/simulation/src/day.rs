//! A day of a small centre with everything that happens in one, for tests: a router that is told
//! what happens, and the log that comes of it.

use std::sync::Arc;

use caruso_contact::{
    AgentId, Channel, ContactEvent, ContactId, DestinationId, DispositionId, Event, OfferId,
    PurposeId, QueueId, ReasonId, ScriptId, SkillId, Time,
};
use caruso_markup::{Document, Dtd};
use caruso_routing::{
    AtPhone, Configuration, Conversation, Decision, Destination, Domain, Input, KnownOfNumber,
    Listed, NotReached, NotTaken, Router, Scope, Stand,
};
use proptest::prelude::*;
use uuid::Uuid;

use crate::recording::{Recorded, Recording};

pub(crate) const AGENTS: [&str; 4] = ["anna", "bram", "cees", "dirk"];

pub(crate) const ROUTING: &str = r#"<!DOCTYPE routing SYSTEM "routing.dtd"><routing age="10s">
<reasons><reason id="break"><title language="en">Break</title></reason></reasons>
<pause after="rejected" for="5s"/>
<capacity channel="voice" points="60"/><capacity channel="web" points="40"/>
<skill id="gas"/>
<attribute name="language" values="nl en" default="nl"/>
<attribute name="grade" type="int" default="1"/>
<queue id="urgent" priority="1" music="music" script="script" maximum-length="3"
    wrap-up="required" wrap-up-time="60s" strategy="round-robin">
    <title language="en">Urgent</title><overflow on="full" to="calm"/>
    <disposition id="done"><title language="en">Done</title></disposition></queue>
<queue id="calm" music="music" script="script" wrap-up="optional" wrap-up-time="30s">
    <title language="en">Calm</title><preferred-agent for="20s" by="manager" within="1h"/>
    <callback by="back" purpose="service" say="music" offer="music" key="2" script="script"
        attempts="2" again="1m" expires="1h"/>
    <announcement script="menu" after="15s" every="25s"/>
    <disposition id="done"><title language="en">Done</title></disposition></queue>
<queue id="expert" music="music" script="script" priority-by="grade" strategy="ring-all">
    <title language="en">Expert</title>
    <needs when="skill.gas ge 3 and contact.language eq 'en'">
        <relax after="10s" when="skill.gas ge 2"/></needs>
    <overflow on="wait" after="45s" to="urgent"/><overflow on="unserved" to="calm"/>
    <disposition id="done"><title language="en">Done</title></disposition></queue>
<team id="all" serves="urgent calm expert"/><team id="calm" serves="calm"/>
<number called="100" script="menu" fallback="calm"/>
<outbound country="NL" allow="+31" deny="+31900" phone-purpose="service"
    phone-agents="all"><purpose id="service" queue="calm" attempts="9">
    <title language="en">Service</title></purpose>
    <destination id="partner" number="0201234567"><title language="en">Partner</title></destination>
</outbound></routing>"#;

/// The same, where who has waited in `calm` for 40 s leaves a message.
pub(crate) fn with_voicemail() -> String {
    let after = "every=\"25s\"/>";
    let voicemail = "<voicemail say=\"music\" keep=\"1h\"/>\
        <overflow on=\"wait\" after=\"40s\" take=\"message\"/>";
    ROUTING.replace(after, &format!("{after}{voicemail}"))
}

pub(crate) fn compiled(text: &str) -> Arc<Configuration> {
    let dtd = Dtd::parse("routing.dtd", caruso_routing::DTD).expect("the DTD is sound");
    let document = Document::read("routing.xml", text, &dtd).expect("valid");
    let scope = Scope {
        scripts: ["menu", "script"].map(String::from).into(),
        prompts: ["music".to_owned()].into(),
    };
    Arc::new(caruso_routing::compile(&document, &scope).expect("it makes sense"))
}

pub(crate) fn agent(name: &str) -> AgentId {
    AgentId::new(name).expect("a name")
}

pub(crate) fn contact(number: u128) -> ContactId {
    ContactId(Uuid::from_u128(number))
}

/// A router with its clock and its log.
pub(crate) struct Day {
    pub(crate) router: Router,
    pub(crate) now: Time,
    pub(crate) log: Recording,
    last_id: u128,
    contacts: u128,
}

impl Day {
    pub(crate) fn new(text: &str) -> Self {
        let router = Router::new(compiled(text), Domain::default());
        let now = Time::from_millis(1_000_000);
        Self { router, now, log: Recording::default(), last_id: 1 << 64, contacts: 0 }
    }

    pub(crate) fn pass(&mut self, millis: u64) {
        self.now = Time::from_millis(self.now.as_millis() + millis);
        self.take(Input::Tick);
    }

    pub(crate) fn take(&mut self, input: Input) -> bool {
        let last_id = &mut self.last_id;
        let mut ids = || {
            *last_id += 1;
            Uuid::from_u128(*last_id)
        };
        let decision = self.router.handle(input, self.now, &mut ids);
        decision.map(|decision| self.record(decision)).is_ok()
    }

    pub(crate) fn restart(&mut self) {
        let last_id = &mut self.last_id;
        let mut ids = || {
            *last_id += 1;
            Uuid::from_u128(*last_id)
        };
        let decision = self.router.recover(&Default::default(), self.now, &mut ids);
        self.record(decision);
    }

    fn record(&mut self, decision: Decision) {
        for (id, event) in decision.events {
            // as it comes out of an export: nothing personal is left
            let event = serde_json::from_value(event.stripped()).expect("it reads back");
            let position = self.log.events.len() as u64 + 1;
            let (at, release) = (self.now, "sha256:1".to_owned());
            self.log.events.push(Recorded { position, id, at, release, event });
        }
    }

    pub(crate) fn arrive(&mut self, queue: &str, which: usize) {
        self.contacts += 1;
        let contact = contact(self.contacts);
        let calling = Some("0612345678".to_owned().into());
        let attributes =
            [("language", ["nl", "en"][which % 2]), ("grade", ["0", "4"][which / 2 % 2])];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut attributes = std::collections::BTreeMap::from(attributes);
        if which % 4 == 3 {
            attributes.insert("manager".to_owned(), AGENTS[which / 4 % AGENTS.len()].to_owned());
        }
        if which % 6 == 5 {
            attributes.insert("back".to_owned(), "0612345678".to_owned());
        }
        let attributes = attributes.into();
        let queue = QueueId::new(queue).expect("a name");
        if which % 5 == 4 {
            let script = ScriptId::new("script").expect("a name");
            let conversation = Conversation { channel: Channel::Web, calling, script };
            let answers = Vec::new().into();
            let report =
                |stand| Input::Reported { contact, conversation: conversation.clone(), stand };
            self.take(report(Stand::GoesOn));
            self.take(report(Stand::HandedOff { queue, attributes, answers }));
        } else {
            let (called, channel) = ("100".to_owned(), Channel::Voice);
            self.take(Input::Arrived { contact, calling, signalled: None, called, channel });
            if which % 3 == 1 {
                let (agent, at) = (agent(AGENTS[which / 3 % AGENTS.len()]), self.now);
                self.take(Input::Acquainted { contact, agent, at });
            }
            if which % 7 == 6 {
                self.take(Input::IvrFailed { contact });
            } else if which % 11 != 10 {
                self.take(Input::HandedOff { contact, queue, attributes });
            }
        }
    }

    fn last_offer(&self, back: usize) -> Option<OfferId> {
        let mut offers = self.log.events.iter().rev().filter_map(|it| match &it.event {
            Event::Contact {
                event:
                    ContactEvent::Offered { offer, .. }
                    | ContactEvent::Dialled { offer, .. }
                    | ContactEvent::OutsideCalled { offer, .. }
                    | ContactEvent::ConsultationAsked { offer, .. },
                ..
            } => Some(*offer),
            _ => None,
        });
        offers.nth(back)
    }

    pub(crate) fn run(&mut self, op: &Op) {
        let Op { kind, which } = *op;
        let other = agent(AGENTS[which / AGENTS.len() % AGENTS.len()]);
        let agent = agent(AGENTS[which % AGENTS.len()]);
        let state = self.router.domain().agent(&agent).map(|it| it.state.clone());
        let theirs = state.and_then(|state| state.contact()).unwrap_or(contact(999));
        let note = "Jansen".to_owned();
        match kind {
            0..6 => return self.pass(which as u64 * 700),
            6..12 => return self.arrive(["calm", "urgent", "expert", "gone"][which % 4], which),
            12 if which == 0 => return self.restart(),
            _ => {}
        }
        let offer = self.last_offer(which % 3);
        let input = match kind {
            13 => Some(Input::PhoneRegistered { agent }),
            14 => {
                let team = if which.is_multiple_of(3) { "calm" } else { "all" };
                Some(Input::SignIn { agent, teams: vec![team.to_owned()] })
            }
            15 if which.is_multiple_of(4) => {
                let team = if which.is_multiple_of(8) { "calm" } else { "all" };
                Some(Input::TeamsKnown { agent, teams: vec![team.to_owned()] })
            }
            15..18 => Some(Input::SetReady { agent }),
            18 => ReasonId::new("break").ok().map(|reason| Input::SetNotReady { agent, reason }),
            19 => Some(Input::SignOut { agent }),
            20 => Some(Input::PhoneUnregistered { agent }),
            21 => Some(Input::Decline { agent, contact: theirs }),
            22 => Some(Input::HangUp { agent, contact: theirs }),
            23 | 24 => DispositionId::new("done").ok().map(|disposition| Input::Dispose {
                agent,
                contact: theirs,
                disposition,
                note: note.into(),
            }),
            25..28 => offer.map(|offer| self.answered(offer, which)),
            28 => {
                let gas = SkillId::new("gas").expect("a name");
                let level = (which as u8 % 5 + 1).try_into().expect("1 to 5");
                Some(Input::SkillsKnown { agent, skills: [(gas, level)].into() })
            }
            29..42 => self.of_contact(kind, which, (agent, other, theirs)),
            42 => self.dial(agent, theirs, which),
            43 => Some(Input::CustomerAnswered { contact: theirs }),
            44 => {
                let because = [NotReached::Busy, NotReached::NoAnswer, NotReached::Congestion];
                Some(Input::CustomerNotReached { contact: theirs, because: because[which % 3] })
            }
            45..48 => Some(self.of_customer(kind, which)),
            48 => Some(Input::Accept { agent, contact: theirs }),
            49 => {
                let length = (!which.is_multiple_of(4)).then_some(12_000);
                Some(Input::Recorded { contact: self.some_contact(which), length })
            }
            54 => {
                let because = [NotReached::Busy, NotReached::NoAnswer, NotReached::Unreachable];
                let because = because[which % 3];
                offer.map(|offer| Input::OutsideNotReached { offer, because })
            }
            50..53 => Some(Input::AtPhone(self.at_phone(kind, agent, which))),
            53 => {
                let line = OfferId(Uuid::from_u128(2_000_000 + self.log.events.len() as u128));
                let (contact, colleague) = (theirs, other);
                Some(Input::AtPhone(AtPhone::Consults { agent, contact, colleague, line }))
            }
            _ => Some(Input::CallerGone { contact: self.some_contact(which) }),
        };
        if let Some(input) = input {
            self.take(input);
        }
    }

    fn some_contact(&self, which: usize) -> ContactId {
        contact((which as u128).checked_rem(self.contacts).unwrap_or_default() + 1)
    }

    /// A phone answers; who is to be called back is called, if that may be.
    fn answered(&self, offer: OfferId, which: usize) -> Input {
        if self.router.domain().called_back_by(offer).is_none() {
            return Input::Answered { offer };
        }
        let number = if which.is_multiple_of(4) { "+319001234567" } else { "+31612345678" };
        let attempts = vec![self.now; which % 10];
        let known = KnownOfNumber { listed: Listed::No, attempts };
        Input::CallBack { offer, number: number.to_owned(), known }
    }

    /// What a customer does who waits, or who called again.
    fn of_customer(&self, kind: u8, which: usize) -> Input {
        let contact = self.some_contact(which);
        match (kind, which % 3) {
            (45, _) => Input::KeyPressed { contact, key: '2' },
            (46, 0) => Input::CallbackSettled { contact },
            (46, _) => {
                let attributes = [("back".to_owned(), "0612345678".to_owned())];
                let attributes = std::collections::BTreeMap::from(attributes).into();
                let queue = QueueId::new("calm").expect("a name");
                Input::HandedOff { contact, queue, attributes }
            }
            _ => Input::IvrFinished { contact },
        }
    }

    /// What somebody does about a contact.
    fn of_contact(
        &self,
        kind: u8,
        which: usize,
        (agent, other, theirs): (AgentId, AgentId, ContactId),
    ) -> Option<Input> {
        let note = "Jansen".to_owned();
        let offer = self.last_offer(which % 3);
        match kind {
            29 => {
                let to = match ["calm", "urgent", "expert"].get(which % 5) {
                    Some(queue) => Destination::Queue(QueueId::new(queue).expect("a name")),
                    None if which > 11 => {
                        let partner = DestinationId::new("partner").expect("a name");
                        Destination::Outside(partner)
                    }
                    None => Destination::Agent(other),
                };
                Some(Input::Transfer { agent, contact: theirs, to, note: note.into() })
            }
            30 | 31 => Some(Input::Consult {
                agent,
                contact: theirs,
                asked: match which % 4 {
                    0 => DestinationId::new("partner").expect("a name").into(),
                    _ => other.into(),
                },
                note: note.into(),
                script_session: Some("session".to_owned()),
            }),
            32 => Some(Input::Complete { agent, contact: theirs }),
            33 => Some(Input::Confer { agent, contact: theirs }),
            34 => Some(Input::EndConsultation { agent, contact: theirs }),
            35 => Some(Input::Hold { agent, contact: theirs }),
            36 => Some(Input::Retrieve { agent, contact: theirs }),
            37 => offer.map(|offer| Input::PhoneHeld { offer }),
            38 => offer.map(|offer| Input::PhoneRetrieved { offer }),
            39 => offer.map(|offer| Input::AgentGone { offer }),
            40 => {
                let because = [NotTaken::Busy, NotTaken::Rejected, NotTaken::Unreachable];
                let because = because[which % 3];
                offer.map(|offer| Input::NotTaken { offer, because })
            }
            41 if which.is_multiple_of(2) => {
                let known = self.router.domain().agent(&agent);
                let aside = known.and_then(|agent| agent.interrupted.first().copied());
                aside.map(|contact| Input::TakeUp { agent, contact })
            }
            41 => offer.map(|offer| Input::AgentLost { offer }),
            _ => None,
        }
    }

    fn at_phone(&self, kind: u8, agent: AgentId, which: usize) -> AtPhone {
        let number = ["0612345678", "09001234567", "112"][which % 3].to_owned();
        let id = 7_000 + self.log.events.len() as u128;
        match kind {
            50 => AtPhone::Dials {
                agent,
                contact: contact(id),
                offer: OfferId(Uuid::from_u128(1_000_000 + id)),
                number,
                known: KnownOfNumber { listed: Listed::No, attempts: Vec::new() },
            },
            51 => AtPhone::Begins { agent },
            _ => AtPhone::Ends { agent },
        }
    }

    fn dial(&self, agent: AgentId, theirs: ContactId, which: usize) -> Option<Input> {
        let number = if which.is_multiple_of(4) { "09001234567" } else { "0612345678" };
        Some(Input::Dial {
            agent,
            contact: contact(5_000 + self.log.events.len() as u128),
            number: number.to_owned(),
            purpose: PurposeId::new("service").ok()?,
            known: KnownOfNumber { listed: Listed::No, attempts: Vec::new() },
            message: (which % 2 == 1).then_some(theirs),
        })
    }
}

/// Something that happens; numbers choose among what there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Op {
    kind: u8,
    which: usize,
}

pub(crate) fn op() -> impl Strategy<Value = Op> {
    (0u8..57, 0usize..24).prop_map(|(kind, which)| Op { kind, which })
}
