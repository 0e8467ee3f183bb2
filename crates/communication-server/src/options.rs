//! What belongs to one installation.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use caruso_component::token::now_seconds;
use caruso_sip::{Network, Trunk};
use caruso_speech::Voice;

use crate::Error;
use crate::succession::Predecessor;
use crate::telephony::DeviceSecrets;

/// Realm of the phones' digest authentication.
const REALM: &str = "caruso";

/// What the communication server must be told to start.
#[derive(Debug)]
pub struct Options {
    /// How it joins the others.
    pub component: caruso_component::Options,
    /// Folder of the contact event log.
    pub data: PathBuf,
    /// Where SIP is spoken, UDP and TCP alike; port 0 takes a free one.
    pub sip: SocketAddr,
    /// Networks whose calls are customers' and need no password.
    pub trunks: Vec<Network>,
    /// The address for sound that others reach us at, where it is not the one listened on.
    pub advertised: Option<IpAddr>,
    /// The program that says texts which nobody recorded: espeak-ng, or one that takes the same
    /// arguments.
    pub speech: PathBuf,
    /// First and last UDP port for sound; without them, whatever the system gives.
    pub rtp_ports: Option<(u16, u16)>,
    /// Trunks that calls of ours leave by, the preferred first. Each is looked after, and
    /// registered at where it wants that.
    pub servers: Vec<Trunk>,
    /// Bytes that recordings of messages may take together; beyond that nothing is recorded.
    pub recordings: u64,
    /// Calls of agents to customers; nothing where they call nobody.
    pub outbound: Option<Outbound>,
    /// Whose place it takes, calls and all.
    pub predecessor: Option<Predecessor>,
    /// Phones of agents that do not register here, by extension; no others are called so.
    pub remote_phones: BTreeMap<String, RemotePhone>,
}

/// A phone of an agent behind a trunk: an extension of the company's exchange, or an outside
/// number. It is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct RemotePhone {
    /// What the trunk is asked for.
    pub number: String,
    /// The number that the trunk sees as ours.
    pub caller_id: String,
    /// Whether a person has to press 1 after the answer, so that no answering machine has the
    /// customer.
    pub is_confirmed: bool,
    /// For how long a line to it stays open that nobody uses; nothing where each offer is a call.
    pub stays_open: Option<Duration>,
}

impl fmt::Debug for RemotePhone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("RemotePhone(…)")
    }
}

/// Calls to customers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outbound {
    /// The number that customers see and can call back; one of ours.
    pub caller_id: String,
    /// A file with the numbers of those who do not want to be called, one a line.
    pub do_not_call: Option<PathBuf>,
}

impl Options {
    pub(crate) fn voice(&self) -> Voice {
        let program = self.speech.clone();
        Voice::new(caruso_speech::Options { program, ..Default::default() })
    }

    pub(crate) fn sip(&self, secrets: DeviceSecrets) -> caruso_sip::Options {
        let mut options = caruso_sip::Options::new(self.sip);
        options.trunks.clone_from(&self.trunks);
        options.realm = REALM.to_owned();
        options.credentials = Arc::new(secrets);
        // grows with every start, as a generation must; seconds since 1970 fit until 2106
        options.generation = u32::try_from(now_seconds()).unwrap_or(u32::MAX);
        options
    }

    pub(crate) fn media(&self) -> Result<caruso_media::Options, Error> {
        let bind = self.sip.ip();
        let advertised = match self.advertised {
            Some(address) => address,
            None if bind.is_unspecified() => return Err(Error::NoAdvertisedAddress),
            None => bind,
        };
        let mut options = caruso_media::Options::new(advertised);
        options.bind = bind;
        options.ports = self.rtp_ports;
        Ok(options)
    }
}
