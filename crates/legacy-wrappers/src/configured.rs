//! A wrapper without a program: what its file says, carried out by a task that speaks as a program
//! does, one JSON request a line in, one JSON answer a line out.

mod command;
mod files;
mod http;
mod keys;
mod mail;
mod rest;
mod soap;
mod stand_in;

use std::path::PathBuf;
use std::sync::Arc;

use caruso_application::Configured;
use caruso_application::configured::{Kind, Outcome};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};

use crate::asked::{Asked, Unread, Wish, read};
use crate::declared::{Declared, DeclaredOperation};
use crate::life::exited;
use crate::lines::next_line;
use crate::operation::{Operation, Parameter};
use crate::program::{Failure, Program};
use crate::protocol::MAX_LINE_BYTES;
use crate::value::Value;
pub use http::Remote;
pub use mail::MailServer;

use keys::{Keys, Known};
use stand_in::StandIn;

/// What is read to an agent where a wish may have been fulfilled and must not be twice.
const UNKNOWN: &str = "It is not known whether this was done. Look into the other system before \
                       ordering it again.";

/// What an installation says of the system behind a wrapper without a program; no release has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Installation {
    /// Where the other system leaves its files; without it, beside the wrapper's own in the
    /// release.
    pub folder: Option<PathBuf>,
    /// Where it is reached over HTTP.
    pub remote: Option<Remote>,
    /// Which mail server takes its e-mails.
    pub mail: Option<MailServer>,
}

/// What carries out what is asked.
enum Adapter {
    Files(files::Reader),
    Command(command::Starter),
    Rest(rest::Caller),
    Soap(soap::Caller),
    Mail(mail::Sender),
}

impl Adapter {
    fn new(program: &Program, configured: &Arc<Configured>) -> Self {
        match &configured.kind {
            Kind::Files(files) => {
                let beside = program.file.parent().map(PathBuf::from);
                let folder = program.installation.folder.clone().or(beside).unwrap_or_default();
                Self::Files(files::Reader::new(folder, files.clone()))
            }
            Kind::Rest(rest) => {
                Self::Rest(rest::Caller::new(rest, program.installation.remote.as_ref()))
            }
            Kind::Soap(soap) => {
                Self::Soap(soap::Caller::new(soap, program.installation.remote.as_ref()))
            }
            Kind::Mail(mail) => {
                Self::Mail(mail::Sender::new(mail, program.installation.mail.as_ref()))
            }
            Kind::Command(command) => Self::Command(command::Starter::new(program, command)),
        }
    }

    /// Whether an operation may be carried out again where nobody knows whether it was.
    fn is_repeatable(&self, operation: &str) -> bool {
        match self {
            Self::Files(_) => true,
            Self::Command(starter) => starter.is_repeatable(operation),
            Self::Rest(caller) => caller.is_repeatable(operation),
            Self::Soap(caller) => caller.is_repeatable(operation),
            Self::Mail(sender) => sender.is_repeatable(operation),
        }
    }

    async fn carry_out(&self, wish: &Wish, told: &mut Vec<String>) -> Outcome {
        match self {
            Self::Files(_) => Outcome::Refused("files carry out nothing".into()),
            Self::Command(starter) => starter.carry_out(wish, told).await,
            Self::Rest(caller) => caller.carry_out(wish).await,
            Self::Soap(caller) => caller.carry_out(wish).await,
            Self::Mail(sender) => sender.carry_out(wish).await,
        }
    }

    /// The fields of the answer to a question for objects, but for its id.
    async fn objects(&mut self, asked: Asked, told: &mut Vec<String>) -> Json {
        match (self, asked) {
            (Self::Files(files), Asked::Get { class, keys }) => files.get(&class, keys, told).await,
            (Self::Files(files), Asked::Query { class, wanted, limit, cursor }) => {
                files.query(&class, (wanted, limit, cursor), told).await
            }
            (Self::Rest(caller), Asked::Get { class, keys }) => caller.get(&class, keys).await,
            (Self::Rest(caller), Asked::Query { class, wanted, limit, cursor }) => {
                caller.query(&class, (wanted, limit, cursor)).await
            }
            (_, Asked::Apply(_)) => refused("nothing is changed here, only read"),
            (Self::Command(_) | Self::Soap(_) | Self::Mail(_), _) => {
                refused("there are no objects here, only operations")
            }
            (_, Asked::Invoke(_)) => refused("an operation is no question for objects"),
        }
    }
}

/// What is never done.
fn refused(words: &str) -> Json {
    json!({ "refused": words })
}

/// What was not done, and may be asked again.
fn later(words: &str) -> Json {
    json!({ "later": words })
}

/// Answers requests one after the other, until there are no more of them, nobody reads answers, or
/// what stands in for the other system has ended. Answers with which of these it was.
pub(crate) async fn speak(
    mut program: Program,
    configured: Arc<Configured>,
    (requests, mut answers, mut errors): (
        impl AsyncRead + Unpin,
        impl AsyncWrite + Unpin,
        impl AsyncWrite + Unpin,
    ),
) -> Failure {
    let mut stand_in = match StandIn::of(&mut program, &configured).await {
        Ok(stand_in) => stand_in,
        Err(reason) => return Failure::Exited(reason),
    };
    let told = stand_in.iter().map(|it| it.words.clone()).collect();
    let mut speaker = Speaker {
        operations: operations(&program.declared),
        adapter: Adapter::new(&program, &configured),
        keys: Keys::of(&program.data),
        program,
        told,
    };
    let mut requests = BufReader::new(requests);
    loop {
        let line = tokio::select! {
            line = next_line(&mut requests, MAX_LINE_BYTES) => line,
            reason = stand_in::ended(&mut stand_in) => return Failure::Exited(reason),
        };
        let Ok(Some(line)) = line else { return exited("its input ended") };
        let answer = speaker.answer(&line.bytes).await;
        for line in speaker.told.drain(..) {
            // whoever does not read it goes without
            let _ = errors.write_all(format!("{line}\n").as_bytes()).await;
        }
        let Some(answer) = answer else { continue };
        if answers.write_all(format!("{answer}\n").as_bytes()).await.is_err() {
            return exited("nobody reads its answers");
        }
    }
}

struct Speaker {
    program: Program,
    operations: Vec<Operation>,
    adapter: Adapter,
    keys: Keys,
    /// What is for people.
    told: Vec<String>,
}

impl Speaker {
    /// The answer to a line; nothing to one without an id, for whose answer nobody waits.
    async fn answer(&mut self, line: &[u8]) -> Option<Json> {
        let (id, asked) = read(line)?;
        let mut answer = match asked {
            Err(Unread::Description) => self.description(),
            Err(Unread::Unknown) => refused("this is no request that a wrapper knows"),
            Ok(Asked::Invoke(wish)) => self.invoke(wish).await,
            Ok(asked) => self.adapter.objects(asked, &mut self.told).await,
        };
        answer["id"] = id.into();
        Some(answer)
    }

    /// What the application declares: a wrapper without a program can do just that.
    fn description(&self) -> Json {
        let classes = self.program.declared.classes.iter().map(|(name, class)| {
            json!({ "name": name, "searches": class.searches, "writable": class.is_writable })
        });
        let operations = self.operations.iter().map(|operation| {
            let parameters = operation
                .parameters
                .iter()
                .map(|it| json!({ "name": it.name, "type": it.kind, "required": it.is_required }));
            let parameters: Vec<_> = parameters.collect();
            json!({ "name": operation.name, "title": operation.title, "parameters": parameters })
        });
        json!({
            "classes": classes.collect::<Vec<_>>(),
            "operations": operations.collect::<Vec<_>>(),
        })
    }

    /// Carries out an operation once for each key, as far as that can be known.
    async fn invoke(&mut self, wish: Wish) -> Json {
        if let Some(words) = self.finding(&wish) {
            return refused(&words);
        }
        let key = wish.key.clone();
        match self.keys.find(&key) {
            Ok(None) => {}
            Ok(Some(Known::Answered(answer))) => return answer,
            Ok(Some(Known::Begun)) => return refused(UNKNOWN),
            Err(reason) => return later(&reason),
        }
        let is_repeatable = self.adapter.is_repeatable(&wish.operation);
        if !is_repeatable && let Err(reason) = self.keys.keep(&key, Some(Known::Begun)) {
            return later(&reason);
        }
        let answer = match self.adapter.carry_out(&wish, &mut self.told).await {
            Outcome::Done { results, summary } => {
                json!({ "results": results, "summary": summary })
            }
            Outcome::Refused(words) => refused(&words),
            Outcome::Later(words) => {
                if !is_repeatable && let Err(reason) = self.keys.keep(&key, None) {
                    self.told.push(reason);
                }
                return later(&words);
            }
            Outcome::Unknown(reason) if is_repeatable => return later(&reason),
            Outcome::Unknown(reason) => {
                self.told.push(format!("nobody knows whether it was done: {reason}"));
                return refused(UNKNOWN);
            }
        };
        if let Err(reason) = self.keys.keep(&key, Some(Known::Answered(answer.clone()))) {
            self.told.push(reason);
        }
        answer
    }

    /// What is wrong with a wish; the host lets no such one through.
    fn finding(&self, wish: &Wish) -> Option<String> {
        let Some(operation) = self.operations.iter().find(|it| it.name == wish.operation) else {
            return Some("there is no such operation".into());
        };
        let values = wish.arguments.iter().filter_map(|(name, json)| {
            let value = Value::from_json(json.clone())?;
            let kind = operation.parameters.iter().find(|it| it.name == *name).map(|it| it.kind);
            let typed = kind.and_then(|kind| value.clone().read_as(kind));
            Some((name.clone(), typed.unwrap_or(value)))
        });
        let findings = operation.findings(&values.collect());
        (!findings.is_empty()).then(|| findings.join("; "))
    }
}

/// The operations that the application declares, with titles made of their names.
fn operations(declared: &Declared) -> Vec<Operation> {
    let operation =
        |(name, operation): (&String, &DeclaredOperation)| {
            let parameters = operation.parameters.iter().map(|(name, (kind, is_required))| {
                Parameter { name: name.clone(), kind: *kind, is_required: *is_required }
            });
            let mut title = name.replace('_', " ");
            title.get_mut(..1).into_iter().for_each(str::make_ascii_uppercase);
            Operation { name: name.clone(), title, parameters: parameters.collect() }
        };
    declared.operations.iter().map(operation).collect()
}
