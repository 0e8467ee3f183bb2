//! The agent's own status, as the communication server has it.

use caruso_api::contact::v1::{SignInRequest, WatchAgentRequest};
use caruso_component::Backoff;
use tokio::sync::mpsc;
use tonic::{Code, Status};

use super::state::Input;
use crate::peers::Peers;
use crate::sessions::Session;

/// Signs the agent in and follows their status, for as long as the receiver lives; comes back
/// whenever the communication server was away.
///
/// # Errors
/// What will not pass by waiting: the session is over, or the user is no agent.
pub(super) async fn follow(
    peers: Peers,
    session: Session,
    inputs: mpsc::Sender<Input>,
) -> Result<(), Status> {
    let mut backoff = Backoff::default();
    loop {
        let ended = once(&peers, &session, &inputs, &mut backoff).await;
        if let Err(error) = ended {
            if is_final(&error) {
                return Err(error);
            }
            tracing::debug!(agent = session.user().name, %error, "agent status is away");
        }
        if inputs.send(Input::StatusLost).await.is_err() {
            return Ok(());
        }
        tokio::time::sleep(backoff.failed()).await;
    }
}

async fn once(
    peers: &Peers,
    session: &Session,
    inputs: &mpsc::Sender<Input>,
    backoff: &mut Backoff,
) -> Result<(), Status> {
    let mut agents = peers.agents.clone();
    agents.sign_in(session.request(SignInRequest {}).await?).await?;
    let watch = session.request(WatchAgentRequest {}).await?;
    let mut stream = agents.watch(watch).await?.into_inner();
    while let Some(answer) = stream.message().await? {
        backoff.succeeded();
        let Some(status) = answer.status else { continue };
        if inputs.send(Input::Status(Box::new(status))).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// Whether an error stays, however long one waits.
pub(super) fn is_final(error: &Status) -> bool {
    matches!(
        error.code(),
        Code::Unauthenticated
            | Code::PermissionDenied
            | Code::NotFound
            | Code::InvalidArgument
            | Code::FailedPrecondition
            | Code::Unimplemented
    )
}
