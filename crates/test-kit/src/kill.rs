//! `kill -9` between two writes of a program: strace counts what it writes to files, and ends it
//! before the write that a test names.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Command, Output};

use crate::program::{Failed, Missing, find};

/// The calls of the system that change a file, or make sure of it.
const WRITES: &str = "pwrite64,fsync,fdatasync,ftruncate,rename,unlink";
const PROGRAM: &str = "strace";

/// A program, and the means to end it at any of its writes.
#[derive(Debug)]
pub struct Killer {
    strace: PathBuf,
    program: PathBuf,
    arguments: Vec<OsString>,
    variables: BTreeMap<String, OsString>,
}

impl Killer {
    /// For a program with its arguments.
    ///
    /// # Errors
    /// strace is missing, or may not follow other programs here.
    pub fn of(
        program: impl Into<PathBuf>,
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Result<Self, Missing> {
        let strace = find(PROGRAM, PROGRAM)?;
        let traced = Command::new(&strace).args(["-qq", "-e", "trace=none", "true"]).output();
        if !traced.is_ok_and(|it| it.status.success()) {
            return Err(Missing::Root { what: "following the writes of another program" });
        }
        let arguments = arguments.into_iter().map(Into::into).collect();
        let variables = BTreeMap::new();
        Ok(Self { strace, program: program.into(), arguments, variables })
    }

    /// The same with a variable of the environment.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.insert(name.to_owned(), value.into());
        self
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// It could not be started.
    pub fn run(&self) -> Result<Output, Failed> {
        self.output(&mut Command::new(&self.program))
    }

    /// Runs it to its end, and tells how often it wrote: the most that one of its threads did.
    ///
    /// # Errors
    /// It could not be started, or ended otherwise than well.
    pub fn writes(&self) -> Result<usize, Failed> {
        let report = tempfile::NamedTempFile::new().map_err(failed)?;
        let mut command = Command::new(&self.strace);
        command.args(["-f", "-qq", "-e", "signal=none", "-e"]);
        command.arg(format!("trace={WRITES}")).arg("-o").arg(report.path()).arg(&self.program);
        let output = self.output(&mut command)?;
        if !output.status.success() {
            let (program, status) = (PROGRAM, output.status);
            let output = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Failed::Status { program, status, output });
        }
        let report = std::fs::read_to_string(report.path()).map_err(failed)?;
        let mut of_thread = BTreeMap::new();
        // a call that another thread came between stands in two lines
        for line in report.lines().filter(|it| !it.contains(" resumed>")) {
            let thread = line.split_whitespace().next().unwrap_or_default();
            *of_thread.entry(thread).or_insert(0) += 1;
        }
        Ok(of_thread.into_values().max().unwrap_or_default())
    }

    /// Runs it until one of its threads is about to write for the `nth` time, from 1 on, and ends
    /// it there. Nothing if it ended before that.
    ///
    /// # Errors
    /// It could not be started.
    pub fn killed_at(&self, nth: usize) -> Result<Option<Output>, Failed> {
        let mut command = Command::new(&self.strace);
        command.args(["-f", "-qq", "-e", "signal=none", "-o", "/dev/null", "-e"]);
        command.arg(format!("trace={WRITES}")).arg("-e");
        command.arg(format!("inject={WRITES}:signal=SIGKILL:when={nth}")).arg(&self.program);
        let output = self.output(&mut command)?;
        // strace ends as the program that it follows did
        Ok((output.status.signal() == Some(9)).then_some(output))
    }

    fn output(&self, command: &mut Command) -> Result<Output, Failed> {
        command.args(&self.arguments).envs(&self.variables).output().map_err(failed)
    }
}

fn failed(source: io::Error) -> Failed {
    Failed::Run { program: PROGRAM, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_ends_before_the_write_that_is_named() -> Result<(), Failed> {
        let folder = tempfile::tempdir().map_err(failed)?;
        let file = folder.path().join("0");
        let renames = "$|=1; chdir shift; for (1..3) { rename $_-1, $_; print \"$_\\n\" }";
        let arguments = ["-e".into(), renames.into(), OsString::from(folder.path())];
        let killer = match Killer::of("perl", arguments) {
            Ok(killer) => killer,
            Err(missing) => {
                eprintln!("{missing}");
                return Ok(());
            }
        };
        let said = |output: Output| String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(said(killer.run()?), "1\n2\n3\n");
        assert_eq!(killer.writes()?, 3);
        assert!(killer.killed_at(4)?.is_none());
        std::fs::write(&file, "").map_err(failed)?;
        assert_eq!(killer.killed_at(2)?.map(said).as_deref(), Some("1\n"));
        assert!(folder.path().join("1").exists(), "the second is not done");
        Ok(())
    }
}
