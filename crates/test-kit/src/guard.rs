//! A database server of a test's own, kept by a shell that outlives the test by a moment.
//!
//! A test may be killed, and what a process holds in a `static` is never dropped; so the server is
//! the child of a shell that ends it, and removes its folder, as soon as the test's end of a pipe
//! is closed.

use crate::certificate::Certificate;
use crate::ports::{free_ports, random};
use crate::program::{Failed, Missing};
use std::fs;
use std::io::{self, BufRead as _, BufReader, Seek as _, Write as _};
use std::net::Ipv4Addr;
use std::os::unix::fs::{OpenOptionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two questions whether it does.
const BETWEEN: Duration = Duration::from_millis(10);
/// How often a server is started that ends at once: somebody else may take the port between looking
/// and listening.
const TRIES: usize = 3;
/// The user's name in every server.
pub(crate) const NAME: &str = "caruso";

/// How one engine is run.
#[derive(Debug)]
pub struct Engine {
    /// The server's program, for messages.
    pub(crate) program: &'static str,
    /// Shell text: `prepare`, `serve`, `forget`.
    pub(crate) script: &'static str,
    /// Where its programs are; `BIN` in the script.
    pub(crate) programs: PathBuf,
    /// Whom it runs as.
    pub(crate) user: User,
    /// What its addresses begin with.
    pub(crate) scheme: &'static str,
    /// The database that is always there.
    pub(crate) administrative: &'static str,
    /// The client program, ready to read SQL from standard input for a database.
    pub(crate) client: fn(&Guard, &str) -> Command,
}

/// Whom a server runs as: this user, or that of its package where this user is root, whom servers
/// refuse.
#[derive(Clone, Copy, Debug)]
pub(crate) struct User(Option<(u32, u32)>);

impl User {
    /// # Errors
    /// `missing` where this user is root and the package's user is not there.
    pub(crate) fn of(name: &str, missing: Missing) -> Result<Self, Missing> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self(None));
        }
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let ids = users.lines().find_map(|line| {
            let mut fields = line.strip_prefix(name)?.strip_prefix(":")?.split(':').skip(1);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        });
        ids.map(|ids| Self(Some(ids))).ok_or(missing)
    }

    /// Writes a file that nobody else can read.
    fn keeps(self, path: &Path, text: &str) -> io::Result<()> {
        let mut file =
            fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        self.takes(path)
    }

    fn takes(self, path: &Path) -> io::Result<()> {
        let Some((user, group)) = self.0 else { return Ok(()) };
        chown(path, Some(user), Some(group))
    }
}

/// A server of either engine. Dropping it ends it and removes its folder.
#[derive(Debug)]
pub struct Guard {
    engine: Engine,
    shell: Shell,
    /// Number of the server's process; `None` when it was killed.
    server: Option<u32>,
}

/// The shell that keeps a server.
#[derive(Debug)]
struct Shell {
    process: Child,
    answers: BufReader<ChildStdout>,
    folder: PathBuf,
    port: u16,
    secret: String,
}

impl Guard {
    /// Starts a server in a new folder and waits until it answers.
    pub(crate) fn start(
        engine: Engine,
        settings: &[&str],
        certificate: Option<&Certificate>,
    ) -> Result<Self, Failed> {
        let shell = Shell::start(&engine, settings, certificate)?;
        let mut guard = Self { engine, shell, server: None };
        for _ in 1..TRIES {
            match guard.wait() {
                Err(Failed::Ended { .. }) => {
                    guard.shell = Shell::start(&guard.engine, settings, certificate)?;
                }
                other => return other.map(|()| guard),
            }
        }
        guard.wait().map(|()| guard)
    }

    /// The address of the database that is always there, as its administrator:
    /// `postgres://USER:SECRET@127.0.0.1:PORT/postgres`, `mysql://…/mysql`.
    pub fn url(&self) -> String {
        self.url_of(self.engine.administrative)
    }

    /// Makes an empty database and answers with its address. The name is of small letters, digits
    /// and underscores, so that it needs no quotes anywhere.
    ///
    /// # Errors
    /// [`Failed`] with what the client program says, as when the name is taken.
    pub fn database(&self, name: &str) -> Result<String, Failed> {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.is_empty() || !name.chars().all(is_plain) {
            return Err(self.cannot_run(io::ErrorKind::InvalidInput.into()));
        }
        self.run("", &format!("CREATE DATABASE {name}"))?;
        Ok(self.url_of(name))
    }

    /// Ends all its processes at once by SIGKILL, as a crash does, and waits until they are gone.
    pub fn kill(&mut self) {
        self.server = None;
        // without an answer the shell is gone, and the server before it
        let _ = self.shell.order("kill");
    }

    /// Starts it again with the same data on the same port, and waits until it answers. A running
    /// one is killed before.
    ///
    /// # Errors
    /// [`Failed`] with what it wrote.
    pub fn restart(&mut self) -> Result<(), Failed> {
        let mut last = Ok(());
        for _ in 0..TRIES {
            self.kill();
            self.shell.tell("start").map_err(|source| self.cannot_run(source))?;
            last = self.wait();
            if !matches!(last, Err(Failed::Ended { .. })) {
                break;
            }
        }
        last
    }

    /// Waits until the server that is being started answers.
    fn wait(&mut self) -> Result<(), Failed> {
        let answer = self.shell.answer().map_err(|source| self.cannot_run(source))?;
        self.server = answer.parse().ok();
        let start = Instant::now();
        while self.is_alive() {
            if self.run("", "SELECT 1").is_ok() {
                return Ok(());
            }
            if start.elapsed() > PATIENCE {
                let (program, output) = (self.engine.program, self.output());
                return Err(Failed::Late { program, limit: PATIENCE, output });
            }
            std::thread::sleep(BETWEEN);
        }
        Err(Failed::Ended { program: self.engine.program, output: self.output() })
    }

    /// Whether the server runs, and is not only remembered by the kernel until the shell asks.
    fn is_alive(&self) -> bool {
        let Some(server) = self.server else { return false };
        let status = fs::read_to_string(format!("/proc/{server}/status")).unwrap_or_default();
        let state = status.lines().find_map(|line| line.strip_prefix("State:"));
        state.is_some_and(|state| !state.trim_start().starts_with(['X', 'Z']))
    }

    /// Runs statements by the client program (`psql`, `mariadb`) until the first that fails, in a
    /// database or, with an empty name, in none of the test's, and answers with the rows: a line
    /// each, fields separated by `|` (PostgreSQL) or tabulators (MariaDB).
    ///
    /// # Errors
    /// [`Failed`] with what the client program says.
    pub fn run(&self, database: &str, sql: &str) -> Result<String, Failed> {
        let run = || {
            let mut input = tempfile::tempfile()?;
            input.write_all(sql.as_bytes())?;
            input.rewind()?;
            (self.engine.client)(self, database).stdin(input).output()
        };
        let output = run().map_err(|source| self.cannot_run(source))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let written = String::from_utf8_lossy(&output.stderr).into_owned();
        let program = self.engine.program;
        Err(Failed::Status { program, status: output.status, output: written })
    }

    /// Where its programs are.
    pub(crate) fn programs(&self) -> &Path {
        &self.engine.programs
    }

    /// Where it keeps everything; gone when it is.
    pub fn folder(&self) -> &Path {
        &self.shell.folder
    }

    /// Where it listens, on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.shell.port
    }

    /// The password of [`NAME`].
    pub(crate) fn secret(&self) -> &str {
        &self.shell.secret
    }

    /// The address of one of its databases.
    fn url_of(&self, database: &str) -> String {
        let (scheme, secret, port) = (self.engine.scheme, self.secret(), self.port());
        format!("{scheme}://{NAME}:{secret}@127.0.0.1:{port}/{database}")
    }

    /// What it has written so far, for the message of a failing test.
    pub fn output(&self) -> String {
        fs::read_to_string(self.folder().join("log")).unwrap_or_default()
    }

    fn cannot_run(&self, source: io::Error) -> Failed {
        Failed::Run { program: self.engine.program, source }
    }
}

impl Shell {
    /// Fills a new folder and starts a server there.
    fn start(
        engine: &Engine,
        settings: &[&str],
        certificate: Option<&Certificate>,
    ) -> Result<Self, Failed> {
        let started = Self::spawn(engine, settings, certificate);
        started.map_err(|source| Failed::Run { program: engine.program, source })
    }

    fn spawn(
        engine: &Engine,
        settings: &[&str],
        certificate: Option<&Certificate>,
    ) -> io::Result<Self> {
        let secret = format!("{:032x}", u128::from_le_bytes(random()?));
        let port = free_ports(Ipv4Addr::LOCALHOST.into())?;
        let folder = tempfile::Builder::new().prefix("caruso-").tempdir()?;
        engine.user.keeps(&folder.path().join("secret"), &secret)?;
        if let Some(Certificate { certificate, key }) = certificate {
            engine.user.keeps(&folder.path().join("certificate.pem"), certificate)?;
            engine.user.keeps(&folder.path().join("key.pem"), key)?;
        }
        engine.user.takes(folder.path())?;
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", &format!("{}\n{}", engine.script, include_str!("guard.sh")), "guard"])
            .arg(folder.path())
            .args(settings)
            .env_clear()
            .env("PATH", search_path())
            .env("BIN", &engine.programs)
            .env("PORT", port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // what ends the test from a terminal must not end the shell before its work is done
            .process_group(0);
        if let Some((user, group)) = engine.user.0 {
            command.uid(user).gid(group);
        }
        let mut process = command.spawn()?;
        let answers = process.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        // the shell removes it from now on
        let folder = folder.keep();
        Ok(Self { process, answers: BufReader::new(answers), folder, port, secret })
    }

    fn order(&mut self, order: &str) -> io::Result<String> {
        self.tell(order)?;
        self.answer()
    }

    fn tell(&mut self, order: &str) -> io::Result<()> {
        let input = self.process.stdin.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        writeln!(input, "{order}")
    }

    fn answer(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // nobody is there to hear of a failure
        let _ = self.process.wait();
    }
}

/// This process's, with the folders of the system's programs.
fn search_path() -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    format!("{path}:/usr/sbin:/usr/bin:/sbin:/bin")
}
