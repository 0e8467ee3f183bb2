//! An agent: a telephone that answers at once, and the desk's requests.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use caruso_api::contact::v1 as wire;
use caruso_component::InterfaceChannel;
use caruso_softphone::{Account, Event, Secret, Softphone, Transport};
use tokio::sync::{mpsc, watch};
use tokio_util::task::AbortOnDropHandle;
use tonic::Code;
use wire::AgentState;
use wire::agents_client::AgentsClient;

use crate::customer::speak;

const PATIENCE: Duration = Duration::from_secs(40);
const PAUSE: Duration = Duration::from_millis(200);

/// How an agent works. Wrap-up is closed at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Work {
    /// Talk on until told otherwise.
    Talk,
    /// Say nothing, hang up after so long.
    HangUpAfter(Duration),
    /// Talk for so long, then hang up.
    TalkFor(Duration),
}

/// An agent at work. Dropping it ends the telephone.
pub(crate) struct Agent {
    client: AgentsClient<InterfaceChannel>,
    status: watch::Receiver<wire::AgentStatus>,
    work: watch::Sender<Work>,
    /// Milliseconds from closing wrap-up to the ringing of the telephone, each time it rang.
    pub(crate) freed: mpsc::UnboundedReceiver<f64>,
    _tasks: [AbortOnDropHandle<()>; 2],
}

impl Agent {
    /// Registers the telephone and signs in.
    pub(crate) async fn begin(
        server: SocketAddr,
        extension: String,
        channel: InterfaceChannel,
    ) -> anyhow::Result<Self> {
        let mut client = AgentsClient::new(channel);
        sign_in(&mut client).await?;
        let mut stream = client.watch(wire::WatchAgentRequest {}).await?.into_inner();
        let (tell, status) = watch::channel(wire::AgentStatus::default());
        let following = tokio::spawn(async move {
            while let Ok(Some(message)) = stream.message().await {
                tell.send_replace(message.status.unwrap_or_default());
            }
        });
        let mut phone = Softphone::open(Ipv4Addr::LOCALHOST.into()).await?;
        let secret = Secret::new(format!("phone-{extension}"));
        let account = Account { registrar: server, transport: Transport::Udp, extension, secret };
        phone.register(account).await?;
        let (work, orders) = watch::channel(Work::Talk);
        let (measured, freed) = mpsc::unbounded_channel();
        let desk = Desk {
            phone: Some(phone),
            client: client.clone(),
            status: status.clone(),
            orders,
            measured,
            freed_at: Arc::default(),
        };
        let working = tokio::spawn(desk.run());
        let _tasks = [AbortOnDropHandle::new(following), AbortOnDropHandle::new(working)];
        Ok(Self { client, status, work, freed, _tasks })
    }

    /// Becomes ready, once the telephone is known.
    pub(crate) async fn become_ready(&mut self) -> anyhow::Result<()> {
        let known = self.status.wait_for(|status| status.is_phone_registered);
        tokio::time::timeout(PATIENCE, known).await??;
        let state = AgentState::Ready.into();
        self.client.set_state(wire::SetStateRequest { state, ..Default::default() }).await?;
        Ok(())
    }

    pub(crate) fn set_work(&self, work: Work) {
        self.work.send_replace(work);
    }
}

/// Signs in; a system that serves may know its agents only a moment later.
async fn sign_in(client: &mut AgentsClient<InterfaceChannel>) -> anyhow::Result<()> {
    let until = Instant::now() + PATIENCE;
    loop {
        match client.sign_in(wire::SignInRequest {}).await {
            Err(status) if status.code() == Code::NotFound && Instant::now() < until => {
                tokio::time::sleep(PAUSE).await;
            }
            answer => return Ok(answer.map(|_| ())?),
        }
    }
}

/// The agent's own task.
struct Desk {
    phone: Option<Softphone>,
    client: AgentsClient<InterfaceChannel>,
    status: watch::Receiver<wire::AgentStatus>,
    orders: watch::Receiver<Work>,
    measured: mpsc::UnboundedSender<f64>,
    /// When closing wrap-up was asked for, until the telephone rings.
    freed_at: Arc<Mutex<Option<Instant>>>,
}

impl Desk {
    async fn run(mut self) {
        let Some(mut phone) = self.phone.take() else { return };
        let mut talking_since = None;
        loop {
            let order = *self.orders.borrow();
            let hang_up = async {
                match (order, talking_since) {
                    (Work::HangUpAfter(talk) | Work::TalkFor(talk), Some(since)) => {
                        tokio::time::sleep_until(since + talk).await;
                    }
                    _ => std::future::pending().await,
                }
            };
            tokio::select! {
                event = phone.next() => match event {
                    Event::Incoming { .. } => {
                        let freed = lock(&self.freed_at).take();
                        let millis = freed.map(|at| at.elapsed().as_secs_f64() * 1000.0);
                        millis.map(|millis| self.measured.send(millis));
                        // a caller who is gone already is told by the end of the call
                        let _ = phone.answer().await;
                    }
                    Event::Answered => {
                        talking_since = Some(tokio::time::Instant::now());
                        if !matches!(order, Work::HangUpAfter(_)) {
                            speak(phone.voice());
                        }
                    }
                    Event::Ended(_) => {
                        talking_since = None;
                        self.dispose();
                    }
                    _ => {}
                },
                () = hang_up => {
                    talking_since = None;
                    phone.hang_up();
                }
                changed = self.orders.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Closes wrap-up, which makes the agent ready; the telephone goes on meanwhile.
    fn dispose(&mut self) {
        let (mut client, mut status) = (self.client.clone(), self.status.clone());
        let freed_at = Arc::clone(&self.freed_at);
        tokio::spawn(async move {
            let in_wrap_up = |status: &wire::AgentStatus| status.state() == AgentState::WrapUp;
            let Ok(status) = status.wait_for(in_wrap_up).await.map(|status| status.clone()) else {
                return;
            };
            let request = wire::DisposeRequest {
                contact_id: status.contact.unwrap_or_default().contact_id,
                disposition: "advice-given".to_owned(),
                note: "as asked".to_owned(),
            };
            *lock(&freed_at) = Some(Instant::now());
            if let Err(error) = client.dispose(request).await {
                eprintln!("wrap-up was not closed: {error}");
            }
        });
    }
}

fn lock(freed_at: &Mutex<Option<Instant>>) -> MutexGuard<'_, Option<Instant>> {
    freed_at.lock().unwrap_or_else(PoisonError::into_inner)
}
