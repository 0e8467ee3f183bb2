//! Processes that serve at a loopback address of their own.
//!
//! They need not read their standard input, so that they would not notice the end of their host. A
//! shell starts them and waits for both: when the host has ended, however it did, or wants them to
//! end, they are asked to (`SIGTERM`), and killed a second later.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::Stdio;

use tokio::net::unix::pipe::Receiver;
use tokio::process::{Child, ChildStdin, Command};

use crate::group::Group;
use crate::life::ended;
use crate::program::{Failure, Program, within};

/// Where a process finds the address at which it is to serve.
const LISTEN: &str = "CARUSO_LISTEN";
/// Starts the command behind it; its standard input ends when that is to end.
const GUARD: &str = r#"
exec 3<&0 </dev/null
"$@" 3<&- &
program=$!
( read -r _ <&3; kill -TERM "$program"; sleep 1; kill -KILL "$program" ) >/dev/null 2>&1 &
guard=$!
exec 3<&-
wait "$program"
status=$?
kill -KILL "$guard" 2>/dev/null
exit "$status"
"#;

/// A process, and where it serves as soon as it does. It is killed when this is dropped.
pub(crate) struct Serving {
    child: Child,
    group: Group,
    /// Open as long as it is to run.
    wanted: Option<ChildStdin>,
    pub(crate) address: SocketAddr,
}

impl Serving {
    /// Starts a command within what belongs to a program, to serve at a free loopback address; with
    /// what it writes to standard output and standard error, which is for people.
    ///
    /// # Errors
    /// Where the system has no address, or no shell.
    pub(crate) fn start(command: &Command, program: &Program) -> io::Result<(Self, Receiver)> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let (told, output) = io::pipe()?;
        let command = command.as_std();
        let mut guarded = Command::new("sh");
        guarded.args(["-c", GUARD, "guard"]).arg(command.get_program()).args(command.get_args());
        let mut child = within(guarded, program)
            .env(LISTEN, address.to_string())
            .stdin(Stdio::piped())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()?;
        let (group, wanted) = (Group::of(&child), child.stdin.take());
        Ok((Self { child, group, wanted, address }, Receiver::from_owned_fd(told.into())?))
    }

    /// Asks it to end, which [`Serving::ended`] waits for.
    pub(crate) fn ask_to_end(&mut self) {
        self.wanted = None;
    }

    /// Returns with how it ended, when it has; cancelling loses nothing.
    pub(crate) async fn ended(&mut self) -> Failure {
        let failure = ended(&mut self.child).await;
        self.group.has_ended();
        failure
    }
}
