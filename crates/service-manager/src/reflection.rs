//! `grpc.reflection.v1`: every contract that the directory holds, for tools that call by names.

use std::sync::Arc;

use caruso_contract::merged;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use prost::Message as _;
use prost_types::{DescriptorProto, FileDescriptorProto, FileDescriptorSet};
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest as Asked;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse as Answer;
use tonic_reflection::pb::v1::server_reflection_server::ServerReflection;
use tonic_reflection::pb::v1::{
    ErrorResponse, FileDescriptorResponse, ListServiceResponse, ServerReflectionRequest,
    ServerReflectionResponse, ServiceResponse,
};

use crate::shared::Shared;

/// Answers for whoever offers; of an interface with several contracts the one of the highest level.
#[derive(Debug)]
pub(crate) struct Reflection {
    pub(crate) shared: Arc<Shared>,
}

#[tonic::async_trait]
impl ServerReflection for Reflection {
    type ServerReflectionInfoStream = BoxStream<'static, Result<ServerReflectionResponse, Status>>;

    async fn server_reflection_info(
        &self,
        request: Request<Streaming<ServerReflectionRequest>>,
    ) -> Result<Response<Self::ServerReflectionInfoStream>, Status> {
        let shared = Arc::clone(&self.shared);
        let answers = request.into_inner().map(move |request| {
            let request = request?;
            let set = current(&shared);
            let answer = request.message_request.as_ref().map_or_else(
                || error(Code::InvalidArgument, "nothing is asked"),
                |asked| answer(&set, asked),
            );
            Ok(ServerReflectionResponse {
                valid_host: request.host.clone(),
                original_request: Some(request),
                message_response: Some(answer),
            })
        });
        Ok(Response::new(answers.boxed()))
    }
}

fn current(shared: &Shared) -> FileDescriptorSet {
    let contracts = shared.contracts();
    let interfaces = contracts.interfaces();
    merged(
        interfaces
            .into_iter()
            .filter_map(|interface| contracts.of(interface).first().map(|(contract, _)| *contract)),
    )
}

fn answer(set: &FileDescriptorSet, asked: &Asked) -> Answer {
    match asked {
        Asked::ListServices(_) => {
            let services = set.file.iter().flat_map(|file| {
                let package = file.package();
                file.service.iter().map(move |it| format!("{package}.{}", it.name()))
            });
            let service = services.map(|name| ServiceResponse { name }).collect();
            Answer::ListServicesResponse(ListServiceResponse { service })
        }
        Asked::FileByFilename(name) => {
            let file = set.file.iter().find(|file| file.name() == name);
            file.map_or_else(|| unknown(name), |file| with_imports(set, file))
        }
        Asked::FileContainingSymbol(symbol) => {
            let symbol = symbol.trim_start_matches('.');
            let file = set.file.iter().find(|file| has(file, symbol));
            file.map_or_else(|| unknown(symbol), |file| with_imports(set, file))
        }
        Asked::FileContainingExtension(_) | Asked::AllExtensionNumbersOfType(_) => {
            error(Code::NotFound, "contracts have no extensions")
        }
    }
}

fn has(file: &FileDescriptorProto, symbol: &str) -> bool {
    let Some(rest) = symbol.strip_prefix(file.package()).and_then(|it| it.strip_prefix('.')) else {
        return false;
    };
    let (first, inner) = rest.split_once('.').unwrap_or((rest, ""));
    let in_service = file
        .service
        .iter()
        .filter(|it| it.name() == first)
        .any(|it| inner.is_empty() || it.method.iter().any(|method| method.name() == inner));
    let in_message = file.message_type.iter().any(|it| it.name() == first && nested(it, inner));
    in_service || in_message || file.enum_type.iter().any(|it| it.name() == rest)
}

fn nested(message: &DescriptorProto, symbol: &str) -> bool {
    let (first, inner) = symbol.split_once('.').unwrap_or((symbol, ""));
    first.is_empty()
        || message.nested_type.iter().any(|it| it.name() == first && nested(it, inner))
        || inner.is_empty()
            && (message.enum_type.iter().any(|it| it.name() == first)
                || message.field.iter().any(|it| it.name() == first))
}

/// The file first, then all that it imports, and what those import.
fn with_imports(set: &FileDescriptorSet, file: &FileDescriptorProto) -> Answer {
    let mut files = vec![file];
    let mut at = 0;
    while let Some(file) = files.get(at).copied() {
        for import in &file.dependency {
            let imported = set.file.iter().find(|it| it.name() == import);
            files
                .extend(imported.filter(|it| !files.iter().any(|known| known.name() == it.name())));
        }
        at += 1;
    }
    let file_descriptor_proto = files.into_iter().map(FileDescriptorProto::encode_to_vec).collect();
    Answer::FileDescriptorResponse(FileDescriptorResponse { file_descriptor_proto })
}

fn unknown(name: &str) -> Answer {
    error(Code::NotFound, &format!("no contract has {name}"))
}

fn error(code: Code, message: &str) -> Answer {
    let error_message = message.to_owned();
    Answer::ErrorResponse(ErrorResponse { error_code: code.into(), error_message })
}
