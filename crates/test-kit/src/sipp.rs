//! SIPp as a caller: it calls, sends sound, presses keys as RTP events (RFC 4733), and hangs up
//! or waits until the other side does.

mod callee;

use crate::capture;
use crate::ports::free_ports;
use crate::program::{Failed, Missing, Process, find, need_root};
use std::fmt::Write as _;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::Command;

pub use callee::{Called, Callee, Does};

/// Recordings of the package: one G.711 A-law speech, and one file for each key.
const RECORDINGS: &str = "/usr/share/sip-tester";
/// Milliseconds between two keys.
const BETWEEN_KEYS: u32 = 300;
/// File in the call's folder with what it says.
const SAID: &str = "said.pcap";
/// Call-ID as SIPp makes it: number of the call, number of the process.
const CALL_ID: &str = "%u-%p@caller";
/// The request by which the test, and nobody else, tells SIPp to hang up.
const TOLD: &str = "MESSAGE";

/// A call to be made.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Where to.
    pub server: SocketAddr,
    /// User part of the Request-URI.
    pub called: String,
    /// User part of From.
    pub calling: String,
    /// Digits, `*` and `#`, pressed one after the other.
    pub keys: String,
    /// The first key is pressed so long after the answer.
    pub listens: Duration,
    /// A-law to be said after the keys, up to some minutes; until then there is recorded speech.
    pub says: Vec<u8>,
    /// How the call ends.
    pub end: End,
}

/// How a call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// SIPp sends BYE after the keys.
    AfterKeys,
    /// SIPp sends BYE at [`Call::hang_up`].
    WhenTold,
    /// SIPp waits for the other side's BYE.
    ByOther,
}

/// A call that is being made.
#[derive(Debug)]
pub struct Call {
    process: Process,
    signalling: SocketAddr,
    sound: SocketAddr,
}

impl Caller {
    /// Starts the call.
    ///
    /// # Errors
    /// The first [`Missing`] thing; playing recordings needs a raw socket, and so root.
    pub fn start(&self) -> Result<Result<Call, Failed>, Missing> {
        let program = find("sipp", "sip-tester")?;
        need_root("SIPp with recordings")?;
        Ok(self.run(program))
    }

    fn run(&self, program: PathBuf) -> Result<Call, Failed> {
        let failed = |source| Failed::Run { program: "sipp", source };
        let folder = tempfile::tempdir().map_err(failed)?;
        if !self.says.is_empty() {
            std::fs::write(folder.path().join(SAID), capture::of_a_law(&self.says))
                .map_err(failed)?;
        }
        let scenario = folder.path().join("scenario.xml");
        std::fs::write(&scenario, self.scenario()).map_err(failed)?;
        let ip = if self.server.ip().is_loopback() {
            self.server.ip()
        } else {
            crate::namespace::ADDRESS
        };
        let sip = free_ports(ip).map_err(failed)?;
        let rtp = free_ports(ip).map_err(failed)?;
        let mut command = Command::new(program);
        command
            .arg(self.server.to_string())
            .args(["-sf", &scenario.to_string_lossy(), "-s", &self.called, "-m", "1"])
            .args(["-i", &ip.to_string(), "-p", &sip.to_string()])
            .args(["-mi", &ip.to_string(), "-mp", &rtp.to_string()])
            .args(["-nostdin", "-timeout", "120", "-timeout_error", "-trace_err"])
            .args(["-error_file", "errors.txt", "-cid_str", CALL_ID]);
        let process = Process::start("sipp", &mut command, folder)?;
        Ok(Call { process, signalling: (ip, sip).into(), sound: (ip, rtp).into() })
    }

    /// What SIPp is told to do.
    pub fn scenario(&self) -> String {
        let calling = plain(&self.calling);
        let own = format!("<sip:{calling}@[local_ip]:[local_port]>");
        let head = |method: &str, cseq: u32, to: &str| {
            format!(
                "{method} sip:[service]@[remote_ip]:[remote_port] SIP/2.0\n\
                 Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]\n\
                 From: {own};tag=[pid]-[call_number]\n\
                 To: <sip:[service]@[remote_ip]:[remote_port]>{to}\n\
                 Call-ID: [call_id]\nCSeq: {cseq} {method}\nContact: {own}\nMax-Forwards: 70\n"
            )
        };
        let session = "v=0\no=sipp 1 1 IN IP[local_ip_type] [local_ip]\ns=-\n\
            c=IN IP[media_ip_type] [media_ip]\nt=0 0\nm=audio [media_port] RTP/AVP 8 101\n\
            a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\n";
        let mut out = String::from("<?xml version=\"1.0\"?>\n<scenario name=\"caller\">\n");
        let invite = head("INVITE", 1, "");
        let _ = write!(
            out,
            "<send retrans=\"500\"><![CDATA[\n\n{invite}Content-Type: application/sdp\n\
             Content-Length: [len]\n\n{session}]]></send>\n\
             <recv response=\"100\" optional=\"true\"/>\n\
             <recv response=\"180\" optional=\"true\"/>\n<recv response=\"200\"/>\n\
             <send><![CDATA[\n\n{}Content-Length: 0\n\n]]></send>\n",
            head("ACK", 1, "[peer_tag_param]")
        );
        out.push_str(&recording("g711a.pcap"));
        let _ = writeln!(out, "<pause milliseconds=\"{}\"/>", self.listens.as_millis());
        for (index, key) in self.keys.chars().enumerate() {
            if index > 0 {
                let _ = writeln!(out, "<pause milliseconds=\"{BETWEEN_KEYS}\"/>");
            }
            out.push_str(&recording(&format!("dtmf_2833_{}.pcap", name_of(key))));
        }
        if !self.says.is_empty() {
            let _ = write!(out, "<pause milliseconds=\"{BETWEEN_KEYS}\"/>\n{}", playing(SAID));
        }
        out.push_str(&self.ending(&head("BYE", 2, "[peer_tag_param]")));
        out.push_str("</scenario>\n");
        out
    }

    fn ending(&self, bye: &str) -> String {
        let goodbye = format!(
            "<send retrans=\"500\"><![CDATA[\n\n{bye}Content-Length: 0\n\n]]></send>\n\
             <recv response=\"200\"/>\n"
        );
        match self.end {
            End::AfterKeys => format!("<pause milliseconds=\"{BETWEEN_KEYS}\"/>\n{goodbye}"),
            End::WhenTold => format!("<recv request=\"{TOLD}\"/>\n{goodbye}"),
            End::ByOther => "<recv request=\"BYE\"/>\n<send><![CDATA[\n\nSIP/2.0 200 OK\n\
                 [last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\n\
                 Content-Length: 0\n\n]]></send>\n"
                .to_owned(),
        }
    }
}

/// Letters, digits and `+` only: the text stands in a URI within XML.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '+').collect()
}

fn name_of(key: char) -> String {
    match key {
        '*' => "star".to_owned(),
        '#' => "pound".to_owned(),
        digit => digit.to_string(),
    }
}

fn recording(file: &str) -> String {
    playing(&Path::new(RECORDINGS).join(file).to_string_lossy())
}

fn playing(path: &str) -> String {
    format!("<nop><action><exec play_pcap_audio=\"{path}\"/></action></nop>\n")
}

impl Call {
    /// Where it hears.
    pub fn sound(&self) -> SocketAddr {
        self.sound
    }

    /// Lets a call with [`End::WhenTold`] send BYE.
    ///
    /// # Errors
    /// When the system sends nothing.
    pub fn hang_up(&self) -> io::Result<()> {
        let socket = UdpSocket::bind(SocketAddr::new(self.signalling.ip(), 0))?;
        let (from, to, id) = (socket.local_addr()?, self.signalling, self.process.id());
        let told = format!(
            "{TOLD} sip:caller@{to} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK{id}\r\n\
             From: <sip:test@{from}>;tag={id}\r\nTo: <sip:caller@{to}>\r\n\
             Call-ID: 1-{id}@caller\r\nCSeq: 1 {TOLD}\r\nMax-Forwards: 70\r\n\
             Content-Length: 0\r\n\r\n"
        );
        socket.send_to(told.as_bytes(), to)?;
        Ok(())
    }

    /// Waits until the call is over and went as told.
    ///
    /// # Errors
    /// [`Failed`] with what SIPp wrote.
    pub async fn finish(self, limit: Duration) -> Result<(), Failed> {
        self.process.finish(limit).await
    }

    /// What SIPp has written so far, for the message of a failing test.
    pub fn output(&self) -> String {
        let errors = std::fs::read_to_string(self.process.folder().join("errors.txt"));
        self.process.output() + &errors.unwrap_or_default()
    }
}
