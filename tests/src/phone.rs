//! A telephone of our own making, of which a test sees what it hears.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use caruso_softphone::{Account, Event, Secret, Softphone, Transport, frames, in_words};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::sound;
use crate::wait::PATIENCE;

/// Longest that a phone speaks.
const SPEECH_SECONDS: u32 = 60;

/// Where a phone's call is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// No call yet.
    #[default]
    Idle,
    /// Somebody calls from this number; nothing if it is withheld.
    Ringing(Option<String>),
    /// It calls, and it rings there.
    RingsThere,
    /// Both can speak.
    Talking,
    /// The last call ended so.
    Ended(String),
}

#[derive(Debug)]
enum Wish {
    Call { server: SocketAddr, to: String, from: String },
    Answer,
    HangUp,
    Press(char),
    Speak(u32),
}

/// A telephone that runs until it is dropped.
#[derive(Debug)]
pub struct Phone {
    wishes: mpsc::UnboundedSender<Wish>,
    state: watch::Receiver<State>,
    heard: Arc<Mutex<Vec<i16>>>,
    task: JoinHandle<()>,
    /// Where it can be called.
    pub address: SocketAddr,
}

impl Phone {
    /// A telephone without a number.
    ///
    /// # Panics
    /// When the address is not ours.
    pub async fn open(address: IpAddr) -> Self {
        Self::start(Softphone::open(address).await.expect("an address of this machine"))
    }

    /// A telephone at an extension.
    ///
    /// # Errors
    /// What the registrar says against it.
    pub async fn register(
        server: SocketAddr,
        extension: &str,
        secret: &str,
    ) -> Result<Self, caruso_softphone::Error> {
        let mut phone = Softphone::open(server.ip()).await?;
        let account = Account {
            registrar: server,
            transport: Transport::Udp,
            extension: extension.to_owned(),
            secret: Secret::new(secret.to_owned()),
        };
        phone.register(account).await?;
        Ok(Self::start(phone))
    }

    fn start(phone: Softphone) -> Self {
        let (wishes, receive) = mpsc::unbounded_channel();
        let (tell, state) = watch::channel(State::Idle);
        let heard = Arc::default();
        let address = phone.address();
        let task = tokio::spawn(drive(phone, receive, tell, Arc::clone(&heard)));
        Self { wishes, state, heard, task, address }
    }

    /// Calls; what becomes of it shows in the state.
    pub fn call(&self, server: SocketAddr, to: &str, from: &str) {
        self.wish(Wish::Call { server, to: to.to_owned(), from: from.to_owned() });
    }

    /// Answers who calls.
    pub fn answer(&self) {
        self.wish(Wish::Answer);
    }

    /// Ends the call, or declines who calls.
    pub fn hang_up(&self) {
        self.wish(Wish::HangUp);
    }

    /// Presses a key.
    pub fn press(&self, key: char) {
        self.wish(Wish::Press(key));
    }

    /// Speaks a tone until the call ends, for at most a minute.
    pub fn speak(&self, hertz: u32) {
        self.wish(Wish::Speak(hertz));
    }

    /// Where its call is.
    pub fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Everything that was heard so far.
    pub fn heard(&self) -> Vec<i16> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for a state of its call.
    ///
    /// # Panics
    /// When it does not come in time.
    pub async fn until(&self, what: &str, holds: impl Fn(&State) -> bool) -> State {
        let mut state = self.state.clone();
        let reached = state.wait_for(|state| holds(state));
        match tokio::time::timeout(PATIENCE, reached).await {
            Ok(Ok(state)) => state.clone(),
            _ => panic!("the phone should be {what}, but is {:?}", self.state.borrow()),
        }
    }

    /// Goes away without a word, as a phone whose battery is empty.
    pub fn vanish(self) {
        self.task.abort();
    }

    fn wish(&self, wish: Wish) {
        self.wishes.send(wish).expect("the phone runs as long as its handle");
    }
}

async fn drive(
    mut phone: Softphone,
    mut wishes: mpsc::UnboundedReceiver<Wish>,
    state: watch::Sender<State>,
    heard: Arc<Mutex<Vec<i16>>>,
) {
    loop {
        tokio::select! {
            wish = wishes.recv() => match wish {
                Some(wish) => carry_out(&mut phone, wish, &state).await,
                None => return phone.close().await,
            },
            event = phone.next() => match event {
                Event::Incoming { from } => drop(state.send(State::Ringing(from))),
                Event::Ringing => drop(state.send(State::RingsThere)),
                Event::Answered => drop(state.send(State::Talking)),
                Event::Ended(how) => drop(state.send(State::Ended(in_words(how)))),
                Event::Heard(frame) => {
                    let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
                    heard.extend_from_slice(&frame);
                }
                Event::Key(_) => {}
            },
        }
    }
}

async fn carry_out(phone: &mut Softphone, wish: Wish, state: &watch::Sender<State>) {
    let done = match wish {
        Wish::Call { server, to, from } => phone.call(server, &to, &from).await,
        Wish::Answer => phone.answer().await,
        Wish::HangUp => {
            phone.hang_up();
            Ok(())
        }
        Wish::Press(key) => phone.press(key).await,
        Wish::Speak(hertz) => {
            speak(phone, hertz);
            Ok(())
        }
    };
    if let Err(error) = done {
        drop(state.send(State::Ended(error.to_string())));
    }
}

fn speak(phone: &Softphone, hertz: u32) {
    let Some(voice) = phone.voice() else { return };
    tokio::spawn(async move {
        for frame in frames(&sound::tone(hertz, SPEECH_SECONDS)) {
            // the call is over
            if voice.send(frame).await.is_err() {
                return;
            }
        }
    });
}
