//! Why a request is not carried out, with the stable codes of `script_engine.proto`.

use std::sync::Arc;

use caruso_dialogue::Refusal;
use tonic::{Code, Status};

/// Why a request is not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The release in force has no script of this name.
    #[error("there is no script `{0}`")]
    UnknownScript(String),
    /// Something of the request is not what it should be.
    #[error("{0}")]
    Request(String),
    /// There is no such session, or not for this caller.
    #[error("there is no such session")]
    UnknownSession,
    /// The session cannot be shown any more: its person was forgotten, or its script is gone.
    #[error("the session cannot be read any more: {0}")]
    Unreadable(String),
    /// The script says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Nothing was published yet, or nothing that this program understands.
    #[error("no release is in force")]
    NoRelease,
    /// More sessions are in use than this process holds.
    #[error("too many sessions are in use")]
    TooMany,
    /// The journal does not take it now, or never again.
    #[error(transparent)]
    Journal(Arc<caruso_journal::Error>),
    /// A file of the engine's own.
    #[error(transparent)]
    File(#[from] caruso_component::Error),
    /// The engine ended meanwhile.
    #[error("the script engine stops")]
    Stopped,
}

impl From<caruso_journal::Error> for Error {
    fn from(error: caruso_journal::Error) -> Self {
        Self::Journal(Arc::new(error))
    }
}

impl Error {
    /// Whether the process must stop, because the disk may be behind what was decided.
    pub(crate) fn is_fatal(&self) -> bool {
        matches!(self, Self::Journal(error) if matches!(**error, caruso_journal::Error::Broken(_)))
    }

    /// Whether the session will never take an input again.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(self, Self::UnknownSession | Self::Unreadable(_))
    }

    /// Code of the proto file; none for what passes by itself.
    pub fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::UnknownScript(_) => "CX0101",
            Self::Request(_) => "CX0102",
            Self::Refused(refusal) => refusal.code(),
            Self::UnknownSession | Self::Unreadable(_) => "CX0106",
            Self::NoRelease => "CX0107",
            Self::TooMany => "CX0108",
            Self::Journal(_) | Self::File(_) | Self::Stopped => return None,
        })
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let Some(code) = error.code() else {
            return Self::unavailable("the script engine cannot write its journal now");
        };
        let grpc = match code {
            "CX0101" | "CX0106" => Code::NotFound,
            "CX0103" => Code::Aborted,
            "CX0105" | "CX0112" => Code::FailedPrecondition,
            "CX0107" => Code::Unavailable,
            "CX0108" => Code::ResourceExhausted,
            "CX0109" => Code::OutOfRange,
            _ => Code::InvalidArgument,
        };
        caruso_component::status(grpc, code, error.to_string())
    }
}
