//! The one owner of contacts and agents: every input passes here, one after the other.
//!
//! An input is decided by the routing core, its events are appended to the log, its effects are
//! carried out: those that may die with the process as soon as the events have their place in the
//! log, the others when they are on disk. Whoever asked for a change hears of it once it is there.

mod acting;
mod arrival;
mod callback;
mod dialling;
mod handle;
mod handover;
mod lamp;
mod lines;
mod message;
mod phone;
mod referral;
mod watching;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use caruso_api::contact::v1 as wire;
use caruso_application::{Application, Callers};
use caruso_component::Release;
use caruso_contact::{AgentId, ContactId, Event, EventId, OfferId, Skills, Time};
use caruso_routing::{Action, Decision, Effect, Input, Refusal, Router};
use tokio::sync::{mpsc, oneshot, watch};
use tracing::{debug, info};
use uuid::Uuid;

use crate::Error;
use crate::abandoned::Abandoned;
use crate::attempts::Attempts;
use crate::clock::Clock;
use crate::convert::{self, Sources};
use crate::do_not_call::List;
use crate::filing;
use crate::history::History;
use crate::ivr::{self, Heard};
use crate::log::{Durable, Log};
use crate::recordings::Recordings;
use crate::roster::Roster;
use crate::start::{Known, States};
use crate::telephony;

pub(crate) use dialling::Wish;
use handle::Request;
pub(crate) use handle::{Gone, Handle, Inbox};
pub(crate) use handover::{Affairs, Ended};
pub(crate) use phone::RefusedCall;

/// Who is named as the author of what nobody asked for.
const SYSTEM: &str = "communication-server";
/// A full installation tells the trunk to try again after this long.
const RETRY_AFTER: std::time::Duration = std::time::Duration::from_secs(10);

/// What the owner has of the telephone side, and of whom may be called.
pub(crate) struct Telephone {
    pub(crate) commands: telephony::Switch,
    pub(crate) do_not_call: watch::Receiver<List>,
    pub(crate) recordings: Recordings,
    /// Extensions of phones that need not register.
    pub(crate) remote: BTreeSet<String>,
}

/// The owner.
#[derive(Debug)]
pub(crate) struct Owner {
    handle: Handle,
    router: Router,
    history: History,
    attempts: Attempts,
    abandoned: Abandoned,
    states: States,
    do_not_call: watch::Receiver<List>,
    recordings: Recordings,
    /// Extensions of phones that need not register.
    remote: BTreeSet<String>,
    roster: Roster,
    log: Log,
    clock: Clock,
    telephony: telephony::Switch,
    ivr: ivr::Runner,
    files_history: bool,
    callers: Callers,
    /// Callbacks that nobody needs any more.
    settled: Vec<ContactId>,
    own_calls: phone::OwnCalls,
    /// How many messages wait for whom, by extension, as the telephones were told.
    lamps: BTreeMap<String, telephony::Messages>,
    /// What is announced on lines that stay open, the last of each agent.
    announced: HashMap<AgentId, OfferId>,
    /// What agents' phones could not call last, until their state changes.
    refused: HashMap<AgentId, RefusedCall>,
    watched: HashMap<AgentId, watch::Sender<wire::AgentStatus>>,
}

impl Owner {
    /// Rebuilds everything from the log, and closes what did not survive the last process.
    pub(crate) async fn recover(mut self) -> Result<Self, Error> {
        let now = self.clock.now();
        let decision = self.router.recover(&Default::default(), now, &mut Uuid::now_v7);
        self.commit(decision, now, SYSTEM, None).await?;
        self.find_messages().await?;
        self.unregister_phones().await?;
        Ok(self)
    }

    /// As the log says that everything is.
    pub(crate) async fn read(
        handle: Handle,
        release: &Release,
        application: &Application,
        mut log: Log,
        telephone: Telephone,
        ivr: ivr::Runner,
    ) -> Result<Self, Error> {
        let Telephone { commands: telephony, do_not_call, recordings, remote } = telephone;
        let configuration = Arc::clone(&application.routing);
        let known = Known::read(&log, configuration).await?;
        let Known { router, history, attempts, abandoned, states, last } = known;
        log.adopt_release(release.digest());
        let clock = Clock::start(last);
        Ok(Self {
            handle,
            router,
            history,
            attempts,
            abandoned,
            states,
            do_not_call,
            recordings,
            remote,
            roster: Roster::default(),
            log,
            clock,
            telephony,
            ivr,
            files_history: application.history.is_some(),
            callers: application.callers,
            settled: Vec::new(),
            announced: HashMap::new(),
            own_calls: phone::OwnCalls::default(),
            lamps: BTreeMap::new(),
            refused: HashMap::new(),
            watched: HashMap::new(),
        })
    }

    /// Registrations died with the last process; phones that are there register again.
    async fn unregister_phones(&mut self) -> Result<(), Error> {
        let with_phone = self.router.domain().agents().filter(|(_, agent)| agent.has_phone);
        let agents: Vec<AgentId> = with_phone.map(|(id, _)| id.clone()).collect();
        for agent in agents {
            self.decide(Input::PhoneUnregistered { agent }, SYSTEM, None).await?;
        }
        Ok(())
    }

    /// Works until the inbox or the telephone side is closed, or the log fails; or until another
    /// process takes over, with what that has to know, and what has happened and is to be told to
    /// it.
    pub(crate) async fn run(
        mut self,
        mut inbox: Inbox,
        mut events: mpsc::Receiver<telephony::Event>,
    ) -> Result<Ended, Error> {
        loop {
            let due = self.router.next_deadline();
            let due = async {
                match due {
                    Some(at) => tokio::time::sleep(self.clock.until(at)).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => self.take_event(event).await?,
                    None => return Ok(None),
                },
                request = inbox.requests.recv() => match request {
                    Some(Request::HandOver) => {
                        let affairs = self.hand_over(&mut inbox, &mut events).await?;
                        return Ok(Some((affairs, events)));
                    }
                    Some(request) => self.take_request(request).await?,
                    None => return Ok(None),
                },
                () = due => self.decide(Input::Tick, SYSTEM, None).await?,
            }
            self.settle().await?;
            self.settle_own_calls().await?;
            inbox.changed.send_replace(());
        }
    }

    async fn take_request(&mut self, request: Request) -> Result<(), Error> {
        match request {
            // what is over is not opened again by a report that comes late
            Request::Input { input, actor, done } if self.is_over(&input) => {
                self.commit(Decision::default(), self.clock.now(), &actor, done).await?;
            }
            Request::Input { input, actor, done } if self.is_on_line(&input) => {
                self.accept_on_line(input, &actor, done).await?;
            }
            Request::Input { input, actor, done } => self.decide(input, &actor, done).await?,
            Request::Dial(wish, done) => self.dial(wish, done).await?,
            Request::CallBack(wish, done) => self.call_back(wish, done).await?,
            Request::Roster(roster) => self.adopt(roster).await?,
            Request::Release { digest, application, done } => {
                self.adopt_release(&digest, &application).await?;
                let _ = done.send(());
            }
            Request::WatchAgent(agent, reply) => {
                let _ = reply.send(self.watch(agent));
            }
            Request::Destinations(agent, reply) => {
                let _ = reply.send(convert::destinations(&self.sources(), Some(&agent)));
            }
            Request::Team(agent, reply) => {
                let _ = reply.send(self.roster.member(&agent).map(|member| member.team.clone()));
            }
            Request::Extension(agent, reply) => {
                let extension = self.roster.member(&agent).map(|member| member.extension.clone());
                let _ = reply.send(extension.filter(|it| !it.is_empty()));
            }
            Request::Abandoned(agent, reply) => {
                let _ = reply.send(self.list_abandoned(agent.as_ref()));
            }
            // it is asked once
            Request::HandOver => {}
            Request::Floor(reply) => {
                let _ = reply.send(self.floor());
            }
            Request::List(limit, reply) => {
                let _ = reply.send(self.latest(limit));
            }
            Request::Get(id, reply) => {
                let waiting = self.router.waiting(id, self.clock.now());
                let found = self.history.contact(id);
                let sources = self.sources();
                let told = |it| convert::contact(&sources, it, waiting.as_ref());
                let _ = reply.send(found.map(told));
            }
        }
        Ok(())
    }

    /// What agents can do enters the log as soon as it is known or changes; who is on the roster no
    /// more can do nothing.
    async fn adopt(&mut self, roster: Roster) -> Result<(), Error> {
        let gone = self.router.domain().agents().map(|(agent, _)| agent);
        let gone = gone.filter(|agent| roster.member(agent).is_none()).cloned();
        let mut known: BTreeMap<AgentId, Skills> =
            gone.map(|agent| (agent, Skills::new())).collect();
        known.extend(roster.skills().map(|(agent, skills)| (agent.clone(), skills.clone())));
        self.roster = roster;
        for (agent, skills) in known {
            let before = self.router.domain().agent(&agent).map(|it| &it.skills);
            if before.unwrap_or(&Skills::new()) != &skills {
                self.decide(Input::SkillsKnown { agent, skills }, SYSTEM, None).await?;
            }
        }
        self.light_lamps().await;
        self.register_remote().await
    }

    /// Remote phones are there as soon as it is known whose they are.
    async fn register_remote(&mut self) -> Result<(), Error> {
        let agents = self.remote.iter().filter_map(|it| self.roster.at_extension(it)).cloned();
        for agent in agents.collect::<Vec<_>>() {
            self.decide(Input::PhoneRegistered { agent }, SYSTEM, None).await?;
        }
        Ok(())
    }

    /// What is going on goes on: it is decided by the new release from the next moment on.
    async fn adopt_release(
        &mut self,
        digest: &str,
        application: &Application,
    ) -> Result<(), Error> {
        self.router.adopt(Arc::clone(&application.routing));
        self.log.adopt_release(digest);
        self.files_history = application.history.is_some();
        self.callers = application.callers;
        let at_work = self.router.domain().agents().map(|(agent, _)| agent.clone());
        let at_work: Vec<AgentId> = at_work.collect();
        for agent in at_work {
            if let Some(team) = self.roster.member(&agent).map(|member| member.team.clone()) {
                let known = Input::TeamsKnown { agent, teams: vec![team] };
                self.decide(known, SYSTEM, None).await?;
            }
        }
        self.decide(Input::Tick, SYSTEM, None).await?;
        self.publish_all();
        self.light_lamps().await;
        Ok(())
    }

    fn is_over(&self, input: &Input) -> bool {
        let Input::Reported { contact, .. } = input else { return false };
        let is_known = self.history.contact(*contact).is_some();
        is_known && self.router.domain().contact(*contact).is_none()
    }

    async fn take_event(&mut self, event: telephony::Event) -> Result<(), Error> {
        use telephony::Event as Told;
        let Some(event) = self.take_internal(event).await? else { return Ok(()) };
        let input = match event {
            Told::PhoneCalls { offer, contact, extension, called } => {
                let call = phone::PhoneCall { offer, contact, extension, called };
                return self.phone_calls(call).await;
            }
            Told::Arrived { contact, calling, called } => {
                return self.customer_calls(contact, calling, called).await;
            }
            Told::Key { contact, key } => {
                self.key_pressed(contact, key).await?;
                return Ok(());
            }
            Told::Recorded { contact, length } => return self.recorded(contact, length).await,
            Told::Played { contact } => {
                self.ivr.heard(contact, Heard::Played);
                return Ok(());
            }
            Told::CustomerAnswered { contact } => Input::CustomerAnswered { contact },
            Told::CustomerNotReached { contact, because } => {
                Input::CustomerNotReached { contact, because }
            }
            Told::OutsideNotReached { offer, because } => {
                Input::OutsideNotReached { offer, because }
            }
            Told::CallerGone { contact } => {
                self.ivr.stop(contact);
                Input::CallerGone { contact }
            }
            Told::LineAnnounced { offer } => {
                self.announced(offer);
                return Ok(());
            }
            Told::LineLost { extension } => return self.line_lost(&extension).await,
            Told::AgentAnswered { offer } => self.agent_answered(offer),
            Told::AgentNotTaken { offer, because } => Input::NotTaken { offer, because },
            Told::AgentGone { offer } => Input::AgentGone { offer },
            Told::AgentRefers { offer, to } => return self.refer(offer, &to).await,
            Told::AgentJoins { offer, other } => return self.join(offer, other).await,
            Told::AgentLost { offer } => Input::AgentLost { offer },
            Told::AgentHeld { offer } => Input::PhoneHeld { offer },
            Told::AgentRetrieved { offer } => Input::PhoneRetrieved { offer },
            Told::PhoneRegistered { extension } => match self.roster.at_extension(&extension) {
                Some(agent) => Input::PhoneRegistered { agent: agent.clone() },
                None => return Ok(()),
            },
            Told::PhoneUnregistered { extension } if self.remote.contains(&extension) => {
                return Ok(());
            }
            Told::PhoneUnregistered { extension } => match self.roster.at_extension(&extension) {
                Some(agent) => Input::PhoneUnregistered { agent: agent.clone() },
                None => return Ok(()),
            },
        };
        self.decide(input, SYSTEM, None).await
    }

    async fn decide(
        &mut self,
        input: Input,
        actor: &str,
        done: Option<oneshot::Sender<Result<(), Refusal>>>,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        match self.router.handle(input, now, &mut Uuid::now_v7) {
            Ok(decision) => self.commit(decision, now, actor, done).await,
            Err(refusal) => {
                match done {
                    Some(done) => drop(done.send(Err(refusal))),
                    None => debug!(reason = %refusal, "an input was refused"),
                }
                Ok(())
            }
        }
    }

    /// Appends the events under the clock of their decision, so that a replay folds the same; tells
    /// who watches, carries out the effects.
    async fn commit(
        &mut self,
        decision: Decision,
        now: Time,
        actor: &str,
        done: Option<oneshot::Sender<Result<(), Refusal>>>,
    ) -> Result<(), Error> {
        for (_, event) in &decision.events {
            self.history.apply(now, event);
            self.attempts.apply(now, event);
            let rules = self.router.configuration().outbound.as_deref();
            self.abandoned.apply(now, event, rules);
            self.note_settled(event);
            log_story(event);
        }
        let errands = if self.files_history { self.errands(&decision) } else { Vec::new() };
        let durable = self.log.append(&decision.events, errands, now, actor)?;
        self.keep_state(&decision.events, durable.last(), now);
        let answer = dialling::answer(&decision);
        self.publish(&decision.events);
        self.light_lamps_after(&decision.events).await;
        for Effect { action, .. } in decision.effects {
            self.carry_out(action).await;
        }
        self.follow_lines(&decision.events).await;
        if let Some(done) = done {
            tokio::spawn(answer_when(durable, done, answer));
        }
        Ok(())
    }

    /// Keeps the state after these events, the last of which stands at `last`, once a day.
    fn keep_state(&mut self, events: &[(EventId, Event)], last: u64, now: Time) {
        let first = last + 1 - u64::try_from(events.len()).unwrap_or_default();
        for (position, (_, event)) in (first..).zip(events) {
            self.states.saw(position, event);
        }
        if !events.is_empty()
            && let Some(snapshot) = self.states.due(last, now, self.router.domain())
        {
            self.log.keep_later(snapshot);
        }
    }

    /// What leaves through the outbox, in the same transaction as the events. It is what the router
    /// wants done only when they are durable.
    fn errands(&self, decision: &Decision) -> Vec<caruso_journal::Errand> {
        let errand = |effect: &Effect| match effect.action {
            Action::File { contact } => self.history.contact(contact).and_then(filing::errand),
            _ => None,
        };
        decision.effects.iter().filter_map(errand).collect()
    }

    fn sources(&self) -> Sources<'_> {
        Sources {
            domain: self.router.domain(),
            configuration: self.router.configuration(),
            history: &self.history,
            roster: &self.roster,
            refused: &self.refused,
            announced: &self.announced,
        }
    }
}

async fn answer_when(
    durable: Durable,
    done: oneshot::Sender<Result<(), Refusal>>,
    answer: Result<(), Refusal>,
) {
    // a log that failed ends the process, and the dropped sender tells who waits
    if durable.wait().await.is_ok() {
        let _ = done.send(answer);
    }
}

/// The story of a contact at level info; nothing personal in it.
fn log_story(event: &Event) {
    match event {
        Event::Contact { contact, .. } => {
            info!(contact.id = %contact, event = event.type_name());
        }
        Event::Agent { agent, event: what } => {
            debug!(agent.name = %agent, event = event.type_name(), ?what);
        }
    }
}
