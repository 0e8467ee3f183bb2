//! The host with the real wrapper of the example, and with programs that misbehave.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use caruso_application::Application;
use caruso_component::Release;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::install;
use crate::protocol::{Done, Invocation};
use crate::{
    Declared, DeclaredOperation, Error, Host, Installation, Limits, Program, Speaks, State, Type,
    Value,
};

mod changing;
mod command;
mod conformance;
mod erp;
mod files;
mod guide;
mod mail;
mod misbehaving;
mod reading;
mod rest;
mod running;
mod service;
mod soap;
mod stand_in;

/// Longest that any test waits for anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// A program in a folder of its own, and the host that keeps it.
struct Bench {
    folder: TempDir,
    host: Host,
    programs: watch::Sender<Option<Program>>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Bench {
    fn new(declared: Declared, file: PathBuf, folder: TempDir, limits: Limits) -> Self {
        let data = folder.path();
        let program = program(file, data, declared);
        let (programs, program) = watch::channel(Some(program));
        let stop = CancellationToken::new();
        let (host, task) = Host::start(program, limits, stop.clone());
        Self { folder, host, programs, stop, task }
    }

    /// A shell script; `$CARUSO_DATA` is its folder.
    fn shell(declared: Declared, script: &str, limits: Limits) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = script_file(folder.path(), "wrapper", script);
        Self::new(declared, file, folder, limits)
    }

    fn data(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    async fn until(&self, what: &str, wanted: impl FnMut(&State) -> bool) -> State {
        let mut states = self.host.states();
        let state = timeout(PATIENCE, states.wait_for(wanted)).await;
        state.expect(what).expect("the host lives").clone()
    }

    async fn ready(&self) {
        self.until("the program is ready", |state| matches!(state, State::Ready(_))).await;
    }

    async fn away(&self) -> String {
        let state = self.until("the program is away", |state| matches!(state, State::Away(_)));
        let State::Away(reason) = state.await else { panic!("waited for away") };
        reason
    }

    async fn invoke(&self, arguments: &[(&str, &str)], key: &str) -> Result<Arc<Done>, Error> {
        self.invoke_as("create_service_order", arguments, key).await
    }

    async fn invoke_as(
        &self,
        operation: &str,
        arguments: &[(&str, &str)],
        key: &str,
    ) -> Result<Arc<Done>, Error> {
        let invocation = invocation(operation, arguments, key);
        timeout(PATIENCE, self.host.invoke(invocation)).await.expect("an answer in time")
    }

    async fn end(self) {
        self.stop.cancel();
        timeout(PATIENCE, self.task).await.expect("the host ends").expect("without a panic");
    }
}

fn program(file: PathBuf, data: &Path, declared: Declared) -> Program {
    let (name, folder) = ("erp".into(), data.to_owned());
    Program {
        name,
        file,
        root: data.to_owned(),
        speaks: Speaks::Lines,
        configured: None,
        installation: Installation::default(),
        arguments: Vec::new(),
        data: data.to_owned(),
        folder,
        declared,
    }
}

/// A wrapper without a program that is added to the example, its file the last of `files`.
fn added(
    name: &str,
    files: &[(&str, &str)],
    folder: &Path,
    installation: &Installation,
) -> Program {
    let example = running::example();
    let mut all = example.files().clone();
    let manifest = std::str::from_utf8(&all["application.xml"]).expect("a text");
    let (path, _) = files.last().expect("its file");
    let element = format!("<wrapper name=\"{name}\" program=\"{path}\"/>\n<history");
    let manifest = manifest.replacen("<history", &element, 1);
    all.insert("application.xml".into(), manifest.into());
    for (path, text) in files {
        all.insert((*path).into(), (*text).to_owned().into());
    }
    let release = Release::new(all);
    let application = release.compiled(Application::compile).expect("it is sound");
    let wrapper = application.wrappers.iter().find(|it| it.name == name).expect("declared");
    install(&release, wrapper, folder, installation).expect("a writable folder")
}

fn script_file(folder: &Path, name: &str, script: &str) -> PathBuf {
    let file = folder.join(name);
    // Written apart and renamed: a file open for writing cannot be executed.
    let apart = folder.join(format!("{name}.new"));
    fs::write(&apart, format!("#!/bin/sh\n{script}")).expect("a writable folder");
    fs::set_permissions(&apart, fs::Permissions::from_mode(0o700)).expect("own file");
    fs::rename(&apart, &file).expect("the same folder");
    file
}

fn invocation(operation: &str, arguments: &[(&str, &str)], key: &str) -> Invocation {
    let text = |(name, value): &(&str, &str)| ((*name).to_owned(), Value::Text((*value).into()));
    Invocation {
        operation: operation.into(),
        arguments: arguments.iter().map(text).collect(),
        key: key.into(),
        actor: "anna".into(),
    }
}

/// One operation, as the application declares it.
fn declare(name: &str, parameters: &[(&str, Type, bool)], results: &[(&str, Type)]) -> Declared {
    let parameter = |it: &(&str, Type, bool)| (it.0.to_owned(), (it.1, it.2));
    let result = |(name, kind): &(&str, Type)| ((*name).to_owned(), *kind);
    let operation = DeclaredOperation {
        parameters: parameters.iter().map(parameter).collect(),
        results: results.iter().map(result).collect(),
    };
    let operations = [(name.to_owned(), operation)].into();
    Declared { operations, ..Declared::default() }
}

fn quick() -> Limits {
    let short = Duration::from_millis(300);
    Limits { start: Duration::from_millis(500), invoke: short, read: short }
}
