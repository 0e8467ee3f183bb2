//! The scripts of the application as `caruso.script.v1.ScriptCatalogue`.

use std::collections::BTreeMap;

use caruso_api::script::v1 as proto;
use caruso_application::Finding;
use caruso_application::dialogue::{Script, ScriptRef};
use proto::script_catalogue_server::ScriptCatalogue;
use tonic::{Request, Response, Status};

use crate::{Engine, Error, wire};

/// Longest script that is looked at, in bytes.
const MOST_BYTES: usize = 1 << 20;
/// Longest name of a script, in bytes.
const MOST_NAME: usize = 64;

/// Serves the catalogue of an engine. Every request must have come through the guard.
#[derive(Debug, Clone)]
pub struct Catalogue {
    engine: Engine,
}

impl Catalogue {
    /// Serves that of this engine.
    pub fn new(engine: Engine) -> Self {
        Self { engine }
    }
}

/// Sessions by script, version and release.
type Running = BTreeMap<(String, String, String), u32>;

impl Engine {
    /// What runs.
    async fn running(&self) -> Result<Running, Error> {
        let mut running = Running::new();
        for (digest, payload) in self.shared.journal.open_beginnings().await? {
            // what is personal is not in it, so that it is no whole event
            let Some(script) = payload.get("script") else { continue };
            let Ok(script) = serde_json::from_value::<ScriptRef>(script.clone()) else { continue };
            *running.entry((script.id, script.version, digest)).or_default() += 1;
        }
        Ok(running)
    }
}

fn entry(script: &Script) -> proto::Script {
    let channels = script.channels().map(|it| wire::channel(it).into());
    let inputs = |is_wanted: bool| {
        let inputs = script.inputs().filter(move |(_, _, is_required)| *is_required == is_wanted);
        inputs.map(|(name, ..)| name.to_owned()).collect()
    };
    proto::Script {
        name: script.id().to_owned(),
        title: script.title(),
        version: script.reference().version,
        languages: script.languages().map(str::to_owned).collect(),
        channels: channels.collect(),
        required_inputs: inputs(true),
        optional_inputs: inputs(false),
        running: Vec::new(),
    }
}

fn told(finding: &Finding, is_error: bool) -> proto::Finding {
    proto::Finding {
        is_error,
        file: finding.file.to_string(),
        line: finding.line,
        column: finding.column,
        code: finding.code.to_owned(),
        message: finding.message.clone(),
        hint: finding.hint.clone().unwrap_or_default(),
    }
}

/// What is said of a draft: mistakes anywhere, since others may call it, and advice about itself.
fn said(engine: &Engine, name: &str, text: String) -> Result<Vec<proto::Finding>, Error> {
    let path = format!("scripts/{name}.xml");
    Ok(match engine.editions().with_script(&path, text)? {
        Err(findings) => findings.iter().map(|it| told(it, true)).collect(),
        Ok(advice) => {
            let about = advice.iter().filter(|it| *it.file == *path);
            about.map(|it| told(it, false)).collect()
        }
    })
}

#[tonic::async_trait]
impl ScriptCatalogue for Catalogue {
    async fn list(
        &self,
        _request: Request<proto::ListRequest>,
    ) -> Result<Response<proto::ListResponse>, Status> {
        let edition = self.engine.editions().current().ok_or(Error::NoRelease)?;
        let mut scripts: BTreeMap<String, proto::Script> =
            edition.scripts().map(|it| (it.id().to_owned(), entry(it))).collect();
        for ((name, version, release_digest), sessions) in self.engine.running().await? {
            let script = scripts
                .entry(name.clone())
                .or_insert_with(|| proto::Script { name, ..proto::Script::default() });
            script.running.push(proto::Running { version, release_digest, sessions });
        }
        let release_digest = edition.digest().to_owned();
        let scripts = scripts.into_values().collect();
        Ok(Response::new(proto::ListResponse { release_digest, scripts }))
    }

    async fn validate(
        &self,
        request: Request<proto::ValidateRequest>,
    ) -> Result<Response<proto::ValidateResponse>, Status> {
        let proto::ValidateRequest { name, text } = request.into_inner();
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || name.len() > MOST_NAME || !name.chars().all(is_name) {
            let words =
                format!("the name of a script has 1 to {MOST_NAME} letters, digits, - and _");
            return Err(Error::Request(words).into());
        }
        if text.len() > MOST_BYTES {
            return Err(Error::Request(format!("a script has at most {MOST_BYTES} bytes")).into());
        }
        let engine = self.engine.clone();
        // some milliseconds, on a thread that may wait
        let looked = tokio::task::spawn_blocking(move || said(&engine, &name, text)).await;
        let findings = looked.unwrap_or(Err(Error::Stopped))?;
        Ok(Response::new(proto::ValidateResponse { findings }))
    }
}
