//! `caruso.demo.v1.Demo`.

use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use caruso_api::demo::v1 as wire;
use caruso_api::demo::v1::demo_server::Demo;
use caruso_api::identity::v1::GetDeviceCredentialRequest;
use caruso_api::identity::v1::identity_client::IdentityClient;
use caruso_component::{Component, status};
use caruso_softphone::{Account, Event, Secret, Softphone, Transport};
use futures::Stream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status, Streaming};

use super::bridge::{self, News, Wish};

/// Simulated customers, and demo phones, at one time.
const CALLS: usize = 8;
const PHONES: usize = 16;
/// Messages that wait for a slow reader: one second of sound.
const WAITING: usize = 50;
/// The communication server is found within this time.
const PATIENCE: Duration = Duration::from_secs(2);

type Reply<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// The service.
#[derive(Debug)]
pub(crate) struct Service {
    component: Component,
    calls: Arc<Semaphore>,
    phones: Arc<Semaphore>,
}

impl Service {
    pub(crate) fn new(component: Component) -> Self {
        let (calls, phones) = (Semaphore::new(CALLS), Semaphore::new(PHONES));
        Self { component, calls: Arc::new(calls), phones: Arc::new(phones) }
    }

    /// Where SIP is spoken, as the communication server's offer says.
    async fn server(&self) -> Result<SocketAddr, Status> {
        let handle = self.component.directory().handle("caruso.contact.v1.Agents");
        let offer = tokio::time::timeout(PATIENCE, handle.offered()).await;
        let offer = offer.map_err(|_| Status::unavailable("there is no communication server"))?;
        let address = offer.properties.get("sip").and_then(|text| text.parse().ok());
        address.ok_or_else(|| Status::unavailable("the communication server speaks no SIP"))
    }

    async fn secret(&self, extension: &str) -> Result<Secret, Status> {
        let channel = self.component.caller("caruso.identity.v1.Identity");
        let request = GetDeviceCredentialRequest { extension: extension.to_owned() };
        let answer = IdentityClient::new(channel).get_device_credential(request).await?;
        Ok(Secret::new(answer.into_inner().secret))
    }
}

#[tonic::async_trait]
impl Demo for Service {
    type CallStream = Reply<wire::CallResponse>;
    type PhoneStream = Reply<wire::PhoneResponse>;

    async fn call(
        &self,
        request: Request<Streaming<wire::CallRequest>>,
    ) -> Result<Response<Self::CallStream>, Status> {
        use wire::call_request::Message;
        let place = limited(&self.calls, "CD0101", "no more than eight simulated customers")?;
        let mut wishes = request.into_inner();
        let first = wishes.message().await?.and_then(|first| first.message);
        let Some(Message::Place(wire::Place { called_number, calling_number })) = first else {
            return Err(Status::invalid_argument("the first message must be `place`"));
        };
        let server = self.server().await?;
        let mut phone = open(server).await?;
        let called = phone.call(server, &called_number, &calling_number).await;
        called.map_err(|error| Status::invalid_argument(error.to_string()))?;
        let take = |request: wire::CallRequest| match request.message? {
            Message::Key(key) => bridge::key(&key).map(Wish::Key),
            Message::Audio(audio) => bridge::frame(&audio).map(Wish::Speak),
            Message::HangUp(_) => Some(Wish::HangUp),
            Message::Place(_) => None,
        };
        let give = |news| wire::CallResponse { message: Some(call_message(news)) };
        Ok(Response::new(serve(phone, wishes, take, give, true, place)))
    }

    async fn phone(
        &self,
        request: Request<Streaming<wire::PhoneRequest>>,
    ) -> Result<Response<Self::PhoneStream>, Status> {
        use wire::phone_request::Message;
        let place = limited(&self.phones, "CD0102", "no more than sixteen demo phones")?;
        let mut wishes = request.into_inner();
        let first = wishes.message().await?.and_then(|first| first.message);
        let Some(Message::Register(wire::Register { extension })) = first else {
            return Err(Status::invalid_argument("the first message must be `register`"));
        };
        let server = self.server().await?;
        let secret = self.secret(&extension).await?;
        let mut phone = open(server).await?;
        let account = Account { registrar: server, transport: Transport::Udp, extension, secret };
        let registered = phone.register(account).await;
        registered.map_err(|error| Status::failed_precondition(error.to_string()))?;
        let take = |request: wire::PhoneRequest| match request.message? {
            Message::Answer(_) => Some(Wish::Answer),
            Message::HangUp(_) => Some(Wish::HangUp),
            Message::Key(key) => bridge::key(&key).map(Wish::Key),
            Message::Audio(audio) => bridge::frame(&audio).map(Wish::Speak),
            Message::Register(_) => None,
        };
        let give = |news| wire::PhoneResponse { message: Some(phone_message(news)) };
        Ok(Response::new(serve(phone, wishes, take, give, false, place)))
    }
}

fn limited(
    places: &Arc<Semaphore>,
    code: &'static str,
    message: &str,
) -> Result<OwnedSemaphorePermit, Status> {
    let taken = Arc::clone(places).try_acquire_owned();
    taken.map_err(|_| status(Code::ResourceExhausted, code, message))
}

/// A telephone at the address from which this machine reaches the server.
async fn open(server: SocketAddr) -> Result<Softphone, Status> {
    let local: IpAddr = if server.ip().is_unspecified() || server.ip().is_loopback() {
        std::net::Ipv4Addr::LOCALHOST.into()
    } else {
        server.ip()
    };
    Softphone::open(local).await.map_err(|error| Status::unavailable(error.to_string()))
}

/// Drives a telephone by a stream until the stream ends, or, for one call, until the call does.
fn serve<Asked, Told>(
    mut phone: Softphone,
    mut wishes: Streaming<Asked>,
    take: impl Fn(Asked) -> Option<Wish> + Send + Sync + 'static,
    give: impl Fn(News) -> Told + Send + Sync + 'static,
    is_one_call: bool,
    place: OwnedSemaphorePermit,
) -> Reply<Told>
where
    Asked: Send + 'static,
    Told: Send + 'static,
{
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let _place = place;
        let idle = wire::CallState { phase: wire::Phase::Idle.into(), cause: String::new() };
        let mut is_open = is_one_call || sender.send(Ok(give(News::State(idle)))).await.is_ok();
        while is_open {
            tokio::select! {
                wish = wishes.message() => match wish {
                    Ok(Some(wish)) => {
                        if let Some(wish) = take(wish) {
                            bridge::carry_out(&mut phone, wish).await;
                        }
                    }
                    Ok(None) | Err(_) => is_open = false,
                },
                event = phone.next() => {
                    let is_over = is_one_call && matches!(event, Event::Ended(_));
                    if let Some(news) = bridge::news(event) {
                        is_open = tell(&sender, news, &give).await;
                    }
                    is_open &= !is_over;
                }
            }
        }
        phone.close().await;
    });
    Box::pin(ReceiverStream::new(receiver))
}

/// Sound that nobody takes in time is dropped; states are not. False when nobody listens any more.
async fn tell<Told>(
    sender: &mpsc::Sender<Result<Told, Status>>,
    news: News,
    give: impl Fn(News) -> Told,
) -> bool {
    match news {
        News::Sound(_) => {
            let _ = sender.try_send(Ok(give(news)));
            !sender.is_closed()
        }
        News::State(_) => sender.send(Ok(give(news))).await.is_ok(),
    }
}

fn call_message(news: News) -> wire::call_response::Message {
    match news {
        News::State(state) => wire::call_response::Message::State(state),
        News::Sound(sound) => wire::call_response::Message::Audio(sound),
    }
}

fn phone_message(news: News) -> wire::phone_response::Message {
    match news {
        News::State(state) => wire::phone_response::Message::State(state),
        News::Sound(sound) => wire::phone_response::Message::Audio(sound),
    }
}
