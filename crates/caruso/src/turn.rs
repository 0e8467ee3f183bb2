//! Whose turn it is: a component's folder is one process's at a time, and another one may wait to
//! take its place.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use caruso_application::Application;
use caruso_communication_server::Predecessor;
use caruso_component::permissions::names::{COMMUNICATION_SERVER, DEMO, MODELER, MONITOR};
use caruso_component::{CERTIFICATE_FILE, Component, Options, Release, Standby, sockets};
use tokio_util::sync::CancellationToken;

use crate::components::make_private;

/// The file in a component's folder that its process locks; it holds the process's id.
const FILE: &str = "in-use";
/// Pause between two looks whether the other process has gone.
const PAUSE: Duration = Duration::from_millis(5);
/// The other process has gone within this time, or it hangs.
const PATIENCE: Duration = Duration::from_secs(40);

/// The right to work in a component's folder; over when dropped.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    /// The lock is held for as long as the file is open.
    _lock: Option<File>,
    /// What was compiled of the release while standing by stays with the process for as long as
    /// somebody holds it, and is there at once when the component serves.
    _release: Option<Release>,
    /// Whose calls go on, where calls are what the component has.
    pub(crate) predecessor: Option<Predecessor>,
}

/// How a component changes hands.
fn standby(name: &str) -> Standby {
    match name {
        MONITOR | MODELER | DEMO => Standby::Beside,
        _ => Standby::After,
    }
}

impl Turn {
    /// Takes the folder of a component for this process. Those that keep nothing need none.
    pub(crate) fn take(name: &str, folder: &Path) -> anyhow::Result<Self> {
        if standby(name) == Standby::Beside {
            return Ok(Self::default());
        }
        match Self::try_take(folder)? {
            Some(turn) => Ok(turn),
            None => bail!(
                "{} is in use by process {}; start with --standby to take its place",
                folder.display(),
                holder(folder).map_or_else(|| "unknown".to_owned(), |id| id.to_string()),
            ),
        }
    }

    fn try_take(folder: &Path) -> anyhow::Result<Option<Self>> {
        let (path, mut file) = open(folder)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", path.display()));
            }
        }
        file.set_len(0)?;
        file.rewind()?;
        write!(file, "{}", std::process::id())?;
        Ok(Some(Self { _lock: Some(file), ..Self::default() }))
    }
}

fn open(folder: &Path) -> anyhow::Result<(PathBuf, File)> {
    let path = folder.join(FILE);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(&path);
    let file = file.with_context(|| format!("cannot open {}", path.display()))?;
    Ok((path, file))
}

/// The process that works in the folder, or did last.
fn holder(folder: &Path) -> Option<u32> {
    let (_, mut file) = open(folder).ok()?;
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// Stands by until the service manager has this process take over, and the folder is its own, with
/// those of the other's sockets that listen at the addresses `at`. Nothing where it was stopped
/// before.
pub(crate) async fn stand_by(
    mut options: Options,
    name: &str,
    folder: &Path,
    at: &[SocketAddr],
    shutdown: CancellationToken,
) -> anyhow::Result<Option<Turn>> {
    let how = standby(name);
    options.standby = Some(how);
    let own = Own::beside(folder)?;
    options.data = Some(own.0.clone());
    let component = Component::join(options, name, shutdown).await?;
    let reading = component.clone();
    let following = tokio::spawn(async move {
        let read = |release: &Release| release.compiled(Application::compile);
        reading.take_releases(read, |_| ()).await;
    });
    tracing::info!(component = name, "stands by");
    let leaving = component.leaving();
    if leaving.run_until_cancelled(component.activated()).await.is_none() {
        component.leave().await;
        return Ok(None);
    }
    let turn = match how {
        Standby::Beside => Ok(Turn::default()),
        Standby::After => take_over(&component, name, folder, at).await,
    };
    following.abort();
    let _release = component.releases().borrow().clone();
    // also when nothing comes of it, so that nobody waits for this one
    component.leave().await;
    Ok(Some(Turn { _release, ..turn? }))
}

/// Waits for the folder, after everything was taken that is had of the other process while it runs.
async fn take_over(
    component: &Component,
    name: &str,
    folder: &Path,
    at: &[SocketAddr],
) -> anyhow::Result<Turn> {
    let process = holder(folder);
    if let Some(process) = process {
        inherit(process, at);
    }
    let predecessor = match process.filter(|_| name == COMMUNICATION_SERVER) {
        Some(process) => Predecessor::find(process).await?,
        None => None,
    };
    component.taking_over();
    Ok(Turn { predecessor, ..wait_for(folder).await? })
}

/// Takes what it can have; where that is nothing, the addresses are free when the other has gone.
fn inherit(process: u32, at: &[SocketAddr]) {
    match sockets::inherit(process, at) {
        Ok(sockets) => tracing::info!(process, sockets, "inherited"),
        Err(error) => tracing::info!(process, %error, "nothing is inherited"),
    }
}

/// What an instance keeps while it stands by: nothing in the folder that another process works in.
struct Own(PathBuf);

impl Own {
    /// With a copy of the certificate, so that no join token is used up.
    fn beside(folder: &Path) -> anyhow::Result<Self> {
        let own = Self(folder.join("standby"));
        make_private(&own.0)?;
        let certificate = folder.join(CERTIFICATE_FILE);
        if certificate.exists() {
            let copied = std::fs::copy(&certificate, own.0.join(CERTIFICATE_FILE));
            copied.with_context(|| format!("cannot copy {}", certificate.display()))?;
        }
        Ok(own)
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        // what stays behind is written over by the next one
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn wait_for(folder: &Path) -> anyhow::Result<Turn> {
    let free = async {
        loop {
            if let Some(turn) = Turn::try_take(folder)? {
                return anyhow::Ok(turn);
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    let gone = tokio::time::timeout(PATIENCE, free).await;
    gone.unwrap_or_else(|_| bail!("{} is still in use", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_one_process_s_at_a_time_except_where_nothing_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let turn = Turn::take("script-engine", folder.path()).expect("it is free");
        assert_eq!(holder(folder.path()), Some(std::process::id()));
        let refused = Turn::take("script-engine", folder.path()).expect_err("it is in use");
        assert!(refused.to_string().contains("--standby to take its place"), "{refused}");
        Turn::take("monitor", folder.path()).expect("it keeps nothing");
        drop(turn);
        Turn::take("script-engine", folder.path()).expect("it is free again");
    }
}
