//! SIPp as a caller: it calls, sends speech, presses keys as RTP events (RFC 4733), and hangs up
//! or waits until the other side does.

use crate::program::{Failed, Missing, Process, find, free_ports, need_root};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::Command;

/// Recordings of the package: one G.711 A-law speech, and one file for each key.
const RECORDINGS: &str = "/usr/share/sip-tester";
/// Milliseconds between two keys.
const BETWEEN_KEYS: u32 = 300;

/// A call to be made.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Where to.
    pub server: SocketAddr,
    /// User part of the Request-URI.
    pub called: String,
    /// User part of From.
    pub calling: String,
    /// Digits, `*` and `#`, pressed one after the other half a second after the answer.
    pub keys: String,
    /// Sends BYE after the keys; else waits for the other side's.
    pub hangs_up: bool,
}

/// A call that is being made.
#[derive(Debug)]
pub struct Call {
    process: Process,
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
            .args(["-nostdin", "-timeout", "40", "-timeout_error", "-trace_err"])
            .args(["-error_file", "errors.txt"]);
        Ok(Call { process: Process::start("sipp", &mut command, folder)? })
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
        out.push_str("<pause milliseconds=\"500\"/>\n");
        for (index, key) in self.keys.chars().enumerate() {
            if index > 0 {
                let _ = writeln!(out, "<pause milliseconds=\"{BETWEEN_KEYS}\"/>");
            }
            out.push_str(&recording(&format!("dtmf_2833_{}.pcap", name_of(key))));
        }
        if self.hangs_up {
            let _ = write!(
                out,
                "<pause milliseconds=\"{BETWEEN_KEYS}\"/>\n<send retrans=\"500\"><![CDATA[\n\n{}Content-Length: 0\n\n]]></send>\n\
                 <recv response=\"200\"/>\n",
                head("BYE", 2, "[peer_tag_param]")
            );
        } else {
            out.push_str(
                "<recv request=\"BYE\"/>\n<send><![CDATA[\n\nSIP/2.0 200 OK\n[last_Via:]\n\
                 [last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\n\
                 Content-Length: 0\n\n]]></send>\n",
            );
        }
        out.push_str("</scenario>\n");
        out
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
    let path = Path::new(RECORDINGS).join(file);
    format!("<nop><action><exec play_pcap_audio=\"{}\"/></action></nop>\n", path.display())
}

impl Call {
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
