//! A method is called by its name, with what stands in JSON.

use std::io::{Read as _, stdin};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, bail};
use caruso_api::identity::v1::identity_client::IdentityClient;
use caruso_api::identity::v1::{LogInRequest, LogOutRequest};
use caruso_component::{Caller, Component, InterfaceChannel, Secret};
use clap::Args;
use prost::Message as _;
use prost_reflect::{DynamicMessage, MessageDescriptor, MethodDescriptor, SerializeOptions};
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Request, Status};

use super::reflected;

/// Package of the service manager's own interfaces.
const MANAGER: &str = "caruso.registry.v1.";
/// Messages that one call takes.
const MOST_MESSAGES: usize = 10_000;

/// What `caruso services invoke` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The method, as package.Service/Method
    method: String,
    /// The request in JSON, `-` for standard input; several one after the other where the method
    /// takes a stream
    #[arg(default_value = "{}")]
    request: String,
    /// The component that is to answer, where several offer the interface
    #[arg(long)]
    component: Option<String>,
    /// Call on behalf of this user; an administrator may call everything
    #[arg(long, requires = "password_file")]
    user: Option<String>,
    /// A file that holds the password of the user, on its first line
    #[arg(long)]
    password_file: Option<PathBuf>,
    /// Give up after so many seconds, where that is sooner than the method says
    #[arg(long)]
    seconds: Option<u64>,
}

/// Calls, and prints each answer as a line of JSON.
pub(super) async fn invoke(component: &Component, options: Options) -> anyhow::Result<()> {
    let pool = reflected::reflected(component, &options.method).await?;
    let method = reflected::method(&pool, &options.method)?;
    let requests = requests(&options.request, &method)?;
    let interface = method.parent_service().full_name().to_owned();
    let channel = match &options.component {
        Some(name) => component.caller_of(name, &interface),
        None => component.caller(&interface),
    };
    let user = log_in(component, &options).await?;
    let channel = match &user {
        // the service manager knows no people; the command line may there what it may
        Some((caller, _)) if !interface.starts_with(MANAGER) => channel.on_behalf_of(caller),
        _ => channel,
    };
    let called = call(channel, &method, requests, options.seconds).await;
    if let Some((caller, session_secret)) = user {
        let identity = component.caller("caruso.identity.v1.Identity").on_behalf_of(&caller);
        // a session that is not ended here ends by itself
        let _ = IdentityClient::new(identity).log_out(LogOutRequest { session_secret }).await;
    }
    called
}

/// The requests, one JSON document after the other.
fn requests(text: &str, method: &MethodDescriptor) -> anyhow::Result<Vec<DynamicMessage>> {
    let mut read = String::new();
    let text = if text == "-" {
        stdin().read_to_string(&mut read).context("standard input cannot be read")?;
        &read
    } else {
        text
    };
    let mut requests = Vec::new();
    let documents = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
    for document in documents {
        let document = document.context("the request is no JSON")?;
        let request = DynamicMessage::deserialize(method.input(), document);
        requests.push(
            request.with_context(|| format!("the request is no {}", method.input().full_name()))?,
        );
        if requests.len() > MOST_MESSAGES {
            bail!("a call takes at most {MOST_MESSAGES} messages");
        }
    }
    if !method.is_client_streaming() && requests.len() != 1 {
        bail!("{} takes one request, not {}", method.full_name(), requests.len());
    }
    Ok(requests)
}

/// The user's token, and what ends the session.
async fn log_in(
    component: &Component,
    options: &Options,
) -> anyhow::Result<Option<(Caller, String)>> {
    let (Some(user), Some(file)) = (&options.user, &options.password_file) else { return Ok(None) };
    let password = Secret::<String>::read(file)?;
    let mut identity = IdentityClient::new(component.caller("caruso.identity.v1.Identity"));
    let request = LogInRequest { user: user.clone(), password: password.expose().clone() };
    let answer = identity.log_in(request).await?.into_inner();
    Ok(Some((Caller::with_token(Secret::new(answer.token)), answer.session_secret)))
}

async fn call(
    channel: InterfaceChannel,
    method: &MethodDescriptor,
    requests: Vec<DynamicMessage>,
    seconds: Option<u64>,
) -> anyhow::Result<()> {
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    let path = PathAndQuery::try_from(path)?;
    let mut request = Request::new(tokio_stream::iter(requests));
    if let Some(seconds) = seconds {
        request.set_timeout(Duration::from_secs(seconds));
    }
    let mut grpc = tonic::client::Grpc::new(channel);
    let answers = grpc.streaming(request, path, Json(method.output())).await?;
    let mut answers = answers.into_inner();
    while let Some(answer) = answers.message().await? {
        println!("{}", written(&answer)?);
    }
    Ok(())
}

/// As protobuf writes JSON, with the names that stand in the proto file.
fn written(message: &DynamicMessage) -> anyhow::Result<String> {
    let options =
        SerializeOptions::new().use_proto_field_name(true).stringify_64_bit_integers(false);
    let mut text = Vec::new();
    message.serialize_with_options(&mut serde_json::Serializer::new(&mut text), &options)?;
    Ok(String::from_utf8(text)?)
}

/// Messages whose type is known only now.
#[derive(Clone)]
struct Json(MessageDescriptor);

impl Codec for Json {
    type Encode = DynamicMessage;
    type Decode = DynamicMessage;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        self.clone()
    }

    fn decoder(&mut self) -> Self {
        self.clone()
    }
}

impl Encoder for Json {
    type Item = DynamicMessage;
    type Error = Status;

    fn encode(&mut self, item: DynamicMessage, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        item.encode(buffer).map_err(|error| Status::internal(error.to_string()))
    }
}

impl Decoder for Json {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        let message = DynamicMessage::decode(self.0.clone(), buffer);
        message.map(Some).map_err(|error| Status::internal(error.to_string()))
    }
}
