//! The way to the owner, for everybody who wants something of it or of what it knows.

use std::sync::Arc;

use caruso_api::contact::v1 as wire;
use caruso_application::Application;
use caruso_contact::{AgentId, ContactId};
use caruso_routing::{Input, Refusal};
use tokio::sync::{mpsc, oneshot, watch};

use super::{SYSTEM, Wish};
use crate::roster::Roster;

/// Requests that wait for the owner; whoever sends more waits.
const INBOX: usize = 1024;

/// What others ask of the owner.
#[derive(Debug)]
pub(super) enum Request {
    Input {
        input: Input,
        actor: String,
        done: Option<oneshot::Sender<Result<(), Refusal>>>,
    },
    Dial(Wish, oneshot::Sender<Result<(), Refusal>>),
    /// Who calls, because of which contact, in which.
    CallBack((AgentId, ContactId, ContactId), oneshot::Sender<Result<(), Refusal>>),
    Roster(Roster),
    Release {
        digest: String,
        application: Arc<Application>,
        done: oneshot::Sender<()>,
    },
    /// Another process takes over.
    HandOver,
    WatchAgent(AgentId, oneshot::Sender<watch::Receiver<wire::AgentStatus>>),
    Destinations(AgentId, oneshot::Sender<wire::ListDestinationsResponse>),
    Team(AgentId, oneshot::Sender<Option<String>>),
    Extension(AgentId, oneshot::Sender<Option<String>>),
    /// Of the queues of an agent, or all.
    Abandoned(Option<AgentId>, oneshot::Sender<Vec<wire::Abandoned>>),
    Floor(oneshot::Sender<wire::WatchFloorResponse>),
    List(usize, oneshot::Sender<Vec<wire::Contact>>),
    Get(ContactId, oneshot::Sender<Option<wire::Contact>>),
}

/// The way to the owner.
#[derive(Clone, Debug)]
pub(crate) struct Handle {
    inbox: mpsc::Sender<Request>,
    /// Rings after each decision.
    changes: watch::Receiver<()>,
}

impl Handle {
    /// A handle and the inbox of the owner to be.
    pub(crate) fn new() -> (Self, Inbox) {
        let (inbox, requests) = mpsc::channel(INBOX);
        let (changed, changes) = watch::channel(());
        (Self { inbox, changes }, Inbox { requests, changed })
    }

    /// Tells what happened; nobody waits for the answer.
    pub(crate) async fn tell(&self, input: Input) {
        let request = Request::Input { input, actor: SYSTEM.to_owned(), done: None };
        // the owner ends only with the process
        let _ = self.inbox.send(request).await;
    }

    /// Asks for a change on behalf of a person; answered when it is on disk.
    pub(crate) async fn ask(&self, input: Input, actor: &str) -> Result<Result<(), Refusal>, Gone> {
        let (done, answer) = oneshot::channel();
        let request = Request::Input { input, actor: actor.to_owned(), done: Some(done) };
        self.inbox.send(request).await.map_err(|_| Gone)?;
        answer.await.map_err(|_| Gone)
    }

    /// Asks for a call to a customer; answered when it is on disk, also that it is forbidden.
    pub(crate) async fn dial(&self, wish: Wish) -> Result<Result<(), Refusal>, Gone> {
        self.query(|reply| Request::Dial(wish, reply)).await
    }

    /// Asks for a call to who left a message or hung up waiting, in a contact of this new id;
    /// answered as [`Handle::dial`].
    pub(crate) async fn call_back(
        &self,
        agent: AgentId,
        about: ContactId,
        contact: ContactId,
    ) -> Result<Result<(), Refusal>, Gone> {
        self.query(|reply| Request::CallBack((agent, about, contact), reply)).await
    }

    /// Who the agents are, from now on.
    pub(crate) async fn adopt_roster(&self, roster: Roster) {
        let _ = self.inbox.send(Request::Roster(roster)).await;
    }

    /// Decides by another release from now on.
    pub(crate) async fn adopt_release(
        &self,
        digest: String,
        application: Arc<Application>,
    ) -> Result<(), Gone> {
        self.query(|done| Request::Release { digest, application, done }).await
    }

    /// Another process takes over: the owner ends.
    pub(crate) async fn hand_over(&self) {
        let _ = self.inbox.send(Request::HandOver).await;
    }

    /// The status of an agent, now and from now on.
    pub(crate) async fn watch_agent(
        &self,
        agent: AgentId,
    ) -> Result<watch::Receiver<wire::AgentStatus>, Gone> {
        self.query(|reply| Request::WatchAgent(agent, reply)).await
    }

    /// Where an agent can pass a contact on to now.
    pub(crate) async fn destinations(
        &self,
        agent: AgentId,
    ) -> Result<wire::ListDestinationsResponse, Gone> {
        self.query(|reply| Request::Destinations(agent, reply)).await
    }

    /// The team of an agent; nothing if identity knows no such agent.
    pub(crate) async fn team(&self, agent: AgentId) -> Result<Option<String>, Gone> {
        self.query(|reply| Request::Team(agent, reply)).await
    }

    /// The extension of an agent's phone, if they have one.
    pub(crate) async fn extension(&self, agent: AgentId) -> Result<Option<String>, Gone> {
        self.query(|reply| Request::Extension(agent, reply)).await
    }

    /// Rings whenever something may have changed.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changes.clone()
    }

    /// Agents and contacts as supervisors watch over them.
    pub(crate) async fn floor(&self) -> Result<wire::WatchFloorResponse, Gone> {
        self.query(Request::Floor).await
    }

    /// Who hung up waiting and has not been talked to since, of an agent's queues, or all.
    pub(crate) async fn abandoned(
        &self,
        agent: Option<AgentId>,
    ) -> Result<Vec<wire::Abandoned>, Gone> {
        self.query(|reply| Request::Abandoned(agent, reply)).await
    }

    /// The latest contacts, newest first.
    pub(crate) async fn latest(&self, limit: usize) -> Result<Vec<wire::Contact>, Gone> {
        self.query(|reply| Request::List(limit, reply)).await
    }

    /// One contact.
    pub(crate) async fn contact(&self, id: ContactId) -> Result<Option<wire::Contact>, Gone> {
        self.query(|reply| Request::Get(id, reply)).await
    }

    async fn query<T>(&self, of: impl FnOnce(oneshot::Sender<T>) -> Request) -> Result<T, Gone> {
        let (reply, answer) = oneshot::channel();
        self.inbox.send(of(reply)).await.map_err(|_| Gone)?;
        answer.await.map_err(|_| Gone)
    }
}

/// The owner has ended: the process is going down.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the communication server is stopping")]
pub(crate) struct Gone;

/// What waits for the owner.
#[derive(Debug)]
pub(crate) struct Inbox {
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) changed: watch::Sender<()>,
}
