//! The communication server: every contact with a customer, from the first sign to the last.
//!
//! Two sides that speak to each other in messages only. The *telephone side* (`telephony`) holds
//! call legs and their sound; it knows no queues. The *contact side* (`domain`) is the one owner of
//! contacts and agents: each input is decided by the pure core `routing`, its events are appended
//! to the log, its effects carried out. Dialogue scripts talk with callers through `ivr`; what
//! leads customers on the web or by messages reports to `conversations`. What was said is filed
//! with the customer's business objects through the outbox (`filing`).
//!
//! Invariants: nothing changes a contact or an agent but an event in the log; whoever asks for a
//! change hears of it when it is on disk; no call waits for another component longer than a stated
//! bound; after a crash the queues and agents are as they were, calls that were up have ended
//! with a cause, and conversations go on.
//!
//! What it is not: it knows no business objects (the application says where history is filed) and
//! no contents of scripts.

mod abandoned;
mod agents;
mod attempts;
mod clock;
mod contacts;
mod conversations;
mod convert;
mod do_not_call;
mod domain;
mod error;
mod export;
mod filing;
mod following;
mod history;
mod ivr;
mod listening;
mod log;
mod loudness;
mod options;
mod people;
mod recordings;
mod roster;
mod start;
mod succession;
mod supervision;
mod telephone;
mod telephony;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::os::fd::AsFd as _;
use std::sync::Arc;

use caruso_api::contact::v1::agents_server::AgentsServer;
use caruso_api::contact::v1::contacts_server::ContactsServer;
use caruso_api::contact::v1::conversations_server::ConversationsServer;
use caruso_api::contact::v1::recordings_server::RecordingsServer;
use caruso_api::contact::v1::supervision_server::SupervisionServer;
use caruso_api::script::v1::script_engine_client::ScriptEngineClient;
use caruso_api::storage::v1::storage_manager_client::StorageManagerClient;
use caruso_api::telephony::v1::telephone_server::TelephoneServer;
use caruso_application::Application;
use caruso_component::{Component, Offered, Release, sockets};
use caruso_contact::Time;
use caruso_journal::{Installation, Journal};
use caruso_media::Prompts;
use caruso_sip::{Registrations, Sockets};
use caruso_speech::Voice;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tracing::warn;

use agents::AgentsService;
use clock::Clock;
use contacts::ContactsService;
use conversations::ConversationsService;
use domain::{Ended, Handle, Owner, Telephone};
pub use error::Error;
use export::Exporter;
use filing::Clerk;
use following::Follower;
use listening::RecordingsService;
use log::{Log, Reader};
pub use options::{Options, Outbound, RemotePhone};
use people::People;
use recordings::Recordings;
use roster::Roster;
use succession::{Door, Heir, Left, Legs};
pub use succession::{Predecessor, Rest};
use supervision::SupervisionService;
use telephone::TelephoneService;
use telephony::{CallsOut, DeviceSecrets, Ends, Event, Retirement, Switch};

/// Name under which it joins.
pub const NAME: &str = "communication-server";
const AGENTS: &str = "caruso.contact.v1.Agents";
const CONTACTS: &str = "caruso.contact.v1.Contacts";
const CONVERSATIONS: &str = "caruso.contact.v1.Conversations";
const RECORDINGS: &str = "caruso.contact.v1.Recordings";
const SUPERVISION: &str = "caruso.contact.v1.Supervision";
const TELEPHONE: &str = "caruso.telephony.v1.Telephone";

/// Runs the component until `shutdown`, until it cannot go on, or until another process takes its
/// place, which leaves it with the calls that it has.
///
/// # Errors
/// What keeps it from starting, or from going on: a log that cannot be written above all.
pub async fn run(mut options: Options, shutdown: CancellationToken) -> Result<Option<Rest>, Error> {
    let component = Component::join(options.component.clone(), NAME, shutdown).await?;
    let (release, application, prompts) = first(&component).await?;
    let (handle, inbox) = Handle::new();
    let secrets = DeviceSecrets::default();
    let mut people = People::new(&component, handle.clone(), secrets.clone());
    let taken = take_over(options.predecessor.take(), &mut people).await?;
    let (journal, recordings) = records(&options, &application).await?;
    let (applications, _) = watch::channel(Arc::clone(&application));
    let list = options.outbound.as_ref().and_then(|outbound| outbound.do_not_call.clone());
    let list = do_not_call::Reader::new(list, applications.subscribe());
    let calls_out = calls_out(&options, &application);
    let has_trunk = calls_out.caller_id.is_some();
    let remote = calls_out.remote_phones.keys().cloned().collect();
    let sockets = (sockets(options.sip)?, taken.as_ref().map(Taken::endpoint));
    let (sip, media) = (options.sip(secrets), options.media()?);
    let opened = telephony::open(sockets, sip, media, prompts, calls_out, recordings.clone());
    let (telephone, ends) = opened.await?;
    let Ends { commands, events, news, retirement, prompts, view } = ends;
    let (address, phones) = (view.address, view.registrations.clone());

    let engine = ScriptEngineClient::new(component.caller("caruso.script.v1.ScriptEngine"));
    let voice = options.voice();
    let before = taken.as_ref().map(|taken| taken.legs.before.clone());
    let switch = Switch::new(commands.clone(), before);
    let ivr = ivr::Runner::new(engine, switch.clone(), voice.clone());
    let log = Log::new(journal.clone());
    let (do_not_call, kept) = (list.watch(), recordings.clone());
    let telephone_side = Telephone { commands: switch, do_not_call, recordings: kept, remote };
    let read = Owner::read(handle.clone(), &release, &application, log, telephone_side, ivr);
    let (owner, legs) = go_on(read.await?, taken, &phones).await?;
    component.release_applied(&release);

    let clerk = clerk(&component, &journal, applications.subscribe());
    let rehearsal = rehearse(voice, applications.subscribe());
    let follower = Follower {
        component: component.clone(),
        handle: handle.clone(),
        prompts,
        application: applications,
    };
    let sweep = sweep(&recordings);
    let routes = routes(handle.clone(), &journal, recordings.clone(), has_trunk)
        .add_service(TelephoneServer::new(TelephoneService::new(view, handle.clone())));
    let alone = CancellationToken::new();
    let door = door(&alone);
    let mut telephone = tokio::spawn(telephone.run());
    let mut owner = Box::pin(owner.run(inbox, events));
    let result = tokio::select! {
        served = component.serve(routes, offers(address)) => served.map_err(Error::from),
        ended = &mut owner => ended.map(drop),
        filed = clerk.run() => filed,
        () = people.follow() => Ok(()),
        _ = &mut telephone => Ok(()),
        () = rehearsal => Ok(()),
        () = follower.run(release) => Ok(()),
        () = list.run() => Ok(()),
        () = sweep => Ok(()),
        () = accompany(legs, phones, news, alone) => Ok(()),
    };
    let heir = door.and_then(Door::close).filter(|_| component.is_drained());
    let left = match heir.filter(|_| result.is_ok()) {
        Some(heir) => leave(heir, &handle, owner, &retirement).await?,
        None => None,
    };
    let Some((left, events)) = left else {
        journal.close().await;
        return result.map(|()| None);
    };
    journal.leave().await;
    Ok(Some(Rest::new(left, commands, events, retirement.successor, telephone)))
}

/// Ends all but the legs, with what whoever takes over has to know.
async fn leave(
    heir: Heir,
    handle: &Handle,
    owner: impl Future<Output = Result<Ended, Error>>,
    retirement: &Retirement,
) -> Result<Option<((Heir, Left), mpsc::Receiver<Event>)>, Error> {
    handle.hand_over().await;
    let Some((affairs, events)) = owner.await? else { return Ok(None) };
    let Some((estate, legs)) = retirement.begin().await else { return Ok(None) };
    Ok(Some(((heir, Left { estate, legs, affairs }), events)))
}

/// What this process has of the one whose place it takes.
struct Taken {
    left: Left,
    legs: Legs,
    roster: Roster,
}

impl Taken {
    fn endpoint(&self) -> caruso_sip::Predecessor {
        let (estate, pass_on) = (self.left.estate.clone(), self.legs.pass_on.clone());
        caruso_sip::Predecessor { estate, pass_on }
    }
}

async fn take_over(
    predecessor: Option<Predecessor>,
    people: &mut People,
) -> Result<Option<Taken>, Error> {
    let Some(predecessor) = predecessor else { return Ok(None) };
    let (left, legs) = predecessor.leave().await.map_err(Error::Predecessor)?;
    // whom a phone belongs to must be known when the first one says something
    let roster = people.first().await.unwrap_or_default();
    Ok(Some(Taken { left, legs, roster }))
}

/// The owner as it goes on: with all that the process before had, or with what survived it.
async fn go_on(
    owner: Owner,
    taken: Option<Taken>,
    phones: &watch::Receiver<Registrations>,
) -> Result<(Owner, Option<Legs>), Error> {
    let Some(Taken { left, legs, roster }) = taken else {
        return Ok((owner.recover().await?, None));
    };
    let phones = phones.borrow().clone();
    Ok((owner.go_on(left.affairs, roster, &phones).await?, Some(legs)))
}

/// Keeps in touch with the process before, where there is one, until this one is `alone`.
async fn accompany(
    legs: Option<Legs>,
    phones: watch::Receiver<Registrations>,
    news: mpsc::Sender<Event>,
    alone: CancellationToken,
) {
    if let Some(legs) = legs {
        legs.accompany(phones, news).await;
    }
    alone.cancel();
    std::future::pending().await
}

/// The log, and what is kept beside it.
async fn records(
    options: &Options,
    application: &Application,
) -> Result<(Journal, Recordings), Error> {
    let installation = Installation { realm: application.id.clone(), site: "main".to_owned() };
    let journal = Journal::open(&options.data.join("contacts.db"), &installation).await?;
    let folder = options.data.join("recordings");
    let recordings = Recordings::open(folder, journal.clone(), options.recordings).await;
    Ok((journal, recordings.map_err(|error| Error::Recordings(error.into()))?))
}

/// Where the process is to be found that may be replaced.
fn door(alone: &CancellationToken) -> Option<Door> {
    let door = sockets::hands_over().then(|| Door::open(alone.clone()))?;
    door.inspect_err(|error| warn!(%error, "calls cannot be left to another process")).ok()
}

/// The sockets of the process before, or new ones; either can be handed over later.
fn sockets(at: SocketAddr) -> Result<Sockets, Error> {
    let sockets = match (sockets::inherited_udp(at), sockets::inherited_tcp(at)) {
        (Some(udp), Some(tcp)) => Sockets { udp, tcp },
        _ => Sockets::bind(at)
            .map_err(|source| Error::Sip(caruso_sip::Error::Listen { address: at, source }))?,
    };
    sockets::listens_at(sockets.udp.as_fd());
    sockets::listens_at(sockets.tcp.as_fd());
    Ok(sockets)
}

fn calls_out(options: &Options, application: &Application) -> CallsOut {
    CallsOut {
        trunks: options.servers.clone(),
        caller_id: options.outbound.as_ref().map(|outbound| outbound.caller_id.clone()),
        remote_phones: remote_phones(options, application),
    }
}

async fn sweep(recordings: &Recordings) {
    let clock = Clock::start(Time::default());
    recordings.sweep(|| clock.now()).await;
}

fn clerk(
    component: &Component,
    journal: &Journal,
    applications: watch::Receiver<Arc<Application>>,
) -> Clerk {
    let storage = component.caller("caruso.storage.v1.StorageManager");
    Clerk {
        journal: journal.clone(),
        storage: StorageManagerClient::new(storage),
        applications,
        clock: Clock::start(Time::default()),
    }
}

/// The remote phones that can be called: one whose number is ours would come back as a customer.
fn remote_phones(options: &Options, application: &Application) -> BTreeMap<String, RemotePhone> {
    let is_ours = |phone: &RemotePhone| application.routing.numbers.contains_key(&phone.number);
    for (extension, _) in options.remote_phones.iter().filter(|(_, phone)| is_ours(phone)) {
        warn!(extension, "the number of a remote phone is one of ours, and is not called");
    }
    let others = options.remote_phones.iter().filter(|(_, phone)| !is_ours(phone));
    others.map(|(extension, phone)| (extension.clone(), phone.clone())).collect()
}

fn routes(handle: Handle, journal: &Journal, recordings: Recordings, has_trunk: bool) -> Routes {
    let contacts = ContactsService::new(
        handle.clone(),
        Reader::new(journal.clone()),
        Exporter::new(journal.clone()),
    );
    Routes::default()
        .add_service(AgentsServer::new(AgentsService::new(handle.clone(), has_trunk)))
        .add_service(ConversationsServer::new(ConversationsService::new(handle.clone())))
        .add_service(RecordingsServer::new(RecordingsService::new(handle.clone(), recordings)))
        .add_service(SupervisionServer::new(SupervisionService::new(handle)))
        .add_service(ContactsServer::new(contacts))
}

fn offers(sip: SocketAddr) -> [Offered; 6] {
    [
        Offered::interface(AGENTS).property("sip", sip.to_string()),
        Offered::interface(CONTACTS),
        Offered::interface(CONVERSATIONS),
        Offered::interface(RECORDINGS),
        Offered::interface(SUPERVISION),
        Offered::interface(TELEPHONE),
    ]
}

/// The release with which it starts, and what it says.
async fn first(component: &Component) -> Result<(Release, Arc<Application>, Prompts), Error> {
    let release = component.release().await;
    let work = release.clone();
    // compiling takes a while, on a thread that may wait
    let read = tokio::task::spawn_blocking(move || following::read(&work)).await;
    match read.unwrap_or_else(|_| Err(vec!["reading the release failed".to_owned()])) {
        Ok((application, prompts)) => Ok((release, application, prompts)),
        Err(findings) => {
            component.release_refused(&release, findings);
            Err(Error::Release(release.digest().to_owned()))
        }
    }
}

/// The texts of all scripts that nobody recorded, each with its language.
fn texts_to_say(application: &Application) -> BTreeSet<(String, String)> {
    let texts = application.scripts.values().flat_map(|it| it.texts_to_say());
    texts.map(|(language, text)| (language.to_owned(), text)).collect()
}

/// Has texts said before somebody waits for them, one at a time, of each release that comes.
async fn rehearse(voice: Voice, mut applications: watch::Receiver<Arc<Application>>) {
    loop {
        let texts = texts_to_say(&applications.borrow_and_update());
        for (language, text) in texts {
            voice.say(&language, &text).await;
        }
        if applications.changed().await.is_err() {
            std::future::pending().await
        }
    }
}
