//! Python with gRPC, for the stories with programs that speak it: in a folder of its own, since no
//! system may be expected to have it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::run::run;

/// By it, tests know which Python to take.
pub(crate) const VARIABLE: &str = "CARUSO_PYTHON";
/// Packages of PyPI.
const PACKAGES: [&str; 2] = ["grpcio==1.76.0", "grpcio-tools==1.76.0"];

/// A Python that has gRPC, which is fetched once into the user's cache folder. Nothing where one is
/// named already, or none can be had, which is said; the stories that need it say so again.
pub(crate) fn with_grpc() -> Option<PathBuf> {
    if std::env::var_os(VARIABLE).is_some() || has_grpc("python3") {
        return None;
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache"));
    let folder = cache.or_else(home)?.join("caruso/python");
    let python = folder.join("bin/python");
    let own = python.to_string_lossy().into_owned();
    if !has_grpc(&own) {
        eprintln!("Fetching gRPC for Python from PyPI into {}.", folder.display());
        let made = run("python3", &["-m".as_ref(), "venv".as_ref(), folder.as_os_str()]);
        let install = [&["-m", "pip", "install", "--quiet"][..], &PACKAGES].concat();
        if let Err(error) = made.and_then(|()| run(&own, &install)) {
            eprintln!("Programs in Python that speak gRPC are not tried: {error:#}");
            return None;
        }
    }
    Some(python)
}

fn has_grpc(python: &str) -> bool {
    let asked = Command::new(python)
        .args(["-c", "import grpc, grpc_tools"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    asked.is_ok_and(|status| status.success())
}
