//! A process that ends with its guard.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// A process that is asked to stop does so within this time.
const GRACE: Duration = Duration::from_secs(8);
const PAUSE: Duration = Duration::from_millis(20);
/// Last bytes of a log that a failing story shows.
const SHOWN: usize = 6_000;

/// A running process; asked to stop, then killed, when it is dropped.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    output: PathBuf,
    errors: PathBuf,
}

impl Process {
    /// Starts a command; output and errors go into files of that name in `folder`.
    ///
    /// # Panics
    /// When the command cannot be started.
    pub fn start(name: &str, command: &mut Command, folder: &Path) -> Self {
        let output = folder.join(format!("{name}.out"));
        let errors = folder.join(format!("{name}.err"));
        let create = |path: &Path| File::options().create(true).append(true).open(path);
        let child = command
            .stdin(Stdio::null())
            .stdout(create(&output).expect("the folder is writable"))
            .stderr(create(&errors).expect("the folder is writable"))
            .spawn();
        let child = child.unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        Self { name: name.to_owned(), child, output, errors }
    }

    /// What it has printed so far.
    pub fn printed(&self) -> String {
        std::fs::read_to_string(&self.output).unwrap_or_default()
    }

    /// What it has complained of and logged so far.
    pub fn complained(&self) -> String {
        std::fs::read_to_string(&self.errors).unwrap_or_default()
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Ends it at once, as `kill -9` does.
    pub fn kill(&mut self) {
        // it may have ended already
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to stop, and does not wait until it has.
    pub(crate) fn ask_to_stop(&mut self) {
        if self.ended().is_some() {
            return;
        }
        self.signal(Signal::TERM);
    }

    /// Makes it stand still, as a debugger or a machine that is put to sleep does.
    pub(crate) fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on.
    pub(crate) fn resume(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(id) = id {
            // it may have ended just now
            let _ = kill_process(id, signal);
        }
    }

    /// Asks it to stop; after a while it is killed.
    pub fn stop(&mut self) {
        self.ask_to_stop();
        let asked = Instant::now();
        while self.ended().is_none() && asked.elapsed() < GRACE {
            std::thread::sleep(PAUSE);
        }
        if self.ended().is_none() {
            eprintln!("{} did not stop within {} s", self.name, GRACE.as_secs());
        }
        self.kill();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
        if std::thread::panicking() {
            let log = self.complained();
            let start = log.len().saturating_sub(SHOWN);
            let shown = log.get(log.ceil_char_boundary(start)..).unwrap_or_default();
            eprintln!("--- the last words of {}:\n{shown}", self.name);
        }
    }
}
