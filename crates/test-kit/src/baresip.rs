//! baresip as an agent's desk phone: registers by digest, answers by itself or when told, plays a
//! WAV file, and writes down what it hears.
//!
//! It ignores loopback addresses, so it runs inside [`crate::namespace`].

use crate::ports::free_ports;
use crate::program::{Failed, Missing, Process, find};
use std::fs;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// A phone to be started.
#[derive(Clone, Debug)]
pub struct Phone {
    /// The registrar, at [`crate::namespace::ADDRESS`].
    pub registrar: SocketAddr,
    /// Its extension and digest user name.
    pub extension: String,
    /// Its digest secret.
    pub secret: String,
    /// What it says: 8 kHz, 16 bit, mono.
    pub speech: PathBuf,
    /// Who answers.
    pub answers: Answers,
    /// The only codec that it speaks, as its account names it.
    pub codec: &'static str,
    /// Whether it subscribes to its messages and shows them. Then it registers only when told, by
    /// [`Running::register`].
    pub has_lamp: bool,
}

/// Who answers a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// The phone, at once.
    ByItself,
    /// The test, by [`Running::answer`].
    WhenTold,
}

/// A phone that runs until it is dropped.
#[derive(Debug)]
pub struct Running {
    process: Process,
    control: SocketAddr,
    extension: String,
    /// As its configuration has it.
    account: String,
}

impl Phone {
    /// Starts the phone; it registers by itself.
    ///
    /// # Errors
    /// [`Missing`] without the program.
    pub fn start(&self) -> Result<Result<Running, Failed>, Missing> {
        let program = find("baresip", "baresip-core")?;
        Ok(self.run(&program))
    }

    fn run(&self, program: &Path) -> Result<Running, Failed> {
        let failed = |source| Failed::Run { program: "baresip", source };
        let folder = tempfile::tempdir().map_err(failed)?;
        let control =
            (Ipv4Addr::LOCALHOST, free_ports(Ipv4Addr::LOCALHOST.into()).map_err(failed)?);
        let control = SocketAddr::from(control);
        self.configure(folder.path(), control).map_err(failed)?;
        let mut command = Command::new(program);
        // and writes down its messages
        command.args(["-4", "-s", "-f"]).arg(folder.path());
        let process = Process::start("baresip", &mut command, folder)?;
        let (extension, account) = (self.extension.clone(), self.account());
        Ok(Running { process, control, extension, account })
    }

    fn configure(&self, folder: &Path, control: SocketAddr) -> io::Result<()> {
        let ip = self.registrar.ip();
        let sip = free_ports(ip)?;
        let modules =
            ["g711", "g722", "aufile", "sndfile"].map(|name| format!("module {name}.so\n"));
        let lamp = if self.has_lamp { "module_app mwi.so\n" } else { "" };
        let config = format!(
            "poll_method epoll\nsip_listen {ip}:{sip}\nnet_interface lo\n\
             audio_source aufile,{}\naudio_player aufile,{}\naudio_alert aufile,{}\n\
             audio_telev_pt 101\nrtp_ports 20000-29999\nsnd_path {}\n\
             module_path /usr/lib/baresip/modules\n{}\
             module_tmp uuid.so\nmodule_tmp account.so\nmodule_app menu.so\n\
             {lamp}module_app ctrl_tcp.so\nctrl_tcp_listen {control}\n",
            self.speech.display(),
            folder.join("unused.wav").display(),
            folder.join("unused.wav").display(),
            folder.display(),
            modules.concat(),
        );
        fs::write(folder.join("config"), config)?;
        let accounts = if self.has_lamp { String::new() } else { self.account() };
        fs::write(folder.join("accounts"), accounts)?;
        fs::write(folder.join("contacts"), "")
    }

    fn account(&self) -> String {
        let mode = match self.answers {
            Answers::ByItself => "auto",
            Answers::WhenTold => "manual",
        };
        let lamp = if self.has_lamp { "mwi=yes;" } else { "" };
        format!(
            "<sip:{}@{};transport=udp>;auth_pass={};answermode={mode};regint=60;{lamp}\
             audio_codecs={}\n",
            self.extension, self.registrar, self.secret, self.codec
        )
    }
}

/// The first call that a phone answered, as Replaces names it to whoever called.
fn answered(messages: &str, own: &str) -> Option<String> {
    let itself = format!("To: <sip:{own}");
    let ok = messages.split("SIP/2.0 200 ").skip(1).find(|it| {
        let head = || it.lines().take_while(|line| !line.trim().is_empty());
        // what the phone answers names itself in To
        let is_invite = head().any(|it| it.starts_with("CSeq: ") && it.ends_with(" INVITE"));
        is_invite && head().any(|it| it.starts_with(&itself))
    })?;
    let field = |name: &str| ok.lines().find_map(|line| line.strip_prefix(name));
    let tag = |name: &str| Some(field(name)?.split_once(";tag=")?.1.trim().to_owned());
    let call = field("Call-ID: ")?.trim().replace('@', "%40");
    Some(format!("{call}%3Bto-tag%3D{}%3Bfrom-tag%3D{}", tag("From: ")?, tag("To: ")?))
}

impl Running {
    /// What the phone has written so far, for the message of a failing test.
    pub fn output(&self) -> String {
        self.process.output()
    }

    /// Whether it can be told anything yet.
    pub fn is_listening(&self) -> bool {
        TcpStream::connect(self.control).is_ok()
    }

    /// Registers a phone with a lamp. It must have run for ten milliseconds: within them its module
    /// never comes to an end where a registration does (baresip 1.0).
    ///
    /// # Errors
    /// When the phone is gone, or does not listen yet.
    pub fn register(&self) -> io::Result<()> {
        self.send(&format!(r#"{{"command":"uanew","params":"{}"}}"#, self.account.trim_end()))
    }

    /// How many messages wait, new and heard ones, as it showed last; nothing before.
    pub fn messages(&self) -> Option<(u32, u32)> {
        let output = self.output();
        let (_, shown) = output.rsplit_once("----- MWI for ")?;
        let (_, told) = shown.split_once("\nVoice-Message: ")?;
        let (new, old) = told.lines().next()?.trim().split_once('/')?;
        Some((new.parse().ok()?, old.parse().ok()?))
    }

    /// Whether somebody calls and it rings: it has said so, and nothing more about any INVITE.
    pub fn rings(&self) -> bool {
        let output = self.output();
        let told = output.rsplit_once("SIP/2.0 180 ").map_or("", |(_, since)| since);
        let is_of_invite = |line: &&str| line.starts_with("CSeq: ") && line.ends_with(" INVITE");
        told.lines().map(str::trim_end).filter(is_of_invite).count() == 1
    }

    /// Answers who calls.
    ///
    /// # Errors
    /// When the phone is gone.
    pub fn answer(&self) -> io::Result<()> {
        self.command("accept")
    }

    /// Hangs up.
    ///
    /// # Errors
    /// When the phone is gone.
    pub fn hang_up(&self) -> io::Result<()> {
        self.command("hangup")
    }

    /// Holds the call, as a phone does: by a re-INVITE with `sendonly`.
    ///
    /// # Errors
    /// When the phone is gone.
    pub fn hold(&self) -> io::Result<()> {
        self.command("hold")
    }

    /// Takes the call back that it holds.
    ///
    /// # Errors
    /// When the phone is gone.
    pub fn resume(&self) -> io::Result<()> {
        self.command("resume")
    }

    /// Calls a number by its registrar.
    ///
    /// # Errors
    /// When the phone is gone.
    pub fn dial(&self, number: &str) -> io::Result<()> {
        self.send(&format!(r#"{{"command":"dial","params":"{number}"}}"#))
    }

    /// Passes whom it talks with on to an extension, by REFER.
    ///
    /// # Errors
    /// When the phone is gone.
    pub fn transfer(&self, extension: &str) -> io::Result<()> {
        self.send(&format!(r#"{{"command":"transfer","params":"{extension}"}}"#))
    }

    /// Joins the far end of the call that it answered with that of the call it talks in, by REFER
    /// with Replaces (RFC 3891), which this make has no key for: the field is made of what the
    /// phone writes of its messages.
    ///
    /// # Errors
    /// When the phone is gone, or has answered no call.
    pub fn join(&self, extension: &str) -> io::Result<()> {
        let named = answered(&self.output(), &self.extension).ok_or(io::ErrorKind::NotFound)?;
        self.transfer(&format!("sip:{extension}@{}?Replaces={named}", crate::namespace::ADDRESS))
    }

    fn command(&self, command: &str) -> io::Result<()> {
        self.send(&format!(r#"{{"command":"{command}"}}"#))
    }

    fn send(&self, command: &str) -> io::Result<()> {
        // a netstring, as its module ctrl_tcp reads
        let line = format!("{}:{command},", command.len());
        TcpStream::connect(self.control)?.write_all(line.as_bytes())
    }

    /// The recordings of what it heard, one a call, as WAV files that grow while a call lasts.
    pub fn heard(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.process.folder()).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(|path| path.to_string_lossy().ends_with("-dec.wav"))
            .collect();
        files.sort();
        files
    }
}
