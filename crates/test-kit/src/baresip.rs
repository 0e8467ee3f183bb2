//! baresip as an agent's desk phone: registers by digest, answers by itself, plays a WAV file, and
//! writes down what it hears.
//!
//! It ignores loopback addresses, so it runs inside [`crate::namespace`].

use crate::program::{Failed, Missing, Process, find, free_ports};
use std::fs;
use std::io;
use std::net::SocketAddr;
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
}

/// A phone that runs until it is dropped.
#[derive(Debug)]
pub struct Running {
    process: Process,
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
        self.configure(folder.path()).map_err(failed)?;
        let mut command = Command::new(program);
        command.args(["-4", "-f"]).arg(folder.path());
        Ok(Running { process: Process::start("baresip", &mut command, folder)? })
    }

    fn configure(&self, folder: &Path) -> io::Result<()> {
        let ip = self.registrar.ip();
        let sip = free_ports(ip)?;
        let modules = ["g711", "aufile", "sndfile"].map(|name| format!("module {name}.so\n"));
        let config = format!(
            "poll_method epoll\nsip_listen {ip}:{sip}\nnet_interface lo\n\
             audio_source aufile,{}\naudio_player aufile,{}\naudio_alert aufile,{}\n\
             audio_telev_pt 101\nrtp_ports 20000-29999\nsnd_path {}\n\
             module_path /usr/lib/baresip/modules\n{}\
             module_tmp uuid.so\nmodule_tmp account.so\nmodule_app menu.so\n",
            self.speech.display(),
            folder.join("unused.wav").display(),
            folder.join("unused.wav").display(),
            folder.display(),
            modules.concat(),
        );
        let account = format!(
            "<sip:{}@{};transport=udp>;auth_pass={};answermode=auto;regint=60;audio_codecs=PCMA\n",
            self.extension, self.registrar, self.secret
        );
        fs::write(folder.join("config"), config)?;
        fs::write(folder.join("accounts"), account)?;
        fs::write(folder.join("contacts"), "")
    }
}

impl Running {
    /// What the phone has written so far, for the message of a failing test.
    pub fn output(&self) -> String {
        self.process.output()
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
