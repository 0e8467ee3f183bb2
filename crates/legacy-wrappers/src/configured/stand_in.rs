//! A program of the application that stands in for the other system where the installation does not
//! say where that is.

use std::net::SocketAddr;
use std::time::Duration;

use caruso_application::Configured;
use tokio::net::TcpStream;
use tokio::process::Child;
use tokio_util::task::AbortOnDropHandle;

use super::http::Remote;
use crate::program::{Program, command_of, log_lines, within};
use crate::serving::{Serving, serving};

/// Between two attempts to reach one that starts; the host says how long it may take.
const PAUSE: Duration = Duration::from_millis(20);

/// It is ended when this is dropped.
pub(super) struct StandIn {
    child: Child,
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
        let command = within(command_of(&program.root.join(path)), program);
        let started = serving(command);
        let Serving { mut child, address, told } =
            started.map_err(|error| format!("{path} cannot be started: {error}"))?;
        let log = log_lines(program.name.clone(), told);
        let _log = AbortOnDropHandle::new(tokio::spawn(log));
        tokio::select! {
            () = reached(address) => {}
            ended = child.wait() => {
                return Err(match ended {
                    Ok(status) => format!("{path} ended: {status}"),
                    Err(error) => format!("{path} cannot be waited for: {error}"),
                });
            }
        }
        let url = format!("http://{address}/");
        let words = format!("the site file names no address; {path} stands in for it at {url}");
        program.installation.remote = Some(Remote::new(&url)?);
        Ok(Some(Self { child, words, _log }))
    }
}

/// Returns with why, when there is one and it has ended.
pub(super) async fn ended(stand_in: &mut Option<StandIn>) -> String {
    match stand_in {
        None => std::future::pending().await,
        Some(it) => match it.child.wait().await {
            Ok(status) => format!("what stands in for the other system ended: {status}"),
            Err(error) => format!("what stands in for the other system is lost: {error}"),
        },
    }
}

/// Returns as soon as somebody takes connections there.
async fn reached(address: SocketAddr) {
    while TcpStream::connect(address).await.is_err() {
        tokio::time::sleep(PAUSE).await;
    }
}
