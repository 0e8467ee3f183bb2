//! A process with all that it started.

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;

/// The group that a process leads. All of it is killed when this is dropped, unless it has ended.
pub(crate) struct Group(Option<Pid>);

impl Group {
    /// That of a process which was started in a group of its own.
    pub(crate) fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw))
    }

    /// The process has ended by itself, and its number may be that of another one.
    pub(crate) fn has_ended(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // dead already is as good
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
