//! gRPC status with a stable code.

use std::collections::HashMap;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// Domain of every code of ours in `google.rpc.ErrorInfo`.
pub const DOMAIN: &str = "caruso";

/// A status that carries a stable code, for example `CS0106`, as `google.rpc.ErrorInfo`. The
/// message is for people; programs look at [`code_of`].
///
/// ```
/// use caruso_component::{code_of, status};
/// let status = status(tonic::Code::Aborted, "CS0106", "the object has changed meanwhile");
/// assert_eq!(code_of(&status).as_deref(), Some("CS0106"));
/// ```
pub fn status(grpc: Code, code: &'static str, message: impl Into<String>) -> Status {
    let details = ErrorDetails::with_error_info(code, DOMAIN, HashMap::new());
    Status::with_error_details(grpc, message, details)
}

/// The stable code of a status, where it has one of ours.
pub fn code_of(status: &Status) -> Option<String> {
    let info = status.get_details_error_info()?;
    (info.domain == DOMAIN).then_some(info.reason)
}
