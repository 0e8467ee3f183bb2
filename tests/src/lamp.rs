//! A desk phone of another make that shows how many messages wait.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use caruso_test_kit::baresip::{self, Answers};

use crate::peers::Network;
use crate::wait::until;

/// How long the phone must have run before it may register.
const SETTLES: Duration = Duration::from_millis(100);

/// A phone with a lamp, which is called by nobody.
#[derive(Debug)]
pub struct Lamp(baresip::Running);

impl Lamp {
    /// Registers at an extension of the demo, and subscribes; nothing without the program, which is
    /// said.
    ///
    /// # Panics
    /// When the telephone does not work.
    pub async fn register(network: Network, server: SocketAddr, extension: &str) -> Option<Self> {
        let phone = baresip::Phone {
            registrar: server,
            extension: extension.to_owned(),
            secret: format!("phone-{extension}"),
            speech: PathBuf::new(),
            answers: Answers::WhenTold,
            codec: "PCMA",
            has_lamp: true,
        };
        let started = (network == Network::Own).then(|| phone.start());
        match started {
            Some(Ok(started)) => {
                let phone = started.expect("baresip runs");
                until("it listens", async || phone.is_listening().then_some(())).await;
                tokio::time::sleep(SETTLES).await;
                phone.register().expect("it listens");
                return Some(Self(phone));
            }
            Some(Err(missing)) => println!("{missing}; our own softphone has no lamp"),
            None => println!("our own softphone has no lamp"),
        }
        None
    }

    /// Waits until it shows so many messages, new and heard ones.
    ///
    /// # Panics
    /// When it does not in time.
    pub async fn shows(&self, new: u32, old: u32) {
        let what = format!("{new} new and {old} heard messages are shown");
        until(&what, async || (self.0.messages() == Some((new, old))).then_some(())).await;
    }
}
