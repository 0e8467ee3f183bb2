//! The simulated customer and the demo phone: WebSockets on one side, `caruso.demo.v1` on the
//! other.
//!
//! Binary messages are sound, 20 ms each: 160 samples, signed 16 bit little endian, 8 kHz. Text
//! messages are JSON: [`Told`] from the browser, [`State`] to it.

use std::future::Future;
use std::time::Duration;

use axum::extract::State as Shared;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::{IntoResponse, Response};
use caruso_api::demo::v1 as demo;
use demo::{call_request, call_response, phone_request, phone_response};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Status, Streaming};

use crate::origin;
use crate::peers::Peers;
use crate::sessions::{Session, Sessions};

/// Bytes of 20 ms of sound.
const FRAME: usize = 320;
/// Largest message of a browser.
const LARGEST: usize = 4096;
/// Messages that may wait: half a second of sound.
const QUEUE: usize = 25;
/// A silent browser is asked for a sign of life this often, and given up after two.
const PING: Duration = Duration::from_secs(10);

/// What the WebSockets need.
#[derive(Debug, Clone)]
pub(crate) struct Demo {
    pub(crate) peers: Peers,
    pub(crate) sessions: Sessions,
}

/// A command of the browser.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Told {
    Place { called: String, calling: String },
    Register,
    Answer,
    Key { key: String },
    HangUp,
}

/// Where the call is; also the end of a connection.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct State {
    r#type: &'static str,
    phase: &'static str,
    cause: String,
}

impl State {
    fn of(state: demo::CallState) -> Self {
        let phase = match state.phase() {
            demo::Phase::Ringing => "ringing",
            demo::Phase::Talking => "talking",
            demo::Phase::Ended => "ended",
            demo::Phase::Idle | demo::Phase::Unspecified => "idle",
        };
        Self { r#type: "state", phase, cause: state.cause }
    }

    fn broken(error: &Status) -> Self {
        Self { r#type: "state", phase: "ended", cause: error.message().to_owned() }
    }

    fn message(&self) -> Message {
        let text = serde_json::to_string(self).expect("a plain struct");
        Message::Text(text.into())
    }
}

/// Something for the browser.
enum Heard {
    State(demo::CallState),
    Sound(Vec<u8>),
}

/// One kind of telephone of `caruso.demo.v1`.
trait Telephone {
    type Request: Send + 'static;
    type Response: Send;

    /// A command as the demo takes it; `None` for one that this telephone does not have.
    fn command(told: Told, session: &Session) -> Option<Self::Request>;
    fn sound(frame: Vec<u8>) -> Self::Request;
    fn heard(response: Self::Response) -> Option<Heard>;
    fn connect(
        peers: Peers,
        request: Request<ReceiverStream<Self::Request>>,
    ) -> impl Future<Output = Result<Streaming<Self::Response>, Status>> + Send;
}

/// A simulated customer.
struct Customer;

impl Telephone for Customer {
    type Request = demo::CallRequest;
    type Response = demo::CallResponse;

    fn command(told: Told, _: &Session) -> Option<Self::Request> {
        use call_request::Message;
        let message = match told {
            Told::Place { called, calling } => {
                Message::Place(demo::Place { called_number: called, calling_number: calling })
            }
            Told::Key { key } => Message::Key(key),
            Told::HangUp => Message::HangUp(demo::HangUp {}),
            Told::Register | Told::Answer => return None,
        };
        Some(demo::CallRequest { message: Some(message) })
    }

    fn sound(frame: Vec<u8>) -> Self::Request {
        demo::CallRequest { message: Some(call_request::Message::Audio(frame)) }
    }

    fn heard(response: Self::Response) -> Option<Heard> {
        Some(match response.message? {
            call_response::Message::State(state) => Heard::State(state),
            call_response::Message::Audio(sound) => Heard::Sound(sound),
        })
    }

    async fn connect(
        peers: Peers,
        request: Request<ReceiverStream<Self::Request>>,
    ) -> Result<Streaming<Self::Response>, Status> {
        Ok(peers.demo.clone().call(request).await?.into_inner())
    }
}

/// A telephone at the extension of whoever is logged in, not of whoever the browser names.
struct Extension;

impl Telephone for Extension {
    type Request = demo::PhoneRequest;
    type Response = demo::PhoneResponse;

    fn command(told: Told, session: &Session) -> Option<Self::Request> {
        use phone_request::Message;
        let message = match told {
            Told::Register => {
                Message::Register(demo::Register { extension: session.user().extension.clone() })
            }
            Told::Answer => Message::Answer(demo::Answer {}),
            Told::Key { key } => Message::Key(key),
            Told::HangUp => Message::HangUp(demo::HangUp {}),
            Told::Place { .. } => return None,
        };
        Some(demo::PhoneRequest { message: Some(message) })
    }

    fn sound(frame: Vec<u8>) -> Self::Request {
        demo::PhoneRequest { message: Some(phone_request::Message::Audio(frame)) }
    }

    fn heard(response: Self::Response) -> Option<Heard> {
        Some(match response.message? {
            phone_response::Message::State(state) => Heard::State(state),
            phone_response::Message::Audio(sound) => Heard::Sound(sound),
        })
    }

    async fn connect(
        peers: Peers,
        request: Request<ReceiverStream<Self::Request>>,
    ) -> Result<Streaming<Self::Response>, Status> {
        Ok(peers.demo.clone().phone(request).await?.into_inner())
    }
}

/// `/demo/call`: calls as a customer.
pub(crate) async fn call(
    Shared(demo): Shared<Demo>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    open::<Customer>(demo, &headers, upgrade)
}

/// `/demo/phone`: a telephone at the extension of whoever is logged in.
pub(crate) async fn phone(
    Shared(demo): Shared<Demo>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    open::<Extension>(demo, &headers, upgrade)
}

/// Opens the WebSocket for a page of ours whose user is logged in; refuses it otherwise.
fn open<T: Telephone + 'static>(
    demo: Demo,
    headers: &HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !origin::is_own_origin(headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Ok(session) = demo.sessions.of(headers) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    upgrade.max_message_size(LARGEST).on_upgrade(async move |mut socket| {
        if let Err(error) = pipe::<T>(demo.peers, &session, &mut socket).await {
            tracing::info!(%error, "a demo telephone ended");
            // The browser may be gone already.
            let _ = socket.send(State::broken(&error).message()).await;
        }
    })
}

/// Carries messages both ways until either side ends. Sound that cannot be taken at once is
/// dropped; commands wait.
async fn pipe<T: Telephone>(
    peers: Peers,
    session: &Session,
    socket: &mut WebSocket,
) -> Result<(), Status> {
    let (commands, receive) = mpsc::channel(QUEUE);
    // The demo answers once it has the first command, so that one goes before the rest.
    let Some(first) = first_command(socket).await.and_then(|told| T::command(told, session)) else {
        return Err(Status::invalid_argument("the first message must say what to do"));
    };
    commands.try_send(first).map_err(|_| Status::internal("the queue is new"))?;
    let request = session.request(ReceiverStream::new(receive)).await?;
    let mut answers = T::connect(peers, request).await?;
    let mut ping = tokio::time::interval(PING);
    let mut is_silent = false;
    loop {
        tokio::select! {
            message = socket.recv() => {
                is_silent = false;
                match message {
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(()),
                    Some(Ok(message)) => take::<T>(message, session, &commands).await?,
                }
            }
            answer = answers.message() => {
                let Some(answer) = answer? else { return Ok(()) };
                let Some(heard) = T::heard(answer) else { continue };
                let message = match heard {
                    Heard::State(state) => State::of(state).message(),
                    Heard::Sound(sound) => Message::Binary(sound.into()),
                };
                if socket.send(message).await.is_err() {
                    return Ok(());
                }
            }
            _ = ping.tick() => {
                if is_silent || socket.send(Message::Ping(Vec::new().into())).await.is_err() {
                    return Ok(());
                }
                is_silent = true;
            }
        }
    }
}

async fn first_command(socket: &mut WebSocket) -> Option<Told> {
    let first = tokio::time::timeout(PING, socket.recv()).await.ok()??;
    match first.ok()? {
        Message::Text(text) => serde_json::from_str(&text).ok(),
        _ => None,
    }
}

async fn take<T: Telephone>(
    message: Message,
    session: &Session,
    commands: &mpsc::Sender<T::Request>,
) -> Result<(), Status> {
    match message {
        // A full queue means that half a second waits already; this frame would only be later.
        Message::Binary(frame) if frame.len() == FRAME => {
            let _ = commands.try_send(T::sound(frame.to_vec()));
            Ok(())
        }
        Message::Text(text) => {
            let told = serde_json::from_str(&text).ok();
            let Some(command) = told.and_then(|told| T::command(told, session)) else {
                return Err(Status::invalid_argument("the browser sent an unknown command"));
            };
            let gone = |_| Status::unavailable("the telephone is gone");
            commands.send(command).await.map_err(gone)
        }
        Message::Binary(_) => Err(Status::invalid_argument("sound comes in frames of 20 ms")),
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_as_the_pages_write_them() {
        let read = |text: &str| serde_json::from_str::<Told>(text).ok();
        let place = Told::Place { called: "0305550100".to_owned(), calling: "06".to_owned() };
        let text = r#"{"type":"place","called":"0305550100","calling":"06"}"#;
        assert_eq!(read(text), Some(place));
        assert_eq!(read(r#"{"type":"key","key":"1"}"#), Some(Told::Key { key: "1".to_owned() }));
        assert_eq!(read(r#"{"type":"hang-up"}"#), Some(Told::HangUp));
        assert_eq!(read(r#"{"type":"register"}"#), Some(Told::Register));
        assert_eq!(read(r#"{"type":"dance"}"#), None);
    }

    #[test]
    fn states_are_written_as_the_pages_read_them() {
        let state = demo::CallState { phase: demo::Phase::Ended.into(), cause: "486".to_owned() };
        let text = State::of(state).message().into_text().expect("a text");
        assert_eq!(text.as_str(), r#"{"type":"state","phase":"ended","cause":"486"}"#);
    }
}
