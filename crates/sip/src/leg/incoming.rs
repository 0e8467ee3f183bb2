//! A leg whose peer called us.

use super::talk::{Conversation, Talk, how_it_ended, late_answer, sdp_headers};
use super::timer::{Said, Terms, Timer};
use super::{Command, Ended, Failure, Leg, LegEvent, LegEvents, LegId, Side};
use crate::sdp::{Local, Negotiated, Session};
use crate::wire::check::ALLOW;
use rsipstack::dialog::dialog::{DialogState, DialogStateReceiver};
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::{Header, HeadersExt, StatusCode};
use rsipstack::transaction::Transaction;
use rsipstack::transaction::transaction::{TransactionEvent, TransactionEventSender};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// An INVITE that became a leg, before its task runs.
pub(crate) struct Arrival {
    pub(crate) id: LegId,
    pub(crate) layer: Arc<DialogLayer>,
    pub(crate) dialog: InviteDialog,
    pub(crate) states: DialogStateReceiver,
    pub(crate) transaction: Transaction,
    pub(crate) offer: Option<Session>,
    pub(crate) unanswered: Duration,
    pub(crate) terms: Terms,
    pub(crate) place: OwnedSemaphorePermit,
    /// The endpoint closes.
    pub(crate) stop: CancellationToken,
}

/// Why the leg stopped ringing.
enum Turn {
    Answered(Session, Local, Option<Negotiated>),
    Ended(Ended),
}

struct Task {
    layer: Arc<DialogLayer>,
    dialog: InviteDialog,
    states: DialogStateReceiver,
    commands: mpsc::Receiver<Command>,
    events: mpsc::Sender<LegEvent>,
    invite: JoinHandle<()>,
    /// The INVITE's transaction is over; its handle must not be asked again.
    is_invite_over: bool,
    to_transaction: TransactionEventSender,
    has_offer: bool,
    wants_reliable: bool,
    terms: Terms,
    id: LegId,
    _place: OwnedSemaphorePermit,
}

impl Arrival {
    /// Starts the leg.
    pub(crate) fn start(self) -> (Leg, LegEvents) {
        let has_offer = self.offer.is_some();
        let (mut leg, commands) = Leg::new(self.id, self.offer.map(Arc::new));
        let request = self.dialog.initial_request();
        leg.wants_reliable = request.header_contains_token("Require", "100rel");
        let wants_reliable = leg.wants_reliable;
        leg.dialog.set(self.dialog.id()).ok();
        let (events, hear) = LegEvents::new();
        let to_transaction = self.transaction.tu_sender.clone();
        let (mut dialog, mut transaction) = (self.dialog.clone(), self.transaction);
        let invite = tokio::spawn(async move {
            if let Err(error) = dialog.handle(&mut transaction).await {
                tracing::debug!(%error, "sip.invite_failed");
            }
        });
        let task = Task {
            layer: self.layer,
            dialog: self.dialog,
            states: self.states,
            commands,
            events,
            invite,
            is_invite_over: false,
            to_transaction,
            has_offer,
            wants_reliable,
            terms: self.terms,
            id: self.id,
            _place: self.place,
        };
        tokio::spawn(task.run(self.unanswered, self.stop));
        (leg, hear)
    }
}

impl Task {
    async fn run(mut self, unanswered: Duration, stop: CancellationToken) {
        let ended = tokio::select! {
            ended = self.live(unanswered) => ended,
            () = stop.cancelled() => Ended::Failed(Failure::Closed),
        };
        self.commands.close();
        self.events.send(LegEvent::Ended(ended)).await.ok();
        let by_us = [
            Ended::HungUp { by: Side::Us },
            Ended::Failed(Failure::Closed),
            Ended::Failed(Failure::Gone),
        ];
        if by_us.contains(&ended) {
            // First the goodbye: it leaves even when the endpoint closes at once.
            tokio::select! {
                biased;
                () = self.bye() => {}
                () = stop.cancelled() => {}
            }
        }
        self.layer.remove_dialog(&self.dialog.id());
    }

    async fn live(&mut self, unanswered: Duration) -> Ended {
        match self.ring(unanswered).await {
            Turn::Answered(session, local, agreed) => self.answered(session, local, agreed).await,
            Turn::Ended(ended) => ended,
        }
    }

    async fn ring(&mut self, unanswered: Duration) -> Turn {
        let deadline = tokio::time::sleep(unanswered);
        tokio::pin!(deadline);
        loop {
            tokio::select! {
                command = self.commands.recv() => match command {
                    Some(Command::Ring) => self.tell_ringing(),
                    Some(Command::Progress { session }) => self.tell_progress(&session),
                    Some(Command::Answer { session, local, agreed }) => {
                        return Turn::Answered(session, local, agreed);
                    }
                    Some(Command::Reject { code, reason }) => return self.reject(code, reason),
                    Some(Command::Probe | Command::AnswerReferral { .. }) => {}
                    Some(Command::HangUp) | None => return self.reject(480, None),
                },
                state = self.states.recv() => match state {
                    Some(DialogState::Terminated(_, reason)) => {
                        // A BYE before the answer leaves the INVITE open (RFC 3261 §15.1.2).
                        self.finish_invite();
                        return Turn::Ended(match how_it_ended(self.dialog.role(), &reason) {
                            Ended::HungUp { .. } => Ended::Cancelled,
                            other => other,
                        });
                    }
                    Some(_) => {}
                    None => return Turn::Ended(Ended::Failed(Failure::Closed)),
                },
                _ = &mut self.invite, if !self.is_invite_over => {
                    self.is_invite_over = true;
                    if !self.dialog.state().is_terminated() {
                        return Turn::Ended(Ended::Failed(Failure::Closed));
                    }
                }
                () = &mut deadline => {
                    self.reject(480, None);
                    return Turn::Ended(Ended::Failed(Failure::Unanswered));
                }
            }
        }
    }

    /// Nothing to a caller who insists on acknowledging it (RFC 3262 §3): an answer will do.
    fn tell_ringing(&self) {
        if !self.wants_reliable {
            self.dialog.ringing(None, None).ok();
        }
    }

    fn tell_progress(&self, session: &Session) {
        let body = session.to_string().into_bytes();
        self.dialog.ringing(Some(sdp_headers()), Some(body)).ok();
    }

    fn reject(&self, code: u16, reason: Option<String>) -> Turn {
        let code = if (300..700).contains(&code) { code } else { 500 };
        self.dialog.reject(Some(StatusCode::from(code)), reason).ok();
        Turn::Ended(Ended::Rejected { code })
    }

    /// 487 to an INVITE whose dialog has ended without a final response.
    fn finish_invite(&self) {
        let mut request = self.dialog.initial_request();
        let tag = self.dialog.id().local_tag;
        for header in request.headers.iter_mut() {
            if let Header::To(to) = header {
                *to = to.clone().with_tag(tag.clone().into());
            }
        }
        let status = StatusCode::RequestTerminated;
        let response = self.layer.endpoint.make_response(&request, status, None);
        self.to_transaction.send(TransactionEvent::Respond(response)).ok();
    }

    async fn answered(
        &mut self,
        session: Session,
        local: Local,
        agreed: Option<Negotiated>,
    ) -> Ended {
        let body = session.to_string().into_bytes();
        let now = Instant::now();
        let mut timer = Timer::new(self.terms, now);
        let mut fields = timer.asked(Said::by(&self.dialog.initial_request().headers), now);
        fields.extend(sdp_headers());
        fields.push(Header::Allow(ALLOW.into()));
        if self.dialog.accept(Some(fields), Some(body)).is_err() {
            return Ended::Failed(Failure::Closed);
        }
        let mut talk = Talk { local, session, id: self.id.0, awaits_answer: false, timer, agreed };
        loop {
            tokio::select! {
                command = self.commands.recv() => match command {
                    Some(Command::HangUp) | None => return Ended::HungUp { by: Side::Us },
                    Some(_) => {}
                },
                state = self.states.recv() => match state {
                    Some(DialogState::Confirmed(_, _)) => break,
                    Some(DialogState::Terminated(_, reason)) => {
                        return how_it_ended(self.dialog.role(), &reason);
                    }
                    Some(_) => {}
                    None => return Ended::Failed(Failure::Closed),
                },
                _ = &mut self.invite, if !self.is_invite_over => {
                    self.is_invite_over = true;
                    let state = self.dialog.state();
                    if !state.is_confirmed() && !state.is_terminated() {
                        return Ended::Failed(Failure::Unacknowledged);
                    }
                }
            }
        }
        let late = if self.has_offer {
            None
        } else {
            let Some(agreed) = late_answer(&self.dialog, &talk.session) else {
                self.dialog.bye().await.ok();
                return Ended::Failed(Failure::Media);
            };
            talk.agreed = Some(agreed);
            Some(agreed)
        };
        self.events.send(LegEvent::Confirmed(late)).await.ok();
        let mut conversation = Conversation {
            dialog: &self.dialog,
            states: &mut self.states,
            commands: &mut self.commands,
            events: &self.events,
            talk: &mut talk,
            referral: None,
        };
        conversation.run().await
    }

    /// BYE, but not before the caller has acknowledged our answer (RFC 3261 §15).
    async fn bye(&mut self) {
        while self.dialog.state().waiting_ack() {
            match self.states.recv().await {
                Some(DialogState::Confirmed(_, _) | DialogState::Terminated(_, _)) | None => break,
                Some(_) => {}
            }
        }
        if self.dialog.state().is_confirmed()
            && let Err(error) = self.dialog.bye().await
        {
            tracing::debug!(%error, "sip.bye_failed");
        }
    }
}
