//! A wrapper program as a process: started, asked one thing at a time, stopped.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use caruso_application::Configured;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::process::Command;
use tokio::time::{Instant, timeout};
use tokio_util::task::AbortOnDropHandle;

use crate::called;
use crate::configured::{Installation, speak};
use crate::declared::Declared;
use crate::life::Life;
use crate::lines::next_line;
use crate::protocol::{self, Answer, Request, decode, encode};
use crate::serving::Serving;

/// After the end of its input, a program may still do so much.
pub(crate) const GOODBYE: Duration = Duration::from_secs(1);
/// Of a line on standard error the log takes so many bytes, and so many lines a second.
pub(crate) const LOG_LINE_BYTES: usize = 500;
const LOG_LINES_A_SECOND: u32 = 20;

/// Bytes on their way between the host and a wrapper without a program.
const PIPE_BYTES: usize = 64 * 1024;

/// A wrapper program on this machine; or what takes its place, and speaks as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The wrapper's name, for the log.
    pub name: String,
    /// The program: run by `python3` if it ends in `.py`, else directly.
    pub file: PathBuf,
    /// Where the paths of the release begin, as far as it was installed.
    pub root: PathBuf,
    /// How it is asked.
    pub speaks: Speaks,
    /// What the file says, where it is no program: then nothing is run.
    pub configured: Option<Arc<Configured>>,
    /// What the installation says of the other system, for a wrapper without a program.
    pub installation: Installation,
    /// What the program is told on its command line.
    pub arguments: Vec<OsString>,
    /// Folder for what the program keeps; it must exist. The program finds it in `CARUSO_DATA`.
    pub data: PathBuf,
    /// Folder that the program works in.
    pub folder: PathBuf,
    /// What the application lets it do.
    pub declared: Declared,
}

/// How a program is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speaks {
    /// By lines of JSON on its standard input.
    #[default]
    Lines,
    /// By gRPC: it serves `caruso.wrapper.v1` at the loopback address in `CARUSO_LISTEN`.
    Grpc,
}

/// Why a program is not, or no longer, of use. Never quotes what the program wrote.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Its interpreter is not installed.
    #[error(
        "{} needs python3, which is not installed or not in PATH; on Debian and Ubuntu install it \
         by `apt install python3`", file.display()
    )]
    NoPython {
        /// The program.
        file: PathBuf,
    },
    /// The system cannot start it.
    #[error("{} cannot be started: {source}", file.display())]
    Start {
        /// The program.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It ended by itself.
    #[error("the program ended: {0}")]
    Exited(String),
    /// It closed its output, or does not read its input.
    #[error("the program does not communicate: {0}")]
    Pipe(#[from] io::Error),
    /// No answer in time.
    #[error("the program did not answer within {0:?}")]
    Silent(Duration),
    /// Not what the protocol allows.
    #[error("the program wrote a line that is no answer: {0}")]
    Answer(#[from] protocol::Error),
    /// A longer line than the protocol allows.
    #[error("the program wrote a line of more than {0} bytes")]
    LongLine(usize),
    /// A status that the contract does not have for this rpc.
    #[error("the program answered `{rpc}` with the status {code:?}")]
    Status {
        /// What was called.
        rpc: &'static str,
        /// What it answered.
        code: tonic::Code,
    },
    /// Not what the application declares.
    #[error("the program does not fit application.xml: {0}")]
    Description(String),
    /// A declared result is not there, or not of its type.
    #[error("the result `{0}` is missing or not of the type that application.xml declares")]
    Result(String),
    /// It answered a change with other objects than the one that is there now.
    #[error("the program answered a change with {0} objects")]
    Objects(usize),
    /// It answered something else than was asked.
    #[error("the program answered `{0}` to the request")]
    OtherAnswer(&'static str),
}

/// A program that was started, with its three streams. It is killed when `life` is dropped.
pub(crate) struct Started {
    pub(crate) life: Life,
    pub(crate) input: Input,
    pub(crate) output: BufReader<Output>,
    pub(crate) errors: Output,
}

/// Where requests go.
pub(crate) type Input = Box<dyn AsyncWrite + Send + Unpin>;
/// Where answers, or what is for people, come from.
pub(crate) type Output = Box<dyn AsyncRead + Send + Unpin>;

impl Started {
    pub(crate) fn of(program: &Program) -> Result<Self, Failure> {
        match (&program.configured, program.speaks) {
            (Some(configured), _) => Ok(Self::inside(program, configured)),
            (None, Speaks::Lines) => Self::process(program),
            (None, Speaks::Grpc) => Self::called(program),
        }
    }

    /// A process that serves gRPC, and a task that calls it for the lines of the host. What it
    /// writes, wherever, is for people.
    fn called(program: &Program) -> Result<Self, Failure> {
        let serving = Serving::start(&command(program), program);
        let (serving, told) = serving.map_err(|source| explain(program, source))?;
        let (input, requests) = tokio::io::duplex(PIPE_BYTES);
        let (answers, output) = tokio::io::duplex(PIPE_BYTES);
        let declared = program.declared.clone();
        let calling = called::speak(declared, serving, (requests, answers));
        let life = Life::task(tokio::spawn(calling));
        let output = BufReader::new(Box::new(output) as Output);
        Ok(Self { life, input: Box::new(input), output, errors: Box::new(told) })
    }

    /// A task of this process, which reads and writes the same lines.
    fn inside(program: &Program, configured: &Arc<Configured>) -> Self {
        let (input, requests) = tokio::io::duplex(PIPE_BYTES);
        let (answers, output) = tokio::io::duplex(PIPE_BYTES);
        let (told, errors) = tokio::io::duplex(PIPE_BYTES);
        let speaking = speak(program.clone(), Arc::clone(configured), (requests, answers, told));
        let life = Life::task(tokio::spawn(speaking));
        let output = BufReader::new(Box::new(output) as Output);
        Self { life, input: Box::new(input), output, errors: Box::new(errors) }
    }

    /// A process that reads lines, and writes them.
    fn process(program: &Program) -> Result<Self, Failure> {
        let mut child = within(command(program), program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| explain(program, source))?;
        let piped = "the three streams were asked for";
        let input = Box::new(child.stdin.take().expect(piped));
        let output = Box::new(child.stdout.take().expect(piped)) as Output;
        let errors = Box::new(child.stderr.take().expect(piped));
        let (life, output) = (Life::Process(child), BufReader::new(output));
        Ok(Self { life, input, output, errors })
    }
}

/// A program that runs. It is killed when this is dropped.
pub(crate) struct Running {
    life: Life,
    input: Input,
    output: BufReader<Output>,
    next_id: u64,
    _log: AbortOnDropHandle<()>,
}

impl Running {
    /// Starts it; what it writes to standard error goes to the log.
    pub(crate) fn start(program: &Program) -> Result<Self, Failure> {
        let Started { life, input, output, errors } = Started::of(program)?;
        let log = log_lines(program.name.clone(), errors);
        let _log = AbortOnDropHandle::new(tokio::spawn(log));
        Ok(Self { life, input, output, next_id: 1, _log })
    }

    /// Asks one thing. After a failure the program must not be asked again.
    pub(crate) async fn ask(
        &mut self,
        request: &Request,
        limit: Duration,
    ) -> Result<Answer, Failure> {
        let id = self.next_id;
        self.next_id += 1;
        let (line, longest) = (encode(id, request)?, request.longest_answer());
        let asked = async {
            self.input.write_all(line.as_bytes()).await?;
            self.input.flush().await?;
            next_line(&mut self.output, longest).await
        };
        match timeout(limit, asked).await {
            Err(_) => Err(Failure::Silent(limit)),
            Ok(Ok(Some(line))) if line.is_cut => Err(Failure::LongLine(longest)),
            Ok(Ok(Some(line))) => Ok(decode(id, &line.bytes)?),
            Ok(Ok(None)) => Err(self.gone(None).await),
            Ok(Err(error)) => Err(self.gone(Some(error)).await),
        }
    }

    /// Returns when the program has ended.
    pub(crate) async fn exited(&mut self) -> Failure {
        self.life.wait().await
    }

    /// A stream broke: mostly because the program ended, which then is the better reason.
    async fn gone(&mut self, error: Option<io::Error>) -> Failure {
        match timeout(GOODBYE, self.exited()).await {
            Ok(exited) => exited,
            Err(_) => error.unwrap_or_else(|| io::ErrorKind::UnexpectedEof.into()).into(),
        }
    }

    /// Ends its input, waits for it to finish, and kills it if it does not.
    pub(crate) async fn stop(self) {
        let Self { mut life, input, _log, .. } = self;
        drop(input);
        if timeout(GOODBYE, life.wait()).await.is_err() {
            life.kill().await;
        }
    }
}

fn is_python(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "py")
}

/// What starts it.
fn command(program: &Program) -> Command {
    let mut command = command_of(&program.file);
    command.args(&program.arguments);
    command
}

/// Started where the program works and finds its data, in a process group of its own, so that an
/// interrupt at the terminal reaches the host only, which then ends it in order.
pub(crate) fn within(mut command: Command, program: &Program) -> Command {
    command
        .env("CARUSO_DATA", &program.data)
        .env("PYTHONUNBUFFERED", "1")
        .current_dir(&program.folder)
        .process_group(0)
        .kill_on_drop(true);
    command
}

/// What runs a file, without arguments.
pub(crate) fn command_of(file: &Path) -> Command {
    if is_python(file) {
        let mut command = Command::new("python3");
        command.arg(file);
        command
    } else {
        Command::new(file)
    }
}

fn explain(program: &Program, source: io::Error) -> Failure {
    let file = program.file.clone();
    let is_missing = source.kind() == io::ErrorKind::NotFound;
    if is_missing && is_python(&file) && program.folder.is_dir() {
        Failure::NoPython { file }
    } else {
        Failure::Start { file, source }
    }
}

/// Copies standard error to the log. It goes on reading beyond the limits, so that the program
/// never waits for the log.
pub(crate) async fn log_lines(name: String, stderr: impl AsyncRead + Unpin) {
    let mut stderr = BufReader::new(stderr);
    let (mut second, mut lines) = (Instant::now(), 0);
    while let Ok(Some(line)) = next_line(&mut stderr, LOG_LINE_BYTES).await {
        if second.elapsed() >= Duration::from_secs(1) {
            (second, lines) = (Instant::now(), 0);
        }
        lines += 1;
        if lines <= LOG_LINES_A_SECOND {
            tracing::info!(wrapper = name, "{}", String::from_utf8_lossy(&line.bytes));
        } else if lines == LOG_LINES_A_SECOND + 1 {
            tracing::warn!(wrapper = name, "more than {LOG_LINES_A_SECOND} lines a second");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_python_is_said_with_what_to_install() {
        let program = Program {
            name: "erp".into(),
            file: "erp/wrapper.py".into(),
            root: "/".into(),
            speaks: Speaks::Lines,
            configured: None,
            installation: Installation::default(),
            arguments: Vec::new(),
            data: "/".into(),
            folder: "/".into(),
            declared: Declared::default(),
        };
        let failure = explain(&program, io::ErrorKind::NotFound.into()).to_string();
        assert!(failure.contains("needs python3") && failure.contains("apt install python3"));
        let program = Program { file: "erp/wrapper".into(), ..program };
        let failure = explain(&program, io::ErrorKind::NotFound.into()).to_string();
        assert!(failure.contains("erp/wrapper cannot be started"), "{failure}");
    }
}
