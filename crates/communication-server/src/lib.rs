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
mod supervision;
mod telephone;
mod telephony;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
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
use caruso_component::{Component, Offered, Release};
use caruso_contact::Time;
use caruso_journal::{Installation, Journal};
use caruso_media::Prompts;
use caruso_speech::Voice;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tracing::warn;

use agents::AgentsService;
use clock::Clock;
use contacts::ContactsService;
use conversations::ConversationsService;
use domain::{Handle, Owner, Telephone};
pub use error::Error;
use export::Exporter;
use filing::Clerk;
use following::Follower;
use listening::RecordingsService;
use log::{Log, Reader};
pub use options::{Options, Outbound, RemotePhone};
use people::People;
use recordings::Recordings;
use supervision::SupervisionService;
use telephone::TelephoneService;
use telephony::{CallsOut, DeviceSecrets, Ends};

/// Name under which it joins.
pub const NAME: &str = "communication-server";
const AGENTS: &str = "caruso.contact.v1.Agents";
const CONTACTS: &str = "caruso.contact.v1.Contacts";
const CONVERSATIONS: &str = "caruso.contact.v1.Conversations";
const RECORDINGS: &str = "caruso.contact.v1.Recordings";
const SUPERVISION: &str = "caruso.contact.v1.Supervision";
const TELEPHONE: &str = "caruso.telephony.v1.Telephone";

/// Runs the component until `shutdown` or until it cannot go on.
///
/// # Errors
/// What keeps it from starting, or from going on: a log that cannot be written above all.
pub async fn run(options: Options, shutdown: CancellationToken) -> Result<(), Error> {
    let component = Component::join(options.component.clone(), NAME, shutdown).await?;
    let (release, application, prompts) = first(&component).await?;
    let installation = Installation { realm: application.id.clone(), site: "main".to_owned() };
    let journal = Journal::open(&options.data.join("contacts.db"), &installation).await?;
    let folder = options.data.join("recordings");
    let recordings = Recordings::open(folder, journal.clone(), options.recordings).await;
    let recordings = recordings.map_err(|error| Error::Recordings(error.into()))?;
    let secrets = DeviceSecrets::default();
    let caller_id = options.outbound.as_ref().map(|outbound| outbound.caller_id.clone());
    let has_trunk = caller_id.is_some();
    let remote_phones = remote_phones(&options, &application);
    let remote = remote_phones.keys().cloned().collect();
    let calls_out = CallsOut { trunks: options.servers.clone(), caller_id, remote_phones };
    let list = options.outbound.as_ref().and_then(|outbound| outbound.do_not_call.clone());
    let (applications, _) = watch::channel(Arc::clone(&application));
    let list = do_not_call::Reader::new(list, applications.subscribe());
    let sip = options.sip(secrets.clone());
    let opened = telephony::open(sip, options.media()?, prompts, calls_out, recordings.clone());
    let (telephone, ends) = opened.await?;
    let Ends { commands, events, prompts, view } = ends;
    let address = view.address;

    let engine = ScriptEngineClient::new(component.caller("caruso.script.v1.ScriptEngine"));
    let voice = options.voice();
    let ivr = ivr::Runner::new(engine, commands.clone(), voice.clone());
    let (handle, inbox) = Handle::new();
    let log = Log::new(journal.clone());
    let do_not_call = list.watch();
    let telephone_side =
        Telephone { commands, do_not_call, recordings: recordings.clone(), remote };
    let recovered =
        Owner::recover(handle.clone(), &release, &application, log, telephone_side, ivr);
    let owner = recovered.await?;
    component.release_applied(&release);

    let people = People::new(&component, handle.clone(), secrets);
    let clerk = Clerk {
        journal: journal.clone(),
        storage: StorageManagerClient::new(component.caller("caruso.storage.v1.StorageManager")),
        applications: applications.subscribe(),
        clock: Clock::start(Time::default()),
    };
    let rehearsal = rehearse(voice, applications.subscribe());
    let follower = Follower {
        component: component.clone(),
        handle: handle.clone(),
        prompts,
        application: applications,
    };
    let clock = Clock::start(Time::default());
    let sweep = recordings.sweep(|| clock.now());
    let routes = routes(handle, &journal, recordings.clone(), has_trunk)
        .add_service(TelephoneServer::new(TelephoneService::new(view)));
    let result = tokio::select! {
        served = component.serve(routes, offers(address)) => served.map_err(Error::from),
        ended = owner.run(inbox, events) => ended,
        filed = clerk.run() => filed,
        () = people.follow() => Ok(()),
        () = telephone.run() => Ok(()),
        () = rehearsal => Ok(()),
        () = follower.run(release) => Ok(()),
        () = list.run() => Ok(()),
        () = sweep => Ok(()),
    };
    journal.close().await;
    result
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
