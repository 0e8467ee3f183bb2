//! Finding and running programs.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// What a peer needs and this machine does not have. A test prints it and is skipped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// A program is not installed.
    #[error("skipped: `{program}` is not installed (Debian package {package})")]
    Program {
        /// Its name.
        program: &'static str,
        /// Where it comes from.
        package: &'static str,
    },
    /// Raw sockets and network namespaces are for root.
    #[error("skipped: {what} needs root")]
    Root {
        /// What would be done.
        what: &'static str,
    },
}

/// A peer that did not do what it was started for.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// It could not be started, or its files not be written.
    #[error("cannot run {program}")]
    Run {
        /// Which.
        program: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// It ended otherwise than well.
    #[error("{program} ended with {status}:\n{output}")]
    Status {
        /// Which.
        program: &'static str,
        /// Its exit status.
        status: ExitStatus,
        /// What it wrote.
        output: String,
    },
    /// A server ended instead of answering.
    #[error("{program} has ended:\n{output}")]
    Ended {
        /// Which.
        program: &'static str,
        /// What it wrote.
        output: String,
    },
    /// It did not end, or a server did not answer, in time.
    #[error("{program} was not done within {limit:?}:\n{output}")]
    Late {
        /// Which.
        program: &'static str,
        /// The time it had.
        limit: Duration,
        /// What it wrote so far.
        output: String,
    },
}

/// Where a program is, searched along `PATH` and in the folders of the system's programs.
pub(crate) fn find(program: &'static str, package: &'static str) -> Result<PathBuf, Missing> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin", "/usr/bin"].map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
        .ok_or(Missing::Program { program, package })
}

pub(crate) fn need_root(what: &'static str) -> Result<(), Missing> {
    if rustix::process::geteuid().is_root() { Ok(()) } else { Err(Missing::Root { what }) }
}

/// A running program with a folder of its own.
#[derive(Debug)]
pub(crate) struct Process {
    program: &'static str,
    child: Child,
    folder: TempDir,
}

/// Where the output of a process goes, in its folder.
const OUTPUT: &str = "output.txt";

impl Process {
    /// Starts a command in `folder`, output and errors into a file there.
    pub(crate) fn start(
        program: &'static str,
        command: &mut Command,
        folder: TempDir,
    ) -> Result<Self, Failed> {
        let mut run = || {
            let output = std::fs::File::create(folder.path().join(OUTPUT))?;
            let errors = output.try_clone()?;
            command
                .current_dir(folder.path())
                .stdin(Stdio::null())
                .stdout(output)
                .stderr(errors)
                .kill_on_drop(true)
                .spawn()
        };
        let started = run();
        let child = started.map_err(|source| Failed::Run { program, source })?;
        Ok(Self { program, child, folder })
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Number of the process; 0 when it has ended.
    pub(crate) fn id(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    pub(crate) fn output(&self) -> String {
        std::fs::read_to_string(self.folder.path().join(OUTPUT)).unwrap_or_default()
    }

    /// Waits for a good end.
    pub(crate) async fn finish(mut self, limit: Duration) -> Result<(), Failed> {
        let program = self.program;
        match tokio::time::timeout(limit, self.child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(Failed::Status { program, status, output: self.output() }),
            Ok(Err(source)) => Err(Failed::Run { program, source }),
            Err(_) => Err(Failed::Late { program, limit, output: self.output() }),
        }
    }
}
