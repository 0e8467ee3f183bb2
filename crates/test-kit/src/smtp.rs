//! aiosmtpd as a mail server: it takes every e-mail, and keeps each as a file.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::process::Command;

use crate::ports::free_ports;
use crate::program::{Failed, Missing, Process, find};

/// How long it may take to be there.
const LIMIT: Duration = Duration::from_secs(20);
/// Between two looks whether it is.
const BETWEEN: Duration = Duration::from_millis(20);

/// A mail server on a free loopback port, without TLS and without users.
#[derive(Debug)]
pub struct MailServer {
    process: Process,
    address: SocketAddr,
}

impl MailServer {
    /// Starts one, which listens when this returns.
    ///
    /// # Errors
    /// It is [`Missing`], or did not start.
    pub async fn start() -> Result<Result<Self, Failed>, Missing> {
        let program = find("aiosmtpd", "python3-aiosmtpd")?;
        let failed = |source| Failed::Run { program: "aiosmtpd", source };
        let begin = || -> Result<Self, Failed> {
            let folder = tempfile::tempdir().map_err(failed)?;
            let port = free_ports(Ipv4Addr::LOCALHOST.into()).map_err(failed)?;
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            let mut command = Command::new(program);
            command.args(["--nosetuid", "--listen", &address.to_string()]);
            command.args(["--class", "aiosmtpd.handlers.Mailbox", "mail"]);
            Ok(Self { process: Process::start("aiosmtpd", &mut command, folder)?, address })
        };
        Ok(match begin() {
            Ok(server) => server.listening().await,
            Err(error) => Err(error),
        })
    }

    async fn listening(mut self) -> Result<Self, Failed> {
        let until = tokio::time::Instant::now() + LIMIT;
        while std::net::TcpStream::connect(self.address).is_err() {
            let (program, output) = ("aiosmtpd", self.process.output());
            if self.process.has_ended() {
                return Err(Failed::Ended { program, output });
            }
            if tokio::time::Instant::now() > until {
                return Err(Failed::Late { program, limit: LIMIT, output });
            }
            tokio::time::sleep(BETWEEN).await;
        }
        Ok(self)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every e-mail that it has taken, as it came (RFC 5322), in no order.
    pub fn taken(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.process.folder().join("mail/new"));
        let files = entries.into_iter().flatten().flatten().map(|entry| entry.path());
        files.filter_map(|file| std::fs::read_to_string(file).ok()).collect()
    }
}
