//! The phone in the browser: SIP over a WebSocket (RFC 7118) on one side, the communication server
//! on the other. Nothing of it is read here; whose phone it is, the session says.

use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::response::{IntoResponse, Response};
use caruso_api::telephony::v1::{ConnectRequest, ConnectResponse};
use http::{HeaderMap, StatusCode};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status, Streaming};

use crate::origin;
use crate::peers::Peers;
use crate::sessions::{Session, Sessions};

/// The protocol that a browser must ask for.
const PROTOCOL: &str = "sip";
/// Largest message of a browser; one of a phone has a few kilobytes.
const LARGEST: usize = 32 * 1024;
/// Messages that may wait for the communication server; a browser that says more waits.
const QUEUE: usize = 16;
/// A silent browser is asked for a sign of life this often, and given up after two; and whether its
/// user is still logged in is seen as often.
const PING: Duration = Duration::from_secs(10);
/// A browser that does not take what it is told is given up.
const WRITE_TIME: Duration = Duration::from_secs(5);

/// What the WebSocket needs.
#[derive(Debug, Clone)]
pub(crate) struct Phone {
    pub(crate) peers: Peers,
    pub(crate) sessions: Sessions,
}

/// `/phone`: 403 to a page of another origin, 401 without a session, 400 where it is not SIP that
/// is to be spoken.
pub(crate) async fn phone(
    State(phone): State<Phone>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !origin::is_own_origin(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Ok(session) = phone.sessions.of(&headers) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let upgrade = upgrade.max_message_size(LARGEST).protocols([PROTOCOL]);
    if upgrade.selected_protocol().is_none() {
        return StatusCode::BAD_REQUEST.into_response();
    }
    upgrade.on_upgrade(async move |mut socket| {
        if let Err(error) = carry(phone.peers, &session, &mut socket).await {
            tracing::info!(%error, user = session.user().name, "a phone in a browser ended");
            // the browser may be gone already
            let _ = socket.send(Message::Close(Some(farewell(&error)))).await;
        }
    })
}

/// What the browser hears at the end. What will not pass by waiting has a code of its own, so that
/// it does not come back (RFC 6455 §7.4.1).
fn farewell(error: &Status) -> CloseFrame {
    let is_final = matches!(
        error.code(),
        Code::Unauthenticated | Code::PermissionDenied | Code::FailedPrecondition
    );
    let code = if is_final { close_code::POLICY } else { close_code::AGAIN };
    // a control frame has room for 123 bytes of words
    let words: String = error.message().chars().filter(char::is_ascii).take(120).collect();
    CloseFrame { code, reason: words.into() }
}

/// Carries messages both ways until either side ends.
async fn carry(peers: Peers, session: &Session, socket: &mut WebSocket) -> Result<(), Status> {
    let (said, receive) = mpsc::channel(QUEUE);
    let request = session.request(ReceiverStream::new(receive)).await?;
    let mut told = peers.telephone.clone().connect(request).await?.into_inner();
    let mut ping = tokio::time::interval(PING);
    let mut is_silent = false;
    loop {
        tokio::select! {
            message = socket.recv() => {
                is_silent = false;
                match message {
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(()),
                    Some(Ok(message)) => hear(message, &said).await?,
                }
            }
            message = next(&mut told) => match message? {
                Some(message) => tell(socket, Message::Text(message.into())).await?,
                None => return Err(Status::unavailable("the communication server ended it")),
            },
            _ = ping.tick() => {
                session.token().await?;
                if is_silent {
                    return Err(Status::deadline_exceeded("nothing was heard of the browser"));
                }
                tell(socket, Message::Ping(Vec::new().into())).await?;
                is_silent = true;
            }
        }
    }
}

async fn next(told: &mut Streaming<ConnectResponse>) -> Result<Option<String>, Status> {
    Ok(told.message().await?.map(|it| it.message))
}

async fn tell(socket: &mut WebSocket, message: Message) -> Result<(), Status> {
    let sent = tokio::time::timeout(WRITE_TIME, socket.send(message)).await;
    match sent {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Status::cancelled("the browser is gone")),
        Err(_) => Err(Status::deadline_exceeded("the browser takes nothing")),
    }
}

async fn hear(message: Message, said: &mpsc::Sender<ConnectRequest>) -> Result<(), Status> {
    let message = match message {
        Message::Text(text) => text.to_string(),
        // either kind of frame may carry SIP (RFC 7118 §4.2)
        Message::Binary(bytes) => String::from_utf8(bytes.to_vec())
            .map_err(|_| Status::invalid_argument("a message is no text"))?,
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) => return Ok(()),
    };
    let gone = |_| Status::unavailable("the communication server is gone");
    said.send(ConnectRequest { message }).await.map_err(gone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_pass_by_waiting_is_told_with_a_code_of_its_own() {
        assert_eq!(farewell(&Status::unauthenticated("over")).code, close_code::POLICY);
        assert_eq!(farewell(&Status::failed_precondition("none")).code, close_code::POLICY);
        let long = farewell(&Status::unavailable("ä".to_owned() + &"x".repeat(300)));
        assert_eq!((long.code, long.reason.len()), (close_code::AGAIN, 120));
    }
}
