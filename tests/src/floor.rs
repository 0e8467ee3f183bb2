//! A supervisor at work, without a browser: what the page of supervision shows, and what it does.

use caruso_api::contact::v1::{
    AgentState, FloorAgent, FloorContact, ListeningMode, WatchFloorResponse,
};
use caruso_api::desk::v1 as wire;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tonic::Status as Refusal;

use crate::desk::{Desk, request};
use crate::wait::PATIENCE;

/// Agents and contacts as a supervisor sees them.
#[derive(Debug)]
pub struct Floor {
    now: watch::Receiver<WatchFloorResponse>,
    watching: JoinHandle<()>,
}

impl Drop for Floor {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

impl Floor {
    /// Waits until it is as a story expects it.
    ///
    /// # Panics
    /// When it is not in time.
    pub async fn until(
        &self,
        what: &str,
        holds: impl Fn(&WatchFloorResponse) -> bool,
    ) -> WatchFloorResponse {
        let mut now = self.now.clone();
        match tokio::time::timeout(PATIENCE, now.wait_for(|floor| holds(floor))).await {
            Ok(Ok(floor)) => floor.clone(),
            _ => panic!("{what}; but the floor is {:#?}", *self.now.borrow()),
        }
    }

    /// Waits for an agent who is as a story expects.
    pub async fn agent(&self, name: &str, holds: impl Fn(&FloorAgent) -> bool) -> FloorAgent {
        let is_it = |it: &&FloorAgent| it.agent == name && holds(it);
        let floor = self.until(name, |floor| floor.agents.iter().any(|it| is_it(&it))).await;
        floor.agents.iter().find(is_it).cloned().unwrap_or_default()
    }

    /// Waits until so many wait, and gives them in the order of queues and lines.
    pub async fn waiting(&self, number: usize) -> Vec<FloorContact> {
        let waits = |it: &&FloorContact| it.place > 0;
        let what = format!("{number} wait");
        let floor =
            self.until(&what, |floor| floor.contacts.iter().filter(waits).count() == number);
        floor.await.contacts.into_iter().filter(|it| it.place > 0).collect()
    }
}

impl Desk {
    /// Opens the page of supervision.
    ///
    /// # Errors
    /// For everybody but supervisors.
    pub async fn floor(&self) -> Result<Floor, Refusal> {
        let asked = request(&self.headers, wire::WatchFloorRequest {});
        let mut stream = self.wire.clone().watch_floor(asked).await?.into_inner();
        let first = stream.message().await?.unwrap_or_default();
        let (tell, now) = watch::channel(first.floor.unwrap_or_default());
        let watching = tokio::spawn(async move {
            while let Ok(Some(message)) = stream.message().await {
                if let Some(floor) = message.floor {
                    tell.send_replace(floor);
                }
            }
        });
        Ok(Floor { now, watching })
    }

    /// Makes an agent ready, not ready with a reason, or signed out.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn impose(
        &mut self,
        agent: &str,
        state: AgentState,
        reason: &str,
        words: &str,
    ) -> Result<(), Refusal> {
        let (agent, reason, words) = (agent.to_owned(), reason.to_owned(), words.to_owned());
        let wish = wire::ImposeStateRequest { agent, state: state.into(), reason, words };
        self.wire.impose_state(request(&self.headers, wish)).await.map(|_| ())
    }

    /// Sends a contact to another queue.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn move_contact(&mut self, contact_id: &str, queue: &str) -> Result<(), Refusal> {
        let (contact_id, queue) = (contact_id.to_owned(), queue.to_owned());
        let wish = wire::MoveContactRequest { contact_id, queue };
        self.wire.move_contact(request(&self.headers, wish)).await.map(|_| ())
    }

    /// Brings a contact to the head of its line.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn bring_forward(&mut self, contact_id: &str) -> Result<(), Refusal> {
        let wish = wire::BringForwardRequest { contact_id: contact_id.to_owned() };
        self.wire.bring_forward(request(&self.headers, wish)).await.map(|_| ())
    }

    /// Gives a contact that waits a priority of its own.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn set_priority(&mut self, contact_id: &str, priority: u32) -> Result<(), Refusal> {
        let wish = wire::SetPriorityRequest { contact_id: contact_id.to_owned(), priority };
        self.wire.set_priority(request(&self.headers, wish)).await.map(|_| ())
    }

    /// Ends a contact.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn end_contact(&mut self, contact_id: &str) -> Result<(), Refusal> {
        let wish = wire::EndContactRequest { contact_id: contact_id.to_owned() };
        self.wire.end_contact(request(&self.headers, wish)).await.map(|_| ())
    }

    /// Listens to a conversation, or is heard by others than before.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn listen(&mut self, contact_id: &str, mode: ListeningMode) -> Result<(), Refusal> {
        let wish = wire::ListenRequest { contact_id: contact_id.to_owned(), mode: mode.into() };
        self.wire.listen(request(&self.headers, wish)).await.map(|_| ())
    }

    /// Goes on with the customer in the place of the agent to whom the supervisor listens.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn take_over(&mut self, contact_id: &str) -> Result<(), Refusal> {
        let wish = wire::TakeOverRequest { contact_id: contact_id.to_owned() };
        self.wire.take_over(request(&self.headers, wish)).await.map(|_| ())
    }

    /// Listens no longer.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn stop_listening(&mut self, contact_id: &str) -> Result<(), Refusal> {
        let wish = wire::StopListeningRequest { contact_id: contact_id.to_owned() };
        self.wire.stop_listening(request(&self.headers, wish)).await.map(|_| ())
    }
}
