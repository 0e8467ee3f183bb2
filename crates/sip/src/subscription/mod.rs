//! Phones that want to know how many messages wait (RFC 3842, by the rules of RFC 6665).
//!
//! A registered phone subscribes to its own address, with the same proof as for a call. It is told
//! at once, and whenever the number changes, not more often than every 2 T1. What a phone does not
//! take, or no longer answers, ends its subscription.

mod dialog;
mod summary;
mod table;
mod wish;

pub use summary::Messages;

use crate::dispatch::{RETRY_AFTER, finish, number_of, source_of};
use crate::endpoint::Shared;
use crate::options::Limits;
use crate::registrar::Answer;
use crate::transport::Transport;
use dialog::{Dialog, State};
use rsipstack::sip::{Header, HeadersExt, Request, StatusCode};
use rsipstack::transaction::{Transaction, make_tag};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use table::{Key, Refused, Table};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use wish::Wish;

/// Renewals that wait for the one who looks after a subscription.
const RENEWALS: usize = 4;
/// Shortest time between two changes that a phone is told, in T1: a second (RFC 3842 §3.10).
const PACE: u32 = 2;

/// A renewal: for how long, and from where.
type Renewal = (Duration, SocketAddr, Transport);

/// All subscriptions of an endpoint, and what they are about.
#[derive(Debug)]
pub(crate) struct Subscriptions {
    table: Mutex<Table<mpsc::Sender<Renewal>>>,
    /// By extension; nothing where no message waits.
    messages: watch::Sender<BTreeMap<String, Messages>>,
    /// How long one lasts, at the least and at the most.
    terms: (Duration, Duration),
}

impl Subscriptions {
    pub(crate) fn new(limits: &Limits) -> Self {
        let table = Table::new(limits.subscriptions_of_one, limits.subscriptions);
        Self {
            table: Mutex::new(table),
            messages: watch::Sender::default(),
            terms: (limits.least_subscription, limits.subscription),
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.table().len()
    }

    /// So many messages wait for an extension from now on.
    pub(crate) fn tell(&self, extension: &str, messages: Messages) {
        self.messages.send_if_modified(|all| {
            let before = if messages == Messages::default() {
                all.remove(extension)
            } else {
                all.insert(extension.to_owned(), messages)
            };
            before.unwrap_or_default() != messages
        });
    }

    fn table(&self) -> MutexGuard<'_, Table<mpsc::Sender<Renewal>>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A SUBSCRIBE that begins a subscription, or asks once.
pub(crate) async fn begin(shared: &Arc<Shared>, mut transaction: Transaction) {
    let Some((source, transport)) = source_of(&transaction) else { return };
    let terms = shared.subscriptions.terms;
    let request = &transaction.original;
    let admitted = admit(shared, request, source).and_then(|extension| {
        let wish = Wish::read(request, terms)?;
        let own = shared.contact(source, transport, "");
        let tag = make_tag();
        let dialog = Dialog::of(request, &wish.event, &tag, own, (source, transport));
        Ok((extension, wish, dialog.ok_or(Answer::new(400))?, tag))
    });
    let (extension, wish, dialog, tag) = match admitted {
        Ok(admitted) => admitted,
        Err(answer) => return finish(transaction, answer).await,
    };
    let mut watcher = Watcher {
        shared: shared.clone(),
        messages: shared.subscriptions.messages.subscribe(),
        key: dialog.key(),
        extension,
        dialog,
        expires: Instant::now() + wish.granted,
        told: Messages::default(),
    };
    if wish.granted.is_zero() {
        if accept(&mut transaction, Some(tag), &watcher.dialog, wish.granted).await {
            watcher.tell(true).await;
        }
        return;
    }
    let (way, renewals) = mpsc::channel(RENEWALS);
    let (key, whose) = (watcher.key.clone(), (watcher.extension.as_str(), source));
    let begun = shared.subscriptions.table().begin(key, whose, watcher.dialog.their_seq, way);
    match begun {
        Ok(()) if accept(&mut transaction, Some(tag), &watcher.dialog, wish.granted).await => {
            tokio::spawn(watcher.run(renewals));
        }
        Ok(()) => shared.subscriptions.table().end(&watcher.key),
        Err(refused) => finish(transaction, refusal(refused)).await,
    }
}

/// A SUBSCRIBE within a subscription: to go on, or to end it.
pub(crate) async fn renew(shared: &Arc<Shared>, mut transaction: Transaction) {
    let Some((source, transport)) = source_of(&transaction) else { return };
    let request = &transaction.original;
    let renewed = admit(shared, request, source).and_then(|extension| {
        let wish = Wish::read(request, shared.subscriptions.terms)?;
        let own = shared.contact(source, transport, "");
        let (key, seq) = dialog::named(request).ok_or(Answer::new(400))?;
        let dialog = Dialog::of(request, &wish.event, "", own, (source, transport));
        let dialog = dialog.ok_or(Answer::new(400))?;
        let mut table = shared.subscriptions.table();
        let way = table.renew(&key, &extension, seq).map_err(refusal)?;
        let place = way.clone().try_reserve_owned().map_err(|_| Answer::new(500))?;
        Ok((wish.granted, dialog, place))
    });
    match renewed {
        Ok((granted, dialog, place)) => {
            if accept(&mut transaction, None, &dialog, granted).await {
                place.send((granted, source, transport));
            }
        }
        Err(answer) => finish(transaction, answer).await,
    }
}

/// The extension whose phone asks for what is its own.
fn admit(shared: &Shared, request: &Request, source: SocketAddr) -> Result<String, Answer> {
    let mut registrar = shared.registrar();
    if !registrar.registrations().knows_host(source) {
        return Err(Answer::new(403));
    }
    let extension = registrar.authenticate(request, std::time::Instant::now())?;
    let is_there = registrar.registrations().is_registered(&extension);
    let to = request.to_header().ok().and_then(|to| to.uri().ok());
    // within a dialog the request is addressed to us, and only To says whom it is about
    let is_own = to.and_then(|uri| number_of(&uri)).is_some_and(|it| it == extension)
        && number_of(&request.uri).is_none_or(|it| it == extension);
    if is_there && is_own { Ok(extension) } else { Err(Answer::new(403)) }
}

fn refusal(refused: Refused) -> Answer {
    match refused {
        Refused::TooManyOfOne => Answer::new(403),
        Refused::TooMany => {
            let later = Header::RetryAfter(RETRY_AFTER.to_string().into());
            Answer { code: 503, headers: vec![later] }
        }
        Refused::Unknown => Answer::new(481),
        Refused::OutOfOrder => Answer::new(500),
    }
}

/// 200 with the time that is granted; whether it could be sent.
async fn accept(
    transaction: &mut Transaction,
    tag: Option<rsipstack::sip::param::Tag>,
    dialog: &Dialog,
    granted: Duration,
) -> bool {
    if let (Some(tag), Ok(to)) = (tag, transaction.original.to_header()) {
        let to = to.clone().with_tag(tag);
        transaction.original.headers.unique_push(to.into());
    }
    let headers = vec![
        Header::Expires(granted.as_secs().to_string().into()),
        Header::Contact(format!("<{}>", dialog.own).into()),
    ];
    transaction.reply_with(StatusCode::OK, headers, None).await.is_ok()
}

/// Looks after one subscription.
struct Watcher {
    shared: Arc<Shared>,
    messages: watch::Receiver<BTreeMap<String, Messages>>,
    key: Key,
    extension: String,
    dialog: Dialog,
    expires: Instant,
    /// What the phone knows.
    told: Messages,
}

impl Watcher {
    async fn run(mut self, renewals: mpsc::Receiver<Renewal>) {
        let stop = self.shared.stop.clone();
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.watch(renewals) => {}
        }
        self.shared.subscriptions.table().end(&self.key);
    }

    async fn watch(&mut self, mut renewals: mpsc::Receiver<Renewal>) {
        let pace = self.shared.t1 * PACE;
        let mut is_there = self.tell(false).await;
        let mut next = Instant::now() + pace;
        while is_there {
            let is_news = self.now() != self.told;
            tokio::select! {
                renewal = renewals.recv() => {
                    // another subscription of the same phone has taken its place
                    let Some((granted, source, transport)) = renewal else { return };
                    self.dialog.at = (source, transport);
                    self.expires = Instant::now() + granted;
                    is_there = self.tell(granted.is_zero()).await && !granted.is_zero();
                }
                () = tokio::time::sleep_until(self.expires) => {
                    self.tell(true).await;
                    return;
                }
                () = tokio::time::sleep_until(next), if is_news => {
                    is_there = self.tell(false).await;
                    next = Instant::now() + pace;
                }
                changed = self.messages.changed(), if !is_news => {
                    if changed.is_err() {
                        return;
                    }
                }
            }
        }
    }

    fn now(&self) -> Messages {
        self.messages.borrow().get(&self.extension).copied().unwrap_or_default()
    }

    /// Tells how many messages wait; whether the phone is there.
    async fn tell(&mut self, is_last: bool) -> bool {
        self.messages.mark_unchanged();
        self.told = self.now();
        let left = self.expires.saturating_duration_since(Instant::now());
        let state = if is_last { State::Over } else { State::Active(left) };
        let code = self.dialog.notify(&self.shared, self.told, state).await;
        code.is_some_and(|code| (200..300).contains(&code))
    }
}
