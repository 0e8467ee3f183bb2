//! Where commands go: to the legs of this process, or to those that the process before it still
//! has, since it was replaced while people talked.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::legs::Name;
use super::message::{Command, Event};

/// The way to the legs of everybody.
#[derive(Clone, Debug)]
pub(crate) struct Switch {
    own: mpsc::Sender<Command>,
    before: Option<Before>,
}

/// The legs of the process before. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Before {
    commands: mpsc::Sender<Command>,
    names: Arc<Mutex<HashSet<Name>>>,
}

/// The telephone side is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gone;

impl Switch {
    pub(crate) fn new(own: mpsc::Sender<Command>, before: Option<Before>) -> Self {
        Self { own, before }
    }

    /// Brings a command to the legs that it is about. It waits only for those of this process:
    /// what the one before does not take is lost, and told in the log of the program.
    pub(crate) async fn send(&self, command: Command) -> Result<(), Gone> {
        if let Some(before) = &self.before {
            if is_for_all(&command) {
                before.send(command.clone());
            } else if before.has(&command) {
                before.send(command);
                return Ok(());
            }
        }
        self.own.send(command).await.map_err(|_| Gone)
    }
}

impl Before {
    /// Those legs, commanded by this queue.
    pub(crate) fn new(commands: mpsc::Sender<Command>, names: HashSet<Name>) -> Self {
        Self { commands, names: Arc::new(Mutex::new(names)) }
    }

    fn names(&self) -> MutexGuard<'_, HashSet<Name>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has(&self, command: &Command) -> bool {
        let names = self.names();
        named(command).iter().flatten().any(|name| names.contains(name))
    }

    /// What a command begins belongs there, too; what it ends, no more.
    fn send(&self, command: Command) {
        let (about, ends) = (named(&command), ends(&command));
        {
            let mut names = self.names();
            names.extend(about.into_iter().flatten());
            if let Some(name) = ends {
                names.remove(&name);
            }
        }
        if self.commands.try_send(command).is_err() {
            tracing::warn!("the process before takes no commands any more");
        }
    }

    /// Something happened there.
    pub(crate) fn saw(&self, event: &Event) {
        let mut names = self.names();
        match event {
            Event::Arrived { contact, .. } => _ = names.insert(Name::Caller(*contact)),
            Event::PhoneCalls { offer, .. } => _ = names.insert(Name::Agent(*offer)),
            Event::CallerGone { contact }
            | Event::CustomerNotReached { contact, .. }
            | Event::Recorded { contact, .. } => _ = names.remove(&Name::Caller(*contact)),
            Event::AgentGone { offer }
            | Event::AgentLost { offer }
            | Event::AgentNotTaken { offer, .. }
            | Event::OutsideNotReached { offer, .. } => _ = names.remove(&Name::Agent(*offer)),
            _ => {}
        }
    }

    /// What is to be said where that process ended without a word: customers first, since nobody
    /// has to be found for whoever is not there.
    pub(crate) fn lost(&self) -> Vec<Event> {
        let mut lost = self.names().drain().collect::<Vec<_>>();
        lost.sort_by_key(|name| matches!(name, Name::Agent(_)));
        let event = |name| match name {
            Name::Caller(contact) => Event::CallerGone { contact },
            Name::Agent(offer) => Event::AgentLost { offer },
        };
        lost.into_iter().map(event).collect()
    }
}

/// What concerns the phones of an extension, wherever their calls are.
fn is_for_all(command: &Command) -> bool {
    matches!(command, Command::CloseLine { .. } | Command::TellMessages { .. })
}

/// The legs that a command is about, those that it begins among them.
fn named(command: &Command) -> [Option<Name>; 3] {
    let caller = |contact: &_| Some(Name::Caller(*contact));
    let agent = |offer: &_| Some(Name::Agent(*offer));
    match command {
        Command::AnswerCaller { contact }
        | Command::RefuseCaller { contact, .. }
        | Command::Play { contact, .. }
        | Command::Part { contact }
        | Command::DropCaller { contact, .. }
        | Command::Record { contact, .. }
        | Command::SeeOff { contact, .. } => [caller(contact), None, None],
        Command::Ring { offer, contact, .. }
        | Command::Dial { contact, offer, .. }
        | Command::CallForPhone { contact, offer, .. }
        | Command::TakeAsCaller { offer, contact }
        | Command::CallCustomer { contact, offer }
        | Command::CallBack { contact, offer, .. }
        | Command::CallOutside { contact, offer, .. }
        | Command::Bridge { contact, offer } => [caller(contact), agent(offer), None],
        Command::Confer { contact, a, b } => [caller(contact), agent(a), agent(b)],
        Command::Listen { contact, offer, supervisor, .. } => {
            [caller(contact), agent(offer), agent(supervisor)]
        }
        Command::CallColleague { offer, colleague, .. } => [agent(offer), agent(colleague), None],
        Command::AskOutside { agent: asks, offer, .. } => [agent(asks), agent(offer), None],
        Command::BridgeAgents { a, b } => [agent(a), agent(b), None],
        Command::AnswerLine { offer }
        | Command::RefusePhone { offer, .. }
        | Command::PlayToAgent { offer, .. }
        | Command::AnswerReferral { offer, .. }
        | Command::DropAgent { offer } => [agent(offer), None, None],
        Command::OpenLine { .. } | Command::CloseLine { .. } | Command::TellMessages { .. } => {
            [None; 3]
        }
    }
}

/// The leg that is nobody's any more, as far as is to be decided about it.
fn ends(command: &Command) -> Option<Name> {
    match command {
        Command::RefuseCaller { contact, .. }
        | Command::DropCaller { contact, .. }
        | Command::SeeOff { contact, .. } => Some(Name::Caller(*contact)),
        Command::DropAgent { offer } | Command::RefusePhone { offer, .. } => {
            Some(Name::Agent(*offer))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use caruso_contact::{ContactId, EndCause, OfferId};
    use uuid::Uuid;

    use super::*;

    fn contact(number: u128) -> ContactId {
        ContactId(Uuid::from_u128(number))
    }

    fn ring(offer: u128, number: u128) -> Command {
        let (offer, contact) = (OfferId(Uuid::from_u128(offer)), contact(number));
        Command::Ring { offer, contact, extension: String::new(), calling: String::new() }
    }

    #[tokio::test]
    async fn who_is_there_is_commanded_there_with_all_that_follows_and_others_are_ours() {
        let (own, mut ours) = mpsc::channel(8);
        let (commands, mut theirs) = mpsc::channel(8);
        let before = Before::new(commands, HashSet::from([Name::Caller(contact(1))]));
        let switch = Switch::new(own, Some(before.clone()));
        let drop_agent = Command::DropAgent { offer: OfferId(Uuid::from_u128(11)) };
        for command in [ring(11, 1), ring(12, 2), drop_agent.clone(), drop_agent.clone()] {
            switch.send(command).await.expect("somebody is there");
        }
        assert_eq!(theirs.try_recv(), Ok(ring(11, 1)));
        assert_eq!(theirs.try_recv(), Ok(drop_agent.clone()), "the offer was begun there");
        assert_eq!(ours.try_recv(), Ok(ring(12, 2)));
        assert_eq!(ours.try_recv(), Ok(drop_agent), "it is over there");

        // who hangs up to be called back is called from here
        let see_off =
            Command::SeeOff { contact: contact(1), cause: EndCause::HungUp, sounds: Vec::new() };
        switch.send(see_off.clone()).await.expect("somebody is there");
        switch.send(ring(13, 1)).await.expect("somebody is there");
        assert_eq!(theirs.try_recv(), Ok(see_off));
        assert_eq!(ours.try_recv(), Ok(ring(13, 1)));

        let everybody = Command::CloseLine { extension: "105".to_owned() };
        switch.send(everybody.clone()).await.expect("somebody is there");
        assert_eq!((ours.try_recv(), theirs.try_recv()), (Ok(everybody.clone()), Ok(everybody)));
    }

    #[test]
    fn who_was_there_and_has_not_gone_is_lost_with_the_process() {
        let (commands, _theirs) = mpsc::channel(8);
        let before = Before::new(commands, HashSet::from([Name::Caller(contact(1))]));
        let calling = Some("0612345678".to_owned());
        before.saw(&Event::Arrived { contact: contact(2), calling, called: String::new() });
        before.saw(&Event::CallerGone { contact: contact(1) });
        before.send(ring(11, 2));
        let offer = OfferId(Uuid::from_u128(11));
        let (gone, lost) = (Event::CallerGone { contact: contact(2) }, Event::AgentLost { offer });
        assert_eq!(before.lost(), [gone, lost]);
        assert_eq!(before.lost(), []);
    }
}
