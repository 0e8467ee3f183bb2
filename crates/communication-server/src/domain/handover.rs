//! Another process takes over while people talk: this one ends with a decision that is whole, and
//! the other goes on from the log and from what does not stand in it.

use std::collections::HashMap;

use caruso_contact::{AgentId, OfferId};
use caruso_routing::Input;
use caruso_sip::Registrations;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::{Inbox, Owner, SYSTEM, phone};
use crate::Error;
use crate::ivr::Moved;
use crate::roster::Roster;
use crate::telephony::Event;

/// What an owner knows beside the log.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Affairs {
    conversations: Vec<Moved>,
    own_calls: phone::OwnCalls,
    announced: HashMap<AgentId, OfferId>,
}

/// Nothing, or where another process goes on, with what has happened and is to be told to it.
pub(crate) type Ended = Option<(Affairs, mpsc::Receiver<Event>)>;

impl Owner {
    /// Takes what comes until scripts have come to where they can go on elsewhere, and what has
    /// been asked for until then.
    pub(super) async fn hand_over(
        &mut self,
        inbox: &mut Inbox,
        events: &mut mpsc::Receiver<Event>,
    ) -> Result<Affairs, Error> {
        let mut left = Box::pin(self.ivr.leave());
        loop {
            tokio::select! {
                () = &mut left => break,
                Some(event) = events.recv() => self.take_event(event).await?,
                Some(request) = inbox.requests.recv() => self.take_request(request).await?,
            }
            self.settle().await?;
            self.settle_own_calls().await?;
        }
        while let Ok(request) = inbox.requests.try_recv() {
            self.take_request(request).await?;
            self.settle().await?;
        }
        let own_calls = std::mem::take(&mut self.own_calls);
        let announced = std::mem::take(&mut self.announced);
        Ok(Affairs { conversations: self.ivr.moved(), own_calls, announced })
    }

    /// Goes on where another process ended: all that was goes on.
    pub(crate) async fn go_on(
        mut self,
        affairs: Affairs,
        roster: Roster,
        phones: &Registrations,
    ) -> Result<Self, Error> {
        let Affairs { conversations, own_calls, announced } = affairs;
        (self.own_calls, self.announced, self.roster) = (own_calls, announced, roster);
        for conversation in conversations {
            self.ivr.go_on(self.handle.clone(), conversation);
        }
        let is_there = |agent: &AgentId| {
            let extension = self.roster.member(agent).map(|it| it.extension.as_str());
            extension.is_some_and(|it| phones.is_registered(it) || self.remote.contains(it))
        };
        let with_phone = self.router.domain().agents().filter(|(_, agent)| agent.has_phone);
        let gone = with_phone.map(|(id, _)| id).filter(|id| !is_there(id)).cloned();
        for agent in gone.collect::<Vec<_>>() {
            self.decide(Input::PhoneUnregistered { agent }, SYSTEM, None).await?;
        }
        self.light_lamps().await;
        self.register_remote().await?;
        self.open_lines().await;
        Ok(self)
    }
}
