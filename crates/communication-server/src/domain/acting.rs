//! What was decided is done: legs, prompts, scripts.

use caruso_contact::{ContactId, EndCause, Personal, ScriptId};
use caruso_media::{PromptId, Sound};
use caruso_routing::Action;
use tracing::warn;

use super::Owner;
use crate::{ivr, telephony};

impl Owner {
    pub(super) async fn carry_out(&mut self, action: Action) {
        use telephony::Command;
        match action {
            Action::PlayMusic { contact, .. }
            | Action::Ring { contact, .. }
            | Action::Bridge { contact, .. }
            | Action::DropCaller { contact, .. }
                if self.is_conversation(contact) => {}
            Action::StartIvr { contact, script, language } => {
                self.command(Command::AnswerCaller { contact }).await;
                self.start_script(contact, script, language, None);
            }
            Action::TalkAside { contact, script, language, wait } => {
                let aside = ivr::Aside { wait };
                self.start_script(contact, script, language, Some(aside));
            }
            Action::StopIvr { contact } => self.ivr.stop(contact),
            Action::PlayMusic { contact, prompt, offer } => {
                self.play_music(contact, prompt, offer).await;
            }
            Action::Ring { offer, contact, agent } => self.ring(offer, contact, &agent).await,
            Action::Dial { offer, contact, agent, permit } => {
                self.ring_to_dial(offer, contact, &agent, permit).await;
            }
            Action::CallCustomer { contact, offer } => {
                self.command(Command::CallCustomer { contact, offer }).await;
            }
            Action::RingForLine { offer, contact, agent, line } => {
                self.ring_for_line((offer, line), contact, &agent).await;
            }
            Action::CallForPhone { contact, offer, permit } => {
                self.command(Command::CallForPhone { contact, offer, permit }).await;
            }
            Action::CallBack { contact, offer, permit } => {
                self.command(Command::CallBack { contact, offer, permit }).await;
            }
            Action::CallOutside { contact, offer, permit } => {
                self.command(Command::CallOutside { contact, offer, permit }).await;
            }
            Action::AskOutside { agent, offer, permit } => {
                self.command(Command::AskOutside { agent, offer, permit }).await;
            }
            Action::DropAgent { offer } => self.command(Command::DropAgent { offer }).await,
            Action::Bridge { contact, offer } => {
                self.ivr.stop(contact);
                self.command(Command::Bridge { contact, offer }).await;
            }
            Action::Confer { contact, a, b } => {
                self.command(Command::Confer { contact, a, b }).await;
            }
            Action::Listen { contact, offer, supervisor, mode } => {
                let listen = Command::Listen { contact, offer, supervisor, mode };
                self.command(listen).await;
            }
            Action::BridgeAgents { a, b } => self.command(Command::BridgeAgents { a, b }).await,
            Action::PlayToAgent { offer, prompt } => {
                let sounds = vec![Sound::Prompt(PromptId(prompt))];
                self.command(Command::PlayToAgent { offer, sounds }).await;
            }
            Action::Part { contact } => self.command(Command::Part { contact }).await,
            Action::Record { contact, queue, keep_until } => {
                self.ivr.stop(contact);
                self.record(contact, &queue, keep_until).await;
            }
            Action::DropCaller { contact, cause, prompt } => {
                self.drop_caller(contact, cause, prompt).await;
            }
            // stands in the outbox, with the events
            Action::File { .. } => {}
        }
    }

    async fn play_music(&mut self, contact: ContactId, prompt: String, offer: Option<String>) {
        self.ivr.stop(contact);
        let prompts = std::iter::once(prompt).chain(offer);
        let sounds = prompts.map(|prompt| Sound::Prompt(PromptId(prompt))).collect();
        self.command(telephony::Command::Play { contact, sounds, repeats: true }).await;
    }

    async fn drop_caller(&mut self, contact: ContactId, cause: EndCause, prompt: Option<String>) {
        self.ivr.stop(contact);
        let command = match prompt {
            Some(prompt) => {
                let sounds = vec![Sound::Prompt(PromptId(prompt))];
                telephony::Command::SeeOff { contact, cause, sounds }
            }
            None => telephony::Command::DropCaller { contact, cause },
        };
        self.command(command).await;
    }

    /// Whether it has no legs.
    pub(super) fn is_conversation(&self, contact: ContactId) -> bool {
        self.history.contact(contact).is_some_and(|known| !known.channel.is_call())
    }

    pub(super) fn start_script(
        &mut self,
        contact: ContactId,
        script: ScriptId,
        language: Option<String>,
        aside: Option<ivr::Aside>,
    ) {
        let Some(known) = self.history.contact(contact) else { return };
        let calling = known.calling.as_ref().and_then(Personal::known).cloned();
        let called = known.called.clone();
        let language = language.unwrap_or_default();
        let call = ivr::Call { contact, script, language, aside, calling, called };
        self.ivr.start(self.handle.clone(), call);
    }

    pub(super) async fn command(&self, command: telephony::Command) {
        if self.telephony.send(command).await.is_err() {
            warn!("the telephone side is gone");
        }
    }
}
