//! Connections that nobody between reads or answers in the place of the server.

use std::io;
use std::path::{Path, PathBuf};

use rustls::CertificateError as Bad;
use sea_orm::{DbErr, RuntimeErr};
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use sqlx::postgres::{PgConnectOptions, PgSslMode};

/// What an address says of TLS. Where it asks for it, the server must prove by its certificate that
/// it is the host of the address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Tls {
    /// In the clear.
    #[default]
    Off,
    /// `tls=required`: by an authority that this machine trusts.
    Required,
    /// `tls-ca=FILE`: or by an authority of this file, in PEM.
    Authority(PathBuf),
}

impl Tls {
    /// What connections are told.
    ///
    /// # Errors
    ///
    /// The file of the authority cannot be read or holds no certificate.
    pub(crate) fn prepared(&self) -> Result<Prepared, DbErr> {
        let authority = match self {
            Self::Authority(file) => Some(read(file)?),
            Self::Off | Self::Required => None,
        };
        Ok(Prepared { is_on: *self != Self::Off, authority })
    }

    /// The same error in plain words where it is about TLS.
    pub(crate) fn explain(&self, error: DbErr) -> DbErr {
        let DbErr::Conn(RuntimeErr::SqlxError(cause)) = &error else { return error };
        match &**cause {
            sqlx::Error::Io(cause) => match refused(cause) {
                Some(refused) => said(&self.because(refused)),
                None => error,
            },
            sqlx::Error::Tls(cause) if cause.to_string().contains("does not support TLS") => {
                said("the server offers no TLS")
            }
            sqlx::Error::Tls(cause) => said(&cause.to_string()),
            _ => error,
        }
    }

    fn because(&self, refused: &rustls::Error) -> String {
        match refused {
            rustls::Error::InvalidCertificate(Bad::UnknownIssuer | Bad::BadSignature) => match self
            {
                Self::Authority(file) => {
                    let file = file.display();
                    format!(
                        "neither an authority in {file} nor one that this machine trusts has \
                             signed the server's certificate"
                    )
                }
                _ => "no authority that this machine trusts has signed the server's certificate; \
                      name it with `tls-ca=FILE`"
                    .to_owned(),
            },
            rustls::Error::InvalidCertificate(
                Bad::NotValidForName | Bad::NotValidForNameContext { .. },
            ) => "the server's certificate is not for the host of the address".to_owned(),
            rustls::Error::InvalidCertificate(Bad::Expired | Bad::ExpiredContext { .. }) => {
                "the server's certificate has expired".to_owned()
            }
            // what `openssl req -x509` makes, and many servers show
            other if other.to_string().contains("CaUsedAsEndEntity") => {
                "the server shows the certificate of an authority; it needs one that the authority \
                 has signed, for its host"
                    .to_owned()
            }
            other => other.to_string(),
        }
    }
}

/// What connections are told, whatever their engine.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    is_on: bool,
    /// PEM.
    authority: Option<Vec<u8>>,
}

impl Prepared {
    pub(crate) fn postgres(&self, options: PgConnectOptions) -> PgConnectOptions {
        let mode = if self.is_on { PgSslMode::VerifyFull } else { PgSslMode::Disable };
        let options = options.ssl_mode(mode);
        match &self.authority {
            Some(pem) => options.ssl_root_cert_from_pem(pem.clone()),
            None => options,
        }
    }

    pub(crate) fn mariadb(&self, options: MySqlConnectOptions) -> MySqlConnectOptions {
        let mode = if self.is_on { MySqlSslMode::VerifyIdentity } else { MySqlSslMode::Disabled };
        let options = options.ssl_mode(mode);
        match &self.authority {
            Some(pem) => options.ssl_ca_from_pem(pem.clone()),
            None => options,
        }
    }
}

/// Why the other side was not believed.
fn refused(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

fn said(text: &str) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(format!("TLS: {text}")))
}

fn read(file: &Path) -> Result<Vec<u8>, DbErr> {
    let name = file.display();
    let pem = std::fs::read(file).map_err(|error| said(&format!("cannot read {name}: {error}")))?;
    let is_certificate = |text: &[u8]| text.starts_with(b"-----BEGIN CERTIFICATE-----");
    if pem.split(|byte| *byte == b'\n').any(is_certificate) {
        return Ok(pem);
    }
    Err(said(&format!("there is no certificate in {name}, which is to be PEM")))
}
