//! A server in a process of its own: its CPU time and its memory.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A process that ends with its owner.
#[derive(Debug)]
pub(crate) struct Process(Child);

impl Process {
    /// Starts it; what it says of itself is not shown.
    pub(crate) fn start(command: &mut Command) -> std::io::Result<Self> {
        let quiet = command.stdin(Stdio::piped()).stderr(Stdio::null());
        quiet.stdout(Stdio::piped()).spawn().map(Self)
    }

    /// Its output.
    pub(crate) fn output(&mut self) -> impl std::io::Read + use<> {
        self.0.stdout.take().expect("it is piped, and asked for once")
    }

    /// CPU time of its threads, from `schedstat`, which counts nanoseconds.
    pub(crate) fn cpu(&self) -> Duration {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.0.id())).expect("it runs");
        let spent = |path: std::path::PathBuf| {
            let text = std::fs::read_to_string(path.join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        };
        Duration::from_nanos(tasks.flatten().filter_map(|task| spent(task.path())).sum())
    }

    /// Resident memory, in MB.
    pub(crate) fn resident_mb(&self) -> f64 {
        let path = format!("/proc/{}/status", self.0.id());
        let status = std::fs::read_to_string(path).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kb = line.and_then(|line| line.split_whitespace().next()).expect("Linux says it");
        kb.parse::<f64>().expect("a number") / 1024.0
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // it may have ended by itself
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
