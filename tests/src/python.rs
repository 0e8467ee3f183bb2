//! Python for programs that speak gRPC.

use std::process::Command;

/// Python with `grpcio` and `grpcio-tools` (from PyPI): what `CARUSO_PYTHON` names, else `python3`.
/// Nothing where it has neither, which is said.
pub fn python_with_grpc() -> Option<String> {
    let python = std::env::var("CARUSO_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let asked = Command::new(&python).args(["-c", "import grpc, grpc_tools"]).output();
    if asked.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    eprintln!("skipped: {python} has no grpcio and grpcio-tools (from PyPI)");
    None
}
