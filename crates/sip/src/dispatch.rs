//! What becomes of each request that the gate lets pass.

use crate::call::{Incoming, Invitation, Origin};
use crate::endpoint::Shared;
use crate::leg::{Arrival, Said};
use crate::registrar::Answer;
use crate::sdp::{Codec, Error as SessionError, Local, Session};
use crate::subscription;
use crate::transport::Transport;
use crate::wire::check::ALLOW;
use crate::wire::web::is_web;
use rsipstack::dialog::DialogId;
use rsipstack::dialog::dialog::Dialog;
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::{Header, HeadersExt, Method, Request, StatusCode, Uri};
use rsipstack::transaction::key::TransactionRole;
use rsipstack::transaction::{Transaction, TransactionReceiver};
use rsipstack::transport::SipConnection;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Seconds after which a caller may try again when all legs are in use.
pub(crate) const RETRY_AFTER: u32 = 5;

/// How often, and after how long each time, a request looks for a dialog that is being answered.
const SETTLING: u32 = 40;
const SETTLING_STEP: Duration = Duration::from_millis(5);

/// Takes requests until the endpoint stops.
pub(crate) async fn run(shared: Arc<Shared>, mut incoming: TransactionReceiver) {
    // A leg has at most its INVITE and a few requests at a time; the rest are registrations.
    let places = Arc::new(Semaphore::new(shared.limits.legs * 2 + 256));
    while let Some(transaction) = incoming.recv().await {
        // Without a place it goes unanswered, and its sender tries again.
        let Ok(place) = places.clone().try_acquire_owned() else { continue };
        let shared = shared.clone();
        tokio::spawn(async move {
            handle(&shared, transaction).await;
            drop(place);
        });
    }
}

async fn handle(shared: &Arc<Shared>, transaction: Transaction) {
    let request = &transaction.original;
    let tag = request.to_header().ok().and_then(|to| to.tag().ok().flatten());
    if tag.is_some() && request.method != Method::Subscribe {
        return within_dialog(shared, transaction).await;
    }
    match request.method {
        Method::Subscribe if tag.is_some() => subscription::renew(shared, transaction).await,
        Method::Subscribe => subscription::begin(shared, transaction).await,
        Method::Invite => invite(shared, transaction).await,
        Method::Register => register(shared, transaction).await,
        Method::Bye | Method::Info | Method::Update | Method::Refer => {
            finish(transaction, Answer::new(481)).await;
        }
        _ => {
            let allow = Header::Allow(ALLOW.into());
            finish(transaction, Answer { code: 405, headers: vec![allow] }).await;
        }
    }
}

/// Sends the final answer and stays until the transaction is over.
pub(crate) async fn finish(mut transaction: Transaction, answer: Answer) {
    let status = StatusCode::from(answer.code);
    if transaction.reply_with(status, answer.headers, None).await.is_ok()
        && transaction.original.method == Method::Invite
    {
        while transaction.receive().await.is_some() {}
    }
}

pub(crate) fn source_of(transaction: &Transaction) -> Option<(SocketAddr, Transport)> {
    let connection = transaction.connection.as_ref()?;
    let source = connection.get_remote_addr()?.get_socketaddr().ok()?;
    let transport = match connection {
        SipConnection::Udp(_) => Transport::Udp,
        _ if is_web(source) => Transport::Web,
        _ => Transport::Tcp,
    };
    Some((source, transport))
}

/// Whose phone it is, where that needs no proof: at the other end of a browser's connection.
fn proven(shared: &Shared, (source, transport): (SocketAddr, Transport)) -> Option<String> {
    (transport == Transport::Web).then(|| shared.connections.extension_at(source))?
}

async fn register(shared: &Arc<Shared>, transaction: Transaction) {
    let Some(source) = source_of(&transaction) else { return };
    let proven = proven(shared, source);
    let answer = shared.update_registrar(|registrar| {
        let is_own = |address| shared.gate.is_own(address);
        registrar.register(&transaction.original, source, proven, is_own, Instant::now())
    });
    finish(transaction, answer).await;
}

async fn within_dialog(shared: &Arc<Shared>, mut transaction: Transaction) {
    let Some(mut dialog) = find_dialog(shared, &transaction).await else {
        return finish(transaction, Answer::new(481)).await;
    };
    if transaction.original.method == Method::Invite && !dialog.state().is_confirmed() {
        return finish(transaction, too_early(&dialog)).await;
    }
    if let Err(error) = dialog.handle(&mut transaction).await {
        tracing::debug!(%error, "sip.request_failed");
    }
    if transaction.last_response.is_none() {
        // The dialog was not in a state for this request.
        finish(transaction, Answer::new(481)).await;
    }
}

/// An INVITE while another one of the same dialog is under way (RFC 3261 §14.2): glare with ours
/// is 491, a second of theirs is 500 with Retry-After.
fn too_early(dialog: &InviteDialog) -> Answer {
    if dialog.role() == TransactionRole::Client {
        return Answer::new(491);
    }
    Answer { code: 500, headers: vec![Header::RetryAfter(1.to_string().into())] }
}

/// The dialog of a request. Between our ACK and the stack's note that the call is answered, the
/// peer may already have sent its next request: it waits for that.
async fn find_dialog(shared: &Shared, transaction: &Transaction) -> Option<InviteDialog> {
    let wanted = DialogId::try_from(transaction).ok()?;
    for _ in 0..SETTLING {
        if let Some(Dialog::Invite(dialog)) = shared.layer.get_dialog(&wanted) {
            return Some(dialog);
        }
        // An unanswered dialog of ours stands in the table without the peer's tag.
        let ours = shared.layer.get_client_dialog_by_call_id(&wanted.call_id);
        let early = ours.into_iter().find(|dialog| dialog.id().local_tag == wanted.local_tag)?;
        if transaction.original.method == Method::Invite && early.id() == wanted {
            return Some(early);
        }
        tokio::time::sleep(SETTLING_STEP).await;
    }
    None
}

async fn invite(shared: &Arc<Shared>, transaction: Transaction) {
    let Some((source, transport)) = source_of(&transaction) else { return };
    let admitted = match transport {
        Transport::Web => admit_browser(shared, source),
        Transport::Udp | Transport::Tcp => admit(shared, &transaction.original, source),
    };
    match admitted {
        // whoever could name a call could take it (RFC 3891 §3)
        Ok(_) if replaces_another(&transaction.original) => {
            finish(transaction, Answer::new(403)).await;
        }
        Ok(origin) => {
            if let Err((transaction, answer)) =
                begin(shared, transaction, origin, source, transport)
            {
                finish(*transaction, answer).await;
            }
        }
        Err(answer) => finish(transaction, answer).await,
    }
}

/// Whether it is to take the place of a call that stands.
fn replaces_another(request: &Request) -> bool {
    let is_replaces = |header: &Header| match header {
        Header::Replaces(_) => true,
        Header::Other(name, _) => name.eq_ignore_ascii_case("replaces"),
        _ => false,
    };
    request.headers.iter().any(is_replaces)
}

/// Whose call it is. A registered phone's own address always means the phone, so that phones may
/// stand on a network that is also a trunk.
fn admit(shared: &Shared, request: &Request, source: SocketAddr) -> Result<Origin, Answer> {
    let mut registrar = shared.registrar();
    let registrations = registrar.registrations();
    let is_phone = registrations.extension_at(source).is_some();
    if !is_phone && shared.gate.is_trunk(source.ip()) {
        return Ok(Origin::Trunk);
    }
    if !is_phone && !registrations.knows_host(source) {
        return Err(Answer::new(403));
    }
    let extension = registrar.authenticate(request, Instant::now())?;
    if registrar.registrations().is_registered(&extension) {
        Ok(Origin::Extension(extension))
    } else {
        Err(Answer::new(403))
    }
}

/// The same of a call from a browser.
fn admit_browser(shared: &Shared, source: SocketAddr) -> Result<Origin, Answer> {
    let extension = shared.connections.extension_at(source).ok_or_else(|| Answer::new(403))?;
    if shared.registrar().registrations().is_registered(&extension) {
        Ok(Origin::Extension(extension))
    } else {
        Err(Answer::new(403))
    }
}

type NotBegun = (Box<Transaction>, Answer);

/// Makes a leg of an INVITE and gives it to the application.
fn begin(
    shared: &Arc<Shared>,
    transaction: Transaction,
    origin: Origin,
    source: SocketAddr,
    transport: Transport,
) -> Result<(), NotBegun> {
    let refuse = |transaction: Transaction, code| Err((Box::new(transaction), Answer::new(code)));
    let busy = || {
        let later = Header::RetryAfter(RETRY_AFTER.to_string().into());
        Answer { code: 503, headers: vec![later] }
    };
    if let Some(field) =
        Said::by(&transaction.original.headers).too_short(shared.limits.terms(shared.t1))
    {
        return Err((Box::new(transaction), Answer { code: 422, headers: vec![field] }));
    }
    let offer = match read_offer(&transaction.original) {
        Ok(offer) => offer,
        Err(code) => return refuse(transaction, code),
    };
    let Ok(place) = shared.legs.clone().try_acquire_owned() else {
        return Err((Box::new(transaction), busy()));
    };
    let Ok(slot) = shared.calls.try_reserve() else {
        return Err((Box::new(transaction), busy()));
    };
    let invitation = Invitation {
        calling_number: calling_number(&transaction.original, &origin),
        called_number: called_number(&transaction.original.uri),
        origin,
        source,
        local_ip: shared.local_ip_towards(source),
        max_forwards: max_forwards(&transaction.original),
    };
    let (to_us, states) = shared.layer.new_dialog_state_channel();
    let contact = shared.contact(source, transport, "");
    let made = shared.layer.get_or_create_server_invite(&transaction, to_us, None, Some(contact));
    let Ok(dialog) = made else { return refuse(transaction, 400) };
    let arrival = Arrival {
        id: shared.next_leg(),
        layer: shared.layer.clone(),
        dialog,
        states,
        transaction,
        offer,
        unanswered: shared.limits.unanswered,
        terms: shared.limits.terms(shared.t1),
        place,
        stop: shared.stop.clone(),
    };
    let (leg, events) = arrival.start();
    slot.send(Incoming { invitation, leg, events });
    Ok(())
}

/// The caller's offer, if it can be answered at all.
fn read_offer(request: &Request) -> Result<Option<Session>, u16> {
    if request.body.is_empty() {
        return Ok(None);
    }
    let known = [Codec::Pcma, Codec::Pcmu, Codec::G722];
    let anything = Local::new(SocketAddr::from(([0, 0, 0, 0], 1)), &known);
    let offer = Session::parse(&request.body);
    match offer.and_then(|offer| offer.answer(&anything, 0).map(|_| offer.clone())) {
        Ok(offer) => Ok(Some(offer)),
        Err(SessionError::Malformed(_)) => Err(400),
        Err(SessionError::NotAcceptable(_)) => Err(488),
    }
}

/// A trunk vouches for P-Asserted-Identity (RFC 3325); a phone's number is its extension.
fn calling_number(request: &Request, origin: &Origin) -> Option<String> {
    if let Origin::Extension(extension) = origin {
        return Some(extension.clone());
    }
    let withheld = request
        .headers
        .iter()
        .any(|header| matches!(header, Header::Privacy(privacy) if privacy.value().contains("id")));
    if withheld {
        return None;
    }
    let asserted = request.p_asserted_identity_header().and_then(|identity| {
        let value = identity.value();
        let uri = value.split_once('<').map_or(value, |(_, rest)| rest);
        Uri::try_from(uri.split('>').next()?).ok()
    });
    let from = || request.from_header().ok()?.uri().ok();
    let user = number_of(&asserted.or_else(from)?)?;
    (!user.eq_ignore_ascii_case("anonymous")).then_some(user)
}

fn called_number(uri: &Uri) -> String {
    number_of(uri).unwrap_or_default()
}

/// The user part, or the number of a `tel:` URI, without the escapes and user parameters.
pub(crate) fn number_of(uri: &Uri) -> Option<String> {
    let tel = matches!(&uri.scheme, Some(rsipstack::sip::Scheme::Other(name)) if name == "tel");
    let text = match &uri.auth {
        Some(auth) => auth.user.clone(),
        None if tel => uri.host_with_port.host.to_string(),
        None => return None,
    };
    let number = text.split(';').next().unwrap_or_default();
    Some(unescaped(number)).filter(|number| !number.is_empty())
}

pub(crate) fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        let escaped = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        match escaped {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn max_forwards(request: &Request) -> u8 {
    let value = request.max_forwards_header().ok().map(|field| field.value().trim().parse());
    value.and_then(Result::ok).unwrap_or(70)
}
