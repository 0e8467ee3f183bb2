//! SIPp as the far end of a trunk: it is called once, and does what the test wants of it.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::process::Command;

use super::{SAID, playing};
use crate::capture;
use crate::ports::free_ports;
use crate::program::{Failed, Missing, Process, find, need_root};

/// A telephone that is to be called.
#[derive(Clone, Debug)]
pub struct Callee {
    /// Where it listens, by UDP.
    pub address: SocketAddr,
    /// What it does when it is called.
    pub does: Does,
    /// A-law that it says, up to some minutes: before the answer, or after it.
    pub says: Vec<u8>,
}

/// What a called telephone does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// Refuses with this final status, 400 to 699.
    Refuses(u16),
    /// Rings until the caller gives up.
    Rings,
    /// Says something before it answers, for so long, as networks do; then waits for the BYE.
    AnswersAfterSound(Duration),
    /// Answers at the same time as the caller gives up: its 200 crosses the CANCEL.
    AnswersTooLate,
}

/// A telephone that waits to be called, or is.
#[derive(Debug)]
pub struct Called {
    process: Process,
}

impl Callee {
    /// Listens from now on.
    ///
    /// # Errors
    /// The first [`Missing`] thing; playing recordings needs a raw socket, and so root.
    pub fn start(&self) -> Result<Result<Called, Failed>, Missing> {
        let program = find("sipp", "sip-tester")?;
        need_root("SIPp with recordings")?;
        let failed = |source| Failed::Run { program: "sipp", source };
        let start = || {
            let folder = tempfile::tempdir().map_err(failed)?;
            let said = folder.path().join(SAID);
            std::fs::write(&said, capture::of_a_law(&self.says)).map_err(failed)?;
            let scenario = folder.path().join("scenario.xml");
            std::fs::write(&scenario, self.scenario()).map_err(failed)?;
            let ip = self.address.ip();
            let rtp = free_ports(ip).map_err(failed)?;
            let mut command = Command::new(program);
            command
                .args(["-sf", &scenario.to_string_lossy(), "-m", "1"])
                .args(["-i", &ip.to_string(), "-p", &self.address.port().to_string()])
                .args(["-mi", &ip.to_string(), "-mp", &rtp.to_string()])
                .args(["-nostdin", "-timeout", "120", "-timeout_error", "-trace_err"])
                .args(["-error_file", "errors.txt"]);
            Ok(Called { process: Process::start("sipp", &mut command, folder)? })
        };
        Ok(start())
    }

    /// What SIPp is told to do.
    pub fn scenario(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\"?>\n<scenario name=\"callee\">\n");
        out.push_str(
            "<recv request=\"INVITE\" crlf=\"true\"><action><ereg regexp=\"[0-9]+\" \
             search_in=\"hdr\" header=\"CSeq:\" assign_to=\"number\"/></action></recv>\n",
        );
        match self.does {
            Does::Refuses(code) => {
                out.push_str(&answer(&format!("{code} No"), "[last_CSeq:]", false, true));
                out.push_str("<recv request=\"ACK\"/>\n");
            }
            Does::Rings => {
                out.push_str(&answer("180 Ringing", "[last_CSeq:]", false, false));
                out.push_str("<recv request=\"CANCEL\"/>\n");
                out.push_str(&answer("200 OK", "[last_CSeq:]", false, false));
                out.push_str(&answer("487 Gone", "CSeq: [$number] INVITE", false, true));
                out.push_str("<recv request=\"ACK\"/>\n");
            }
            Does::AnswersAfterSound(time) => {
                out.push_str(&answer("183 Session Progress", "[last_CSeq:]", true, false));
                out.push_str(&playing(SAID));
                let _ = writeln!(out, "<pause milliseconds=\"{}\"/>", time.as_millis());
                out.push_str(&answer("200 OK", "[last_CSeq:]", true, true));
                out.push_str("<recv request=\"ACK\"/>\n<recv request=\"BYE\"/>\n");
                out.push_str(&answer("200 OK", "[last_CSeq:]", false, false));
            }
            Does::AnswersTooLate => {
                out.push_str(&answer("180 Ringing", "[last_CSeq:]", false, false));
                out.push_str("<recv request=\"CANCEL\"/>\n");
                let late = answer("200 OK", "CSeq: [$number] INVITE", true, true);
                out.push_str(&late);
                out.push_str("<recv request=\"ACK\"/>\n<recv request=\"BYE\"/>\n");
                out.push_str(&answer("200 OK", "[last_CSeq:]", false, false));
            }
        }
        // what is captured must be used, or SIPp refuses the scenario
        out.push_str("<Reference variables=\"number\"/>\n</scenario>\n");
        out
    }
}

/// An answer to the last request, with the tag of this side.
fn answer(status: &str, cseq: &str, has_sound: bool, is_repeated: bool) -> String {
    let repeated = if is_repeated { " retrans=\"500\"" } else { "" };
    let rest = if has_sound {
        "Contact: <sip:callee@[local_ip]:[local_port]>\nContent-Type: application/sdp\n\
         Content-Length: [len]\n\nv=0\no=callee 1 1 IN IP[local_ip_type] [local_ip]\ns=-\n\
         c=IN IP[media_ip_type] [media_ip]\nt=0 0\nm=audio [media_port] RTP/AVP 8 101\n\
         a=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\n"
    } else {
        "Contact: <sip:callee@[local_ip]:[local_port]>\nContent-Length: 0\n\n"
    };
    let to = if cseq.contains("last") && status.starts_with("200") && !has_sound {
        // answers to CANCEL and BYE: the request has the tag, or needs none
        "[last_To:]"
    } else {
        "[last_To:];tag=[pid]callee[call_number]"
    };
    format!(
        "<send{repeated}><![CDATA[\n\nSIP/2.0 {status}\n[last_Via:]\n[last_From:]\n{to}\n\
         [last_Call-ID:]\n{cseq}\n{rest}]]></send>\n"
    )
}

impl Called {
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
