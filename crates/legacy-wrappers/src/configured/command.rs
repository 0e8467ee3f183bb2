//! Programs that are started for one operation, without a shell.

use std::path::PathBuf;
use std::process::Stdio;

use caruso_application::configured::Outcome;
use caruso_application::configured::command::{
    Command, MAX_ERROR_BYTES, MAX_OUTPUT_BYTES, Place, Run, input,
};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Child;
use tokio::time::timeout;

use crate::asked::Wish;
use crate::group::Group;
use crate::program::{Program, command_of};

/// What a program finds in its environment of ours.
const INHERITED: [&str; 4] = ["PATH", "HOME", "LANG", "TZ"];
/// Lines of standard error that go to the log.
const MAX_TOLD: usize = 20;

/// Starts programs.
pub(super) struct Starter {
    command: Command,
    file: PathBuf,
    data: PathBuf,
}

impl Starter {
    pub(super) fn new(program: &Program, command: &Command) -> Self {
        let file = match &command.program {
            Place::Machine(file) => PathBuf::from(file),
            Place::Release(path) => program.root.join(path),
        };
        Self { command: command.clone(), file, data: program.data.clone() }
    }

    pub(super) fn is_repeatable(&self, operation: &str) -> bool {
        self.command.runs.get(operation).is_none_or(|run| run.is_repeatable)
    }

    pub(super) async fn carry_out(&self, wish: &Wish, told: &mut Vec<String>) -> Outcome {
        let Some(run) = self.command.runs.get(&wish.operation) else {
            return Outcome::Refused("there is no such operation".into());
        };
        let arguments = match run.arguments(&wish.arguments) {
            Ok(arguments) => arguments,
            Err(words) => return Outcome::Refused(words),
        };
        let child = match self.start(run, &arguments, wish) {
            Ok(child) => child,
            Err(error) => {
                return Outcome::Later(format!("{} cannot be started: {error}", self.name()));
            }
        };
        match timeout(self.command.limit, ended(child, run, wish)).await {
            Ok(Ok((status, output, errors))) => {
                let text = String::from_utf8_lossy(&errors);
                told.extend(text.lines().take(MAX_TOLD).map(str::to_owned));
                run.outcome(status, &output, &errors)
            }
            Ok(Err(error)) => Outcome::Unknown(format!("{}: {error}", self.name())),
            Err(_) => {
                let limit = self.command.limit;
                Outcome::Unknown(format!("{} did not end within {limit:?}", self.name()))
            }
        }
    }

    fn name(&self) -> String {
        self.file.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn start(&self, run: &Run, arguments: &[String], wish: &Wish) -> std::io::Result<Child> {
        let mut command = command_of(&self.file);
        let ours = INHERITED.iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        command
            .args(arguments)
            .env_clear()
            .envs(ours)
            .env("CARUSO_DATA", &self.data)
            .env("CARUSO_KEY", &wish.key)
            .env("CARUSO_ACTOR", &wish.actor)
            .current_dir(&self.data)
            .stdin(if run.has_input { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
    }
}

/// What a program ended with, and wrote. It is ended where this is dropped.
async fn ended(
    mut child: Child,
    run: &Run,
    wish: &Wish,
) -> std::io::Result<(Option<i32>, Vec<u8>, Vec<u8>)> {
    let mut group = Group::of(&child);
    let (requests, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let text = input(&wish.operation, &wish.arguments, &wish.key, &wish.actor);
    let writing = async {
        if let Some(mut requests) = requests.filter(|_| run.has_input) {
            // one that ends without having read it says by its end what came of that
            let _ = requests.write_all(text.as_bytes()).await;
        }
    };
    let reading = (some_of(output, MAX_OUTPUT_BYTES + 1), some_of(errors, MAX_ERROR_BYTES));
    let ((), output, errors, status) = tokio::join!(writing, reading.0, reading.1, child.wait());
    let status = status?;
    group.has_ended();
    Ok((status.code(), output?, errors?))
}

/// Reads to the end, and keeps so many bytes.
async fn some_of(stream: Option<impl AsyncRead + Unpin>, most: usize) -> std::io::Result<Vec<u8>> {
    let mut kept = Vec::new();
    let Some(mut stream) = stream else { return Ok(kept) };
    let mut piece = [0; 4096];
    loop {
        let count = stream.read(&mut piece).await?;
        if count == 0 {
            return Ok(kept);
        }
        let room = most - kept.len();
        kept.extend_from_slice(&piece[..count.min(room)]);
    }
}
