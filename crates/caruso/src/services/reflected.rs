//! What the service manager knows of interfaces and messages, by name.

use anyhow::{Context as _, bail};
use caruso_component::{Component, REGISTRY};
use prost::Message as _;
use prost_reflect::{DescriptorPool, MethodDescriptor};
use prost_types::{FileDescriptorProto, FileDescriptorSet};
use tonic_reflection::pb::v1 as wire;
use wire::server_reflection_client::ServerReflectionClient;
use wire::server_reflection_request::MessageRequest as Asked;
use wire::server_reflection_response::MessageResponse as Answer;

/// Everything that belongs to a name: an interface, a method, a message, an enumeration, a field.
pub(super) async fn reflected(component: &Component, name: &str) -> anyhow::Result<DescriptorPool> {
    let mut files = Vec::new();
    match ask(component, Asked::FileContainingSymbol(name.replace('/', "."))).await? {
        Answer::FileDescriptorResponse(response) => files.extend(response.file_descriptor_proto),
        Answer::ErrorResponse(error) => bail!("{}", error.error_message),
        _ => bail!("the service manager answers something else than was asked"),
    }
    let files = files.iter().map(|file| FileDescriptorProto::decode(file.as_slice()));
    let file = files.collect::<Result<Vec<_>, _>>().context("a contract is damaged")?;
    DescriptorPool::from_file_descriptor_set(FileDescriptorSet { file })
        .context("a contract is damaged")
}

/// Every interface that has a contract, sorted.
pub(super) async fn interfaces(component: &Component) -> anyhow::Result<Vec<String>> {
    match ask(component, Asked::ListServices(String::new())).await? {
        Answer::ListServicesResponse(listed) => {
            let mut names: Vec<String> = listed.service.into_iter().map(|it| it.name).collect();
            names.sort();
            Ok(names)
        }
        _ => bail!("the service manager answers something else than was asked"),
    }
}

async fn ask(component: &Component, asked: Asked) -> anyhow::Result<Answer> {
    let mut client = ServerReflectionClient::new(component.caller(REGISTRY));
    let request =
        wire::ServerReflectionRequest { host: String::new(), message_request: Some(asked) };
    let mut answers =
        client.server_reflection_info(tokio_stream::iter([request])).await?.into_inner();
    let answer = answers.message().await?.and_then(|answer| answer.message_response);
    answer.context("the service manager does not answer")
}

/// A method by `package.Service/Method` or `package.Service.Method`.
pub(super) fn method(pool: &DescriptorPool, name: &str) -> anyhow::Result<MethodDescriptor> {
    let Some((interface, method)) = name.rsplit_once(['/', '.']) else {
        bail!("`{name}` is no method; write package.Service/Method");
    };
    let service = pool.get_service_by_name(interface);
    let service = service.with_context(|| format!("there is no interface {interface}"))?;
    let found = service.methods().find(|it| it.name() == method);
    found.with_context(|| {
        let names: Vec<String> = service.methods().map(|it| it.name().to_owned()).collect();
        format!("{interface} has no method {method}; it has {}", names.join(", "))
    })
}
