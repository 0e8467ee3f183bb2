//! Customer and desk phone by the programs of others where they can run: SIPp and baresip. Else by
//! our own softphone, and the story says so.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use caruso_media::g711::Law;
use caruso_softphone::wav;
use caruso_test_kit::baresip::{self, Answers};
use caruso_test_kit::namespace::{self, Entered};
use caruso_test_kit::sipp::{self, End};
use tempfile::TempDir;

use crate::ear::Ear;
use crate::phone::{Phone, State};
use crate::sound;
use crate::wait::{PATIENCE, until};

/// A telephone of another make says so many seconds of sound.
const SPEECH_SECONDS: u32 = 60;
/// It presses its key so long after the answer.
const LISTENS: Duration = Duration::from_secs(2);
/// Bytes before the samples in the recordings of baresip.
const WAV_HEADER: usize = 44;
/// Where they say how many samples a second has.
const WAV_RATE: usize = 24;

/// Where a story takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// In a network of its own, with the programs of others.
    Own,
    /// On this machine's loopback addresses, with our own softphones.
    Shared,
}

impl Network {
    /// Enters a network of the story's own by running this test, of this full name, again inside
    /// it; nothing when it ran there.
    ///
    /// # Panics
    /// When it failed there.
    pub fn enter(test: &str) -> Option<Self> {
        match namespace::enter(test) {
            Ok(Entered::Inside) => Some(Self::Own),
            Ok(Entered::Ran { passed }) => {
                assert!(passed, "see the output above");
                None
            }
            Err(missing) => {
                println!("{missing}; our own softphones take part instead of SIPp and baresip");
                Some(Self::Shared)
            }
        }
    }

    /// The address of everything that telephones reach.
    pub fn address(self) -> IpAddr {
        match self {
            Self::Own => namespace::ADDRESS,
            Self::Shared => Ipv4Addr::LOCALHOST.into(),
        }
    }
}

/// A customer who calls, listens, presses a key and speaks a tone.
#[derive(Debug)]
pub struct Customer(Calling);

#[derive(Debug)]
enum Calling {
    /// With what arrives at its sound port.
    Sipp(Box<(sipp::Call, Ear)>),
    Softphone(Phone),
}

impl Customer {
    /// Calls, and presses the key a while after the answer.
    ///
    /// # Panics
    /// When the telephone does not work.
    pub async fn call(
        network: Network,
        server: SocketAddr,
        from: &str,
        key: char,
        hz: u32,
    ) -> Self {
        let said = sound::tone(hz, SPEECH_SECONDS);
        let caller = sipp::Caller {
            server,
            called: "0305550100".to_owned(),
            calling: from.to_owned(),
            keys: key.to_string(),
            listens: LISTENS,
            says: said.iter().map(|sample| Law::A.encode(*sample)).collect(),
            end: End::WhenTold,
        };
        let started = (network == Network::Own).then(|| caller.start());
        match started {
            Some(Ok(call)) => {
                let call = call.expect("SIPp runs");
                let ear = Ear::at(call.sound()).expect("root has raw sockets");
                return Self(Calling::Sipp(Box::new((call, ear))));
            }
            Some(Err(missing)) => println!("{missing}; our own softphone calls"),
            None => {}
        }
        let phone = Phone::open(server.ip()).await;
        phone.call(server, "0305550100", from);
        phone.until("talking", |state| *state == State::Talking).await;
        Self(Calling::Softphone(phone))
    }

    /// Everything that was heard so far.
    pub fn heard(&self) -> Vec<i16> {
        match &self.0 {
            Calling::Sipp(sipp) => sipp.1.heard(),
            Calling::Softphone(phone) => phone.heard(),
        }
    }

    /// Presses the key and speaks, where the telephone does not do it by itself.
    pub fn press_and_speak(&self, key: char, hz: u32) {
        if let Calling::Softphone(phone) = &self.0 {
            phone.press(key);
            phone.speak(hz);
        }
    }

    /// Hangs up, and proves that the call went as told.
    ///
    /// # Panics
    /// When it did not.
    pub async fn hang_up(self) {
        match self.0 {
            Calling::Sipp(sipp) => {
                let (call, _ear) = *sipp;
                call.hang_up().expect("a local datagram");
                call.finish(PATIENCE).await.expect("SIPp is content");
            }
            Calling::Softphone(phone) => {
                phone.hang_up();
                phone.until("over", |state| matches!(state, State::Ended(_))).await;
            }
        }
    }
}

/// A desk phone that speaks a tone.
#[derive(Debug)]
pub struct DeskPhone(Answering);

#[derive(Debug)]
enum Answering {
    /// With what it says.
    Baresip(Box<(baresip::Running, TempDir)>),
    /// With the pitch of its tone.
    Softphone(Phone, u32),
}

impl DeskPhone {
    /// Registers at extension 101 or another of the demo.
    ///
    /// # Panics
    /// When the telephone does not work.
    pub async fn register(network: Network, server: SocketAddr, extension: &str, hz: u32) -> Self {
        Self::speaking(network, server, extension, hz, "PCMA").await
    }

    /// The same where it speaks one codec only, as baresip names it; our own softphone speaks
    /// G.711.
    ///
    /// # Panics
    /// When the telephone does not work.
    pub async fn speaking(
        network: Network,
        server: SocketAddr,
        extension: &str,
        hz: u32,
        codec: &'static str,
    ) -> Self {
        let secret = format!("phone-{extension}");
        if network == Network::Own {
            let speech = tempfile::tempdir().expect("a temporary folder");
            let file = speech.path().join("tone.wav");
            let said = wav::write(&sound::tone(hz, SPEECH_SECONDS)).expect("a minute fits");
            std::fs::write(&file, said).expect("the folder is ours");
            let phone = baresip::Phone {
                registrar: server,
                extension: extension.to_owned(),
                secret: secret.clone(),
                speech: file,
                answers: Answers::WhenTold,
                codec,
                has_lamp: false,
            };
            match phone.start() {
                Ok(started) => {
                    let phone = started.expect("baresip runs");
                    return Self(Answering::Baresip(Box::new((phone, speech))));
                }
                Err(missing) => println!("{missing}; our own softphone is the desk phone"),
            }
        }
        let phone = Phone::register(server, extension, &secret).await;
        Self(Answering::Softphone(phone.expect("the demo's secret"), hz))
    }

    /// Answers who calls, as soon as it rings, and speaks.
    ///
    /// # Panics
    /// When the telephone is gone.
    pub async fn answer(&self) {
        match &self.0 {
            Answering::Baresip(baresip) => {
                until("the phone rings", async || baresip.0.rings().then_some(())).await;
                let told = baresip.0.answer();
                told.unwrap_or_else(|error| panic!("baresip listens: {error}: {}", self.output()));
            }
            Answering::Softphone(phone, hz) => {
                phone.until("ringing", |state| matches!(state, State::Ringing(_))).await;
                phone.answer();
                phone.until("talking", |state| *state == State::Talking).await;
                phone.speak(*hz);
            }
        }
    }

    /// Dials a number by the phone's own keys.
    ///
    /// # Panics
    /// When the telephone is gone.
    pub fn dial(&self, server: SocketAddr, number: &str) {
        match &self.0 {
            Answering::Baresip(baresip) => baresip.0.dial(number).expect("baresip listens"),
            Answering::Softphone(phone, _) => phone.call(server, number, ""),
        }
    }

    /// Hangs up by the phone's own key.
    ///
    /// # Panics
    /// When the telephone is gone.
    pub fn hang_up(&self) {
        match &self.0 {
            Answering::Baresip(baresip) => baresip.0.hang_up().expect("baresip listens"),
            Answering::Softphone(phone, _) => phone.hang_up(),
        }
    }

    /// Puts the customer on hold by the phone's own key; false where the phone has none.
    ///
    /// # Panics
    /// When the telephone is gone.
    pub fn hold(&self) -> bool {
        let Answering::Baresip(baresip) = &self.0 else { return false };
        baresip.0.hold().expect("baresip listens");
        true
    }

    /// Passes the customer on to an extension by the phone's own key; false where it has none.
    ///
    /// # Panics
    /// When the telephone is gone.
    pub fn transfer(&self, extension: &str) -> bool {
        let Answering::Baresip(baresip) = &self.0 else { return false };
        baresip.0.transfer(extension).expect("baresip listens");
        true
    }

    /// Joins the customer and the colleague whom it called by another line, by the phone's own key;
    /// false where it has no other line.
    ///
    /// # Panics
    /// When the telephone is gone.
    pub fn join(&self, extension: &str) -> bool {
        let Answering::Baresip(baresip) = &self.0 else { return false };
        let joined = baresip.0.join(extension);
        joined.unwrap_or_else(|error| panic!("it joins: {error}: {}", self.output()));
        true
    }

    /// Loses its power; false where it could not but say goodbye.
    pub fn vanish(self) -> bool {
        matches!(self.0, Answering::Baresip(_))
    }

    /// Takes back whom the phone has put on hold.
    ///
    /// # Panics
    /// When the telephone is gone.
    pub fn take_back(&self) {
        if let Answering::Baresip(baresip) = &self.0 {
            baresip.0.resume().expect("baresip listens");
        }
    }

    /// Everything that was heard in the latest call so far.
    pub fn heard(&self) -> Vec<i16> {
        match &self.0 {
            Answering::Baresip(baresip) => {
                let file = baresip.0.heard().pop();
                let bytes = file.and_then(|file| std::fs::read(file).ok()).unwrap_or_default();
                let samples = bytes.get(WAV_HEADER..).unwrap_or_default();
                let samples = samples.chunks_exact(2);
                let samples = samples.map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
                // 16,000 samples a second where it speaks G.722
                let is_wide = bytes.get(WAV_RATE..WAV_RATE + 4) == Some(&16_000u32.to_le_bytes());
                samples.step_by(if is_wide { 2 } else { 1 }).collect()
            }
            Answering::Softphone(phone, _) => phone.heard(),
        }
    }

    /// What it complains of.
    pub fn output(&self) -> String {
        match &self.0 {
            Answering::Baresip(baresip) => baresip.0.output(),
            Answering::Softphone(phone, _) => format!("{:?}", phone.state()),
        }
    }
}
