//! A running `caruso up` of the example company, with as many agents as wanted.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use caruso_api::identity::v1::LogInRequest;
use caruso_api::identity::v1::identity_client::IdentityClient;
use caruso_component::permissions::names::FRONT_OFFICE;
use caruso_component::{Caller, Component, Options, Secret};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

use crate::agent::Agent;

/// Ticks of `/proc/PID/stat` in a second: USER_HZ, which is 100 on every Linux of ours.
const TICKS: f64 = 100.0;
/// As many passwords as agents are hashed meanwhile.
const START: Duration = Duration::from_secs(180);

/// The measured process.
pub(crate) struct Installation {
    child: Child,
    id: u32,
    /// From exec to the line that says it serves.
    pub(crate) started_in: Duration,
    pub(crate) sip: SocketAddr,
    service_manager: String,
    _folder: tempfile::TempDir,
}

impl Installation {
    /// Starts it and waits until it serves.
    pub(crate) async fn start(agents: usize) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/utilities"), &folder)?;
        std::fs::write(folder.path().join("demo.toml"), users(agents))?;
        let routing = folder.path().join("routing.xml");
        let text = std::fs::read_to_string(&routing)?;
        let text = text.replace(r#"maximum-length="100""#, r#"maximum-length="1000""#);
        std::fs::write(&routing, text)?;
        let began = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_caruso"))
            .args(["up", "--ephemeral", "--format", "json", "--http", "127.0.0.1:0"])
            .args(["--sip", "127.0.0.1:0", "--service-manager", "127.0.0.1:0"])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let id = child.id().context("it runs")?;
        let output = child.stdout.take().context("asked for")?;
        let mut lines = BufReader::new(output).lines();
        let line = tokio::time::timeout(START, lines.next_line()).await??;
        let started_in = began.elapsed();
        let ready: Value = serde_json::from_str(&line.context("it ended before it served")?)?;
        let text = |name: &str| ready[name].as_str().map(str::to_owned).context("a ready line");
        let (sip, service_manager) = (socket(&text("sip")?)?, text("service_manager")?);
        Ok(Self { child, id, started_in, sip, service_manager, _folder: folder })
    }

    /// Joins as a component of this name; the installation runs in development mode.
    pub(crate) async fn join(&self, name: &str) -> anyhow::Result<Component> {
        let options = Options::new(&self.service_manager);
        Ok(Component::join(options, name, CancellationToken::new()).await?)
    }

    /// Agents with a registered telephone, signed in and not ready.
    pub(crate) async fn agents(&self, count: usize) -> anyhow::Result<Vec<Agent>> {
        let office = self.join(FRONT_OFFICE).await?;
        let mut agents = Vec::new();
        for number in 0..count {
            let mut identity = IdentityClient::new(office.caller("caruso.identity.v1.Identity"));
            let request = LogInRequest { user: name(number), password: "demo".to_owned() };
            let token = identity.log_in(request).await?.into_inner().token;
            let caller = Caller::with_token(Secret::new(token));
            let channel = office.caller("caruso.contact.v1.Agents").on_behalf_of(&caller);
            agents.push(Agent::begin(self.sip, extension(number), channel).await?);
        }
        Ok(agents)
    }

    /// CPU seconds that the process has used, user and system.
    pub(crate) fn cpu(&self) -> anyhow::Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id))?;
        // the name, in parentheses, may hold spaces; utime and stime are fields 14 and 15
        let (_, rest) = stat.rsplit_once(')').context("a name")?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let ticks = |at: usize| -> anyhow::Result<f64> {
            Ok(fields.get(at).context("a field")?.parse::<u64>()? as f64)
        };
        Ok((ticks(11)? + ticks(12)?) / TICKS)
    }

    /// Resident memory in kB.
    pub(crate) fn memory(&self) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS")).context("a line")?;
        Ok(line.split_whitespace().nth(1).context("a number")?.parse()?)
    }

    /// CPU seconds a second, over so long.
    pub(crate) async fn load(&self, over: Duration) -> anyhow::Result<f64> {
        let (before, began) = (self.cpu()?, Instant::now());
        tokio::time::sleep(over).await;
        Ok((self.cpu()? - before) / began.elapsed().as_secs_f64())
    }

    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        self.child.kill().await?;
        Ok(())
    }
}

fn name(number: usize) -> String {
    format!("agent-{number}")
}

fn extension(number: usize) -> String {
    format!("{}", 1000 + number)
}

fn users(agents: usize) -> String {
    let user = |number: usize| {
        let (name, extension) = (name(number), extension(number));
        format!(
            "[[user]]\nname = \"{name}\"\ndisplay-name = \"{name}\"\nroles = [\"agent\"]\n\
             team = \"service\"\nextension = \"{extension}\"\npassword = \"demo\"\n\
             device-secret = \"phone-{extension}\"\n\
             skills = {{ electricity = 4, business = 3 }}\n"
        )
    };
    (0..agents).map(user).collect()
}

fn copy(from: &Path, to: impl AsRef<Path>) -> std::io::Result<()> {
    std::fs::create_dir_all(&to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.as_ref().join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// The address of `127.0.0.1:5060` or `sip:127.0.0.1:5060`.
fn socket(text: &str) -> anyhow::Result<SocketAddr> {
    Ok(text.trim_start_matches("sip:").parse()?)
}
