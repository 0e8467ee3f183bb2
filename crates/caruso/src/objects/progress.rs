//! How far a long command is, on standard error.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::time::{Duration, Instant};

/// How often it is told where a person reads it.
const AT_A_TERMINAL: Duration = Duration::from_millis(250);
/// How often it is told elsewhere.
const ELSEWHERE: Duration = Duration::from_secs(10);

/// A clock that knows when something is to be told again.
pub(super) struct Progress {
    started: Instant,
    told: Instant,
    is_terminal: bool,
}

impl Progress {
    pub(super) fn start() -> Self {
        let now = Instant::now();
        Self { started: now, told: now, is_terminal: stderr().is_terminal() }
    }

    /// Tells a line that is made of the time since the last lap, when it is time for one.
    pub(super) fn tell(&mut self, line: impl FnOnce(Duration) -> String) {
        let period = if self.is_terminal { AT_A_TERMINAL } else { ELSEWHERE };
        if self.told.elapsed() < period {
            return;
        }
        self.told = Instant::now();
        let line = line(self.started.elapsed());
        if self.is_terminal {
            eprint!("\r{line}    ");
            let _ = stderr().flush();
        } else {
            eprintln!("{line}");
        }
    }

    /// The time since the last lap.
    pub(super) fn lap(&mut self) -> Duration {
        if self.is_terminal {
            eprintln!();
        }
        std::mem::replace(&mut self.started, Instant::now()).elapsed()
    }
}
