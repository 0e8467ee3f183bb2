//! Certificates of a test's own, made by `openssl`.

use crate::program::{Failed, Missing, find};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const PROGRAM: &str = "openssl";
/// A key that every client of today takes and that is made in a moment.
const KEY: [&str; 4] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];

/// A server's certificate with its key, as PEM.
#[derive(Debug, Clone)]
pub struct Certificate {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

/// An authority that signs certificates.
#[derive(Debug)]
pub struct Authority {
    openssl: PathBuf,
    folder: TempDir,
}

impl Authority {
    /// Makes a new authority, which nobody trusts yet.
    ///
    /// # Errors
    /// [`Missing`] without the program.
    pub fn new() -> Result<Result<Self, Failed>, Missing> {
        let openssl = find(PROGRAM, "openssl")?;
        let folder = tempfile::tempdir().map_err(cannot_run);
        Ok(folder.and_then(|folder| {
            let authority = Self { openssl, folder };
            let name = ["-subj", "/CN=authority of a test", "-days", "2"];
            let files = ["-keyout", "authority.key", "-out", "authority.pem"];
            authority.run(&[&["req", "-x509", "-nodes"], &KEY[..], &name, &files].concat())?;
            Ok(authority)
        }))
    }

    /// Its own certificate, by which clients trust those that it signed: PEM.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// Signs a certificate for one host: `DNS:NAME` or `IP:ADDRESS`.
    ///
    /// # Errors
    /// [`Failed`] with what the program says.
    pub fn certificate(&self, host: &str) -> Result<Certificate, Failed> {
        let names = format!("subjectAltName={host}");
        let request = ["-subj", "/CN=server of a test", "-addext", &names];
        let files = ["-keyout", "server.key", "-out", "server.csr"];
        self.run(&[&["req", "-nodes"], &KEY[..], &request, &files].concat())?;
        let signed = ["x509", "-req", "-in", "server.csr", "-out", "server.pem", "-days", "2"];
        let by = ["-CA", "authority.pem", "-CAkey", "authority.key", "-copy_extensions", "copyall"];
        self.run(&[&signed[..], &by].concat())?;
        self.read("server")
    }

    /// Its own certificate with its key, which servers should not show.
    ///
    /// # Errors
    /// [`Failed`] when its files cannot be read.
    pub fn own(&self) -> Result<Certificate, Failed> {
        self.read("authority")
    }

    fn read(&self, name: &str) -> Result<Certificate, Failed> {
        let read = |ending: &str| {
            let path = self.folder.path().join(format!("{name}.{ending}"));
            fs::read_to_string(path).map_err(cannot_run)
        };
        Ok(Certificate { certificate: read("pem")?, key: read("key")? })
    }

    fn run(&self, arguments: &[&str]) -> Result<(), Failed> {
        let folder: &Path = self.folder.path();
        let output = Command::new(&self.openssl).args(arguments).current_dir(folder).output();
        let output = output.map_err(cannot_run)?;
        if output.status.success() {
            return Ok(());
        }
        let written = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(Failed::Status { program: PROGRAM, status: output.status, output: written })
    }
}

fn cannot_run(source: io::Error) -> Failed {
    Failed::Run { program: PROGRAM, source }
}
