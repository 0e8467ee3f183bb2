//! A program of the application that stands in for the other system where the installation does not
//! say where that is.

use std::net::SocketAddr;
use std::time::Duration;

use caruso_application::Configured;
use tokio::net::TcpStream;
use tokio_util::task::AbortOnDropHandle;

use super::http::Remote;
use crate::program::{Failure, Program, command_of, log_lines};
use crate::serving::Serving;

/// Between two attempts to reach one that starts; the host says how long it may take.
const PAUSE: Duration = Duration::from_millis(20);

/// It is ended when this is dropped.
pub(super) struct StandIn {
    serving: Serving,
    path: String,
    /// What is to be said of it.
    pub(super) words: String,
    _log: AbortOnDropHandle<()>,
}

impl StandIn {
    /// Starts the one of a wrapper, if it has one and needs it, and waits until it can be reached,
    /// which is then where the other system is.
    ///
    /// # Errors
    /// In words, where it cannot be started or ends before that.
    pub(super) async fn of(
        program: &mut Program,
        configured: &Configured,
    ) -> Result<Option<Self>, String> {
        let path = configured.stand_in.as_ref();
        let Some(path) = path.filter(|_| program.installation.remote.is_none()) else {
            return Ok(None);
        };
        let started = Serving::start(&command_of(&program.root.join(path)), program);
        let (mut serving, told) =
            started.map_err(|error| format!("{path} cannot be started: {error}"))?;
        let log = log_lines(program.name.clone(), told);
        let _log = AbortOnDropHandle::new(tokio::spawn(log));
        let address = serving.address;
        tokio::select! {
            () = reached(address) => {}
            failure = serving.ended() => return Err(in_words(path, &failure)),
        }
        let url = format!("http://{address}/");
        let words = format!("the site file names no address; {path} stands in for it at {url}");
        program.installation.remote = Some(Remote::new(&url)?);
        Ok(Some(Self { serving, path: path.clone(), words, _log }))
    }
}

/// Returns with why, when there is one and it has ended.
pub(super) async fn ended(stand_in: &mut Option<StandIn>) -> String {
    match stand_in {
        None => std::future::pending().await,
        Some(it) => {
            let failure = it.serving.ended().await;
            in_words(&it.path, &failure)
        }
    }
}

fn in_words(path: &str, failure: &Failure) -> String {
    match failure {
        Failure::Exited(how) => format!("{path}, which stands in for the other system: {how}"),
        other => other.to_string(),
    }
}

/// Returns as soon as somebody takes connections there.
async fn reached(address: SocketAddr) {
    while TcpStream::connect(address).await.is_err() {
        tokio::time::sleep(PAUSE).await;
    }
}
