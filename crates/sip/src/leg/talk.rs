//! A leg whose call is answered: requests of the peer within the dialog, and its end.

use super::timer::{Due, Said, Timer};
use super::{Command, Ended, Failure, LegEvent, Side, referral};
use crate::sdp::{Local, Negotiated, Session};
use rsipstack::dialog::dialog::{
    DialogState, DialogStateReceiver, TerminatedReason, TransactionHandle,
};
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::{Header, Method, Request, Response, StatusCode, StatusCodeKind};
use rsipstack::transaction::key::TransactionRole;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

/// Our side of the session, for offers that come later.
pub(super) struct Talk {
    pub(super) local: Local,
    pub(super) session: Session,
    pub(super) id: u64,
    /// A 2xx with our offer is out; its ACK brings the answer.
    pub(super) awaits_answer: bool,
    pub(super) timer: Timer,
    /// What was agreed last.
    pub(super) agreed: Option<Negotiated>,
}

/// A refresh under way: its method, and what it got; `None` where nothing came.
type Refresh = AbortOnDropHandle<(Method, Option<Response>)>;

/// What a leg's task works with once the dialog stands.
pub(super) struct Conversation<'a> {
    pub(super) dialog: &'a InviteDialog,
    pub(super) states: &'a mut DialogStateReceiver,
    pub(super) commands: &'a mut mpsc::Receiver<Command>,
    pub(super) events: &'a mpsc::Sender<LegEvent>,
    pub(super) talk: &'a mut Talk,
    /// A REFER that waits for the application.
    pub(super) referral: Option<TransactionHandle>,
}

impl Conversation<'_> {
    /// Runs until one side hangs up.
    pub(super) async fn run(&mut self) -> Ended {
        let mut refresh: Option<Refresh> = None;
        loop {
            let due = self.talk.timer.due();
            tokio::select! {
                command = self.commands.recv() => match command {
                    Some(Command::HangUp) | None => return Ended::HungUp { by: Side::Us },
                    Some(Command::Probe) => if refresh.is_none() {
                        let within = Some(self.talk.timer.terms().probe);
                        refresh = self.refresh(self.talk.timer.method(), within);
                    },
                    Some(Command::AnswerReferral { code }) => {
                        if let Some(handle) = self.referral.take() {
                            referral::answer(self.dialog, &handle, code).await;
                        }
                    }
                    // What belongs to an unanswered call comes too late.
                    Some(_) => {}
                },
                state = self.states.recv() => match state {
                    Some(state) => if let Some(ended) = self.follow(state).await {
                        return ended;
                    },
                    None => return Ended::Failed(Failure::Closed),
                },
                answer = answer_of(&mut refresh) => {
                    refresh = None;
                    if !self.refreshed(answer).await {
                        return Ended::Failed(Failure::Gone);
                    }
                },
                () = tokio::time::sleep_until(due), if refresh.is_none() => {
                    match self.talk.timer.to_do() {
                        Due::Refresh(method) => refresh = self.refresh(method, None),
                        Due::End => return Ended::Failed(Failure::Gone),
                    }
                }
            }
        }
    }

    /// Asks the peer, who has as long as SIP's timers give or less; `None` and again soon where the
    /// session is just being changed.
    fn refresh(&mut self, method: Method, within: Option<Duration>) -> Option<Refresh> {
        if !self.dialog.state().is_confirmed() {
            self.talk.timer.later(Instant::now());
            return None;
        }
        let mut fields = self.talk.timer.fields();
        let body = (method == Method::Invite).then(|| self.talk.session.to_string().into_bytes());
        if body.is_some() {
            fields.extend(sdp_headers());
        }
        let dialog = self.dialog.clone();
        Some(AbortOnDropHandle::new(tokio::spawn(async move {
            let asked = dialog.request(method, Some(fields), body);
            let answer = match within {
                Some(within) => tokio::time::timeout(within, asked).await,
                None => Ok(asked.await),
            };
            (method, answer.ok().and_then(Result::ok).flatten())
        })))
    }

    /// Whether the peer is still there.
    async fn refreshed(&mut self, (method, answer): (Method, Option<Response>)) -> bool {
        let Some(answer) = answer else { return false };
        let is_ok = answer.status_code.kind() == StatusCodeKind::Successful;
        if is_ok
            && method == Method::Invite
            && let Ok(theirs) = self.talk.session.parse_answer(&answer.body)
            && let Ok(agreed) = self.talk.session.accept(&theirs)
        {
            self.agree(agreed).await;
        }
        let said = Said::by(&answer.headers);
        self.talk.timer.refreshed(answer.status_code.code(), said, Instant::now())
    }

    /// Tells what is agreed now, where that is something else.
    async fn agree(&mut self, agreed: Negotiated) {
        if self.talk.agreed.replace(agreed) != Some(agreed) {
            self.events.send(LegEvent::Changed(agreed)).await.ok();
        }
    }

    async fn follow(&mut self, state: DialogState) -> Option<Ended> {
        match state {
            DialogState::Terminated(_, reason) => {
                return Some(how_it_ended(self.dialog.role(), &reason));
            }
            DialogState::Confirmed(_, _) if self.talk.awaits_answer => {
                self.talk.awaits_answer = false;
                if let Some(agreed) = late_answer(self.dialog, &self.talk.session) {
                    self.agree(agreed).await;
                }
            }
            DialogState::Updated(_, request, handle) => self.change(&request, &handle).await,
            DialogState::Info(_, request, handle) => {
                if let Some(key) = key_of(&request) {
                    self.events.try_send(LegEvent::Key(key)).ok();
                }
                handle.reply(StatusCode::OK).await.ok();
            }
            DialogState::Options(_, _, handle) => {
                handle.reply(StatusCode::OK).await.ok();
            }
            DialogState::Refer(_, request, handle) => self.refer(&request, handle).await,
            DialogState::Notify(_, _, handle)
            | DialogState::Message(_, _, handle)
            | DialogState::Publish(_, _, handle) => {
                handle.reply(StatusCode::MethodNotAllowed).await.ok();
            }
            _ => {}
        }
        None
    }

    /// Asks the application; one REFER at a time.
    async fn refer(&mut self, request: &Request, handle: TransactionHandle) {
        let refused = match referral::read(request) {
            Ok(_) if self.referral.is_some() => StatusCode::RequestPending,
            Ok(event) => {
                self.referral = Some(handle);
                self.events.send(event).await.ok();
                return;
            }
            Err(status) => status,
        };
        handle.reply(refused).await.ok();
    }

    /// Answers a re-INVITE or UPDATE: with our answer to its offer; without an offer a re-INVITE
    /// gets ours again, and an UPDATE (a refresh) just its 200.
    async fn change(&mut self, request: &Request, handle: &TransactionHandle) {
        let said = Said::by(&request.headers);
        if let Some(field) = said.too_short(self.talk.timer.terms()) {
            let status = StatusCode::SessionIntervalTooSmall;
            handle.respond(status, Some(vec![field]), None).await.ok();
            return;
        }
        if request.body.is_empty() {
            if request.method == Method::Invite {
                let version = self.talk.session.version() + 1;
                let offer = Session::offer(&self.talk.local, self.talk.id);
                self.talk.session = offer.succeeding(self.talk.id, version);
                self.talk.awaits_answer = true;
                self.respond(handle, said, Some(self.talk.session.to_string())).await;
            } else {
                self.respond(handle, said, None).await;
            }
            return;
        }
        let offer = Session::parse(&request.body);
        let answered = offer.and_then(|offer| offer.answer(&self.talk.local, self.talk.id));
        match answered {
            Ok((answer, agreed)) => {
                let same = answer.says_the_same(&self.talk.session);
                let version = self.talk.session.version() + u64::from(!same);
                self.talk.session = answer.succeeding(self.talk.id, version);
                self.respond(handle, said, Some(self.talk.session.to_string())).await;
                self.agree(agreed).await;
            }
            Err(error) => {
                let status = match error {
                    crate::sdp::Error::Malformed(_) => StatusCode::BadRequest,
                    crate::sdp::Error::NotAcceptable(_) => StatusCode::NotAcceptableHere,
                };
                handle.reply(status).await.ok();
            }
        }
    }

    async fn respond(&mut self, handle: &TransactionHandle, said: Said, body: Option<String>) {
        let mut fields = self.talk.timer.asked(said, Instant::now());
        if body.is_some() {
            fields.extend(sdp_headers());
        }
        handle.respond(StatusCode::OK, Some(fields), body.map(String::into_bytes)).await.ok();
    }
}

async fn answer_of(refresh: &mut Option<Refresh>) -> (Method, Option<Response>) {
    match refresh {
        // A task that broke off has got nothing.
        Some(refresh) => refresh.await.unwrap_or((Method::Update, None)),
        None => std::future::pending().await,
    }
}

/// Content-Type of a session description.
pub(super) fn sdp_headers() -> Vec<Header> {
    vec![Header::ContentType(crate::wire::check::SDP.into())]
}

/// What the ACK answers to our offer in a 2xx.
pub(super) fn late_answer(dialog: &InviteDialog, offer: &Session) -> Option<Negotiated> {
    let ack = dialog.last_remote_ack()?;
    offer.accept(&offer.parse_answer(&ack.body).ok()?).ok()
}

/// The stack names the end of a dialog by the role of who ended it.
pub(super) fn how_it_ended(role: TransactionRole, reason: &TerminatedReason) -> Ended {
    let by_caller = match reason {
        TerminatedReason::UacBye => true,
        TerminatedReason::UasBye => false,
        TerminatedReason::UacCancel => return Ended::Cancelled,
        TerminatedReason::Timeout => return Ended::Failed(Failure::Unacknowledged),
        _ => return Ended::HungUp { by: Side::Peer },
    };
    let by_us = by_caller == (role == TransactionRole::Client);
    Ended::HungUp { by: if by_us { Side::Us } else { Side::Peer } }
}

/// The key of an INFO: `Signal=5` of `application/dtmf-relay`, or the bare key of
/// `application/dtmf`.
fn key_of(request: &Request) -> Option<char> {
    let kind = request.headers.iter().find_map(|header| match header {
        Header::ContentType(kind) => Some(kind.value().trim().to_ascii_lowercase()),
        _ => None,
    })?;
    let body = std::str::from_utf8(&request.body).ok()?;
    let text = match kind.split(';').next()?.trim() {
        "application/dtmf-relay" => body.lines().find_map(|line| {
            let (name, value) = line.split_once('=')?;
            name.trim().eq_ignore_ascii_case("signal").then(|| value.trim())
        })?,
        "application/dtmf" => body.trim(),
        _ => return None,
    };
    let mut chars = text.chars();
    let key = chars.next()?.to_ascii_uppercase();
    (chars.next().is_none() && "0123456789*#ABCD".contains(key)).then_some(key)
}
