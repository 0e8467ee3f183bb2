//! What a certificate says of its holder.

use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::{Error, Identity};

/// What a verified certificate says of its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// Who it is.
    pub identity: Identity,
    /// Id of the join token by which it was let in.
    pub join_token: String,
    /// Seconds since 1970; the certificate is void from this second on.
    pub expires_at: u64,
}

impl Presented {
    /// Reads a certificate in DER; whether it is to be believed is for TLS to say.
    ///
    /// # Errors
    /// [`Error::Certificate`] where it is none, or names not exactly one component.
    pub fn read(certificate: &[u8]) -> Result<Self, Error> {
        let wrong = |text: &str| Error::Certificate(text.to_owned());
        let (_, parsed) =
            X509Certificate::from_der(certificate).map_err(|error| wrong(&error.to_string()))?;
        let names = parsed.subject_alternative_name().map_err(|error| wrong(&error.to_string()))?;
        let names = names.ok_or_else(|| wrong("it has no alternative name"))?;
        let mut uris = names.value.general_names.iter().filter_map(|name| match name {
            GeneralName::URI(uri) => Some(*uri),
            _ => None,
        });
        let (Some(uri), None) = (uris.next(), uris.next()) else {
            return Err(wrong("it has not exactly one URI"));
        };
        let mut units = parsed.subject().iter_organizational_unit();
        let join_token = units.next().and_then(|unit| unit.as_str().ok());
        let join_token = join_token.ok_or_else(|| wrong("it names no join token"))?;
        let expires_at = u64::try_from(parsed.validity().not_after.timestamp()).unwrap_or(0);
        Ok(Self { identity: uri.parse()?, join_token: join_token.to_owned(), expires_at })
    }
}
