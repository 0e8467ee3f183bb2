//! A leg that we call.

use super::talk::{Conversation, Talk};
use super::timer::{Said, Terms, Timer};
use super::{Command, Ended, Failure, Leg, LegEvent, LegEvents, LegId};
use crate::sdp::{Local, Negotiated, Session};
use rsipstack::dialog::DialogId;
use rsipstack::dialog::dialog::{DialogState, DialogStateReceiver};
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::dialog::invitation::{InviteAsyncResult, InviteOption};
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::{Response, StatusCodeKind};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A call that is to be made, before its task runs.
pub(crate) struct Departure {
    pub(crate) id: LegId,
    pub(crate) layer: Arc<DialogLayer>,
    pub(crate) local: Local,
    pub(crate) place: OwnedSemaphorePermit,
    /// How long an abandoned INVITE may take to end: 64 T1.
    pub(crate) patience: Duration,
    pub(crate) terms: Terms,
    /// The endpoint closes.
    pub(crate) stop: CancellationToken,
}

/// Why an INVITE is over.
enum Turn {
    Answered(Negotiated),
    /// It was answered, but the answer is of no use.
    Unusable,
    Ended(Ended),
}

struct Task {
    layer: Arc<DialogLayer>,
    dialog: InviteDialog,
    states: DialogStateReceiver,
    commands: mpsc::Receiver<Command>,
    events: mpsc::Sender<LegEvent>,
    invite: JoinHandle<InviteAsyncResult>,
    talk: Talk,
    /// The answer, where it is for somebody else to read.
    described: Option<String>,
    patience: Duration,
    _place: OwnedSemaphorePermit,
}

impl Departure {
    /// Starts the leg; `option` is awaited in its task, since it may have to resolve a name.
    pub(crate) fn start(
        self,
        option: impl Future<Output = Option<InviteOption>> + Send + 'static,
    ) -> (Leg, LegEvents) {
        let stop = self.stop.clone();
        let (leg, mut commands) = Leg::new(self.id, None);
        let named = leg.dialog.clone();
        let (events, hear) = LegEvents::new();
        tokio::spawn(async move {
            let option = tokio::select! {
                option = option => option.ok_or(Ended::Failed(Failure::Unreachable)),
                _ = commands.recv() => Err(Ended::Cancelled),
            };
            match option.and_then(|option| self.invite(option, commands, events.clone())) {
                Ok(task) => task.run(stop, &named).await,
                Err(ended) => {
                    events.send(LegEvent::Ended(ended)).await.ok();
                }
            }
        });
        (leg, hear)
    }

    fn invite(
        self,
        mut option: InviteOption,
        commands: mpsc::Receiver<Command>,
        events: mpsc::Sender<LegEvent>,
    ) -> Result<Task, Ended> {
        let session = Session::offer(&self.local, self.id.0);
        option.offer = Some(session.to_string().into_bytes());
        let (to_us, states) = self.layer.new_dialog_state_channel();
        let invited = self.layer.do_invite_async(option, to_us);
        let (dialog, invite) = invited.map_err(|error| {
            tracing::debug!(%error, "sip.call_failed");
            Ended::Failed(Failure::Unreachable)
        })?;
        let timer = Timer::new(self.terms, Instant::now());
        let (local, id) = (self.local, self.id.0);
        let talk = Talk { local, session, id, awaits_answer: false, timer, agreed: None };
        Ok(Task {
            layer: self.layer,
            dialog,
            states,
            commands,
            events,
            invite,
            talk,
            described: None,
            patience: self.patience,
            _place: self.place,
        })
    }
}

impl Task {
    async fn run(mut self, stop: CancellationToken, named: &OnceLock<DialogId>) {
        let early = self.dialog.id();
        let mut is_invite_over = false;
        let ended = tokio::select! {
            ended = self.live(&mut is_invite_over, named) => ended,
            () = stop.cancelled() => Ended::Failed(Failure::Closed),
        };
        self.commands.close();
        self.events.send(LegEvent::Ended(ended)).await.ok();
        // First the goodbye: it leaves even when the endpoint closes at once.
        tokio::select! {
            biased;
            () = self.finish(is_invite_over) => {}
            () = stop.cancelled() => {}
        }
        self.invite.abort();
        self.layer.remove_dialog(&early);
        self.layer.remove_dialog(&self.dialog.id());
    }

    async fn live(&mut self, is_invite_over: &mut bool, named: &OnceLock<DialogId>) -> Ended {
        let (turn, is_over) = self.wait_for_answer().await;
        *is_invite_over = is_over;
        match turn {
            Turn::Answered(agreed) => {
                named.set(self.dialog.id()).ok();
                if let Some(answer) = self.described.take() {
                    self.events.send(LegEvent::Described(answer)).await.ok();
                }
                self.events.send(LegEvent::Answered(agreed)).await.ok();
                self.conversation().run().await
            }
            Turn::Unusable => Ended::Failed(Failure::Media),
            Turn::Ended(ended) => ended,
        }
    }

    /// Ends on the wire what has ended here.
    async fn finish(&mut self, is_invite_over: bool) {
        if !is_invite_over {
            self.abandon().await;
        } else if self.dialog.state().is_confirmed()
            && let Err(error) = self.dialog.bye().await
        {
            tracing::debug!(%error, "sip.bye_failed");
        }
    }

    fn conversation(&mut self) -> Conversation<'_> {
        Conversation {
            dialog: &self.dialog,
            states: &mut self.states,
            commands: &mut self.commands,
            events: &self.events,
            talk: &mut self.talk,
            referral: None,
        }
    }

    /// The outcome, and whether the INVITE's own task is over.
    async fn wait_for_answer(&mut self) -> (Turn, bool) {
        let (mut is_ringing, mut is_early) = (false, false);
        // What the peer does right after its answer waits in the queue for the conversation.
        let mut is_confirmed = false;
        loop {
            tokio::select! {
                result = &mut self.invite => return (self.judge(result.ok()), true),
                command = self.commands.recv() => {
                    if matches!(command, Some(Command::HangUp) | None) {
                        return (Turn::Ended(Ended::Cancelled), false);
                    }
                }
                Some(state) = self.states.recv(), if !is_confirmed => match state {
                    DialogState::Early(_, response) => {
                        let (told, event) = match self.agreed(&response) {
                            Some(agreed) => (&mut is_early, LegEvent::Early(agreed)),
                            None => (&mut is_ringing, LegEvent::Ringing),
                        };
                        if !std::mem::replace(told, true) {
                            self.events.send(event).await.ok();
                        }
                    }
                    DialogState::Confirmed(_, _) => is_confirmed = true,
                    _ => {}
                },
            }
        }
    }

    fn judge(&mut self, result: Option<InviteAsyncResult>) -> Turn {
        let response = match result {
            Some(Ok((_, Some(response)))) => response,
            Some(Err(error)) => {
                tracing::debug!(%error, "sip.call_failed");
                return Turn::Ended(Ended::Failed(Failure::Unreachable));
            }
            Some(Ok((_, None))) | None => return Turn::Ended(Ended::Failed(Failure::Closed)),
        };
        let code = response.status_code.code();
        if response.status_code.kind() != StatusCodeKind::Successful {
            return Turn::Ended(Ended::Rejected { code });
        }
        self.talk.timer.answered(Said::by(&response.headers), Instant::now());
        self.talk.agreed = self.agreed(&response);
        if self.talk.session.is_written() {
            self.described = String::from_utf8(response.body.clone()).ok();
        }
        self.talk.agreed.map_or(Turn::Unusable, Turn::Answered)
    }

    fn agreed(&self, response: &Response) -> Option<Negotiated> {
        let answer = self.talk.session.parse_answer(&response.body).ok()?;
        self.talk.session.accept(&answer).ok()
    }

    /// CANCEL (RFC 3261 §9.1). The stack ends a call whose 2xx crosses it with BYE.
    async fn abandon(&mut self) {
        let wait = async {
            if let Err(error) = self.dialog.cancel().await {
                tracing::debug!(%error, "sip.cancel_failed");
            }
            (&mut self.invite).await
        };
        match tokio::time::timeout(self.patience, wait).await {
            // The answer was there before the CANCEL could go out.
            Ok(Ok(Ok(_))) if self.dialog.state().is_confirmed() => {
                self.dialog.bye().await.ok();
            }
            Ok(_) | Err(_) => {}
        }
    }
}
