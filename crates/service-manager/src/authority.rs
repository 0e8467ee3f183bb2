//! The authority in the data folder: made at the first start, the same for ever after.

use std::path::Path;
use std::time::SystemTime;

use caruso_certificates::Authority;
use caruso_component::{read_file, replace_file, require_private_file};

use crate::Error;

/// File of the private key (PKCS #8, DER), mode 0600.
const KEY: &str = "authority-key";
/// File of the certificate (X.509, DER). It is no secret.
const CERTIFICATE: &str = "authority.der";

/// Reads the authority, or makes one.
pub(crate) fn load_or_create(data: &Path) -> Result<Authority, Error> {
    let (key, certificate) = (data.join(KEY), data.join(CERTIFICATE));
    match (read_file(&key)?, read_file(&certificate)?) {
        (Some(key_der), Some(certificate_der)) => {
            require_private_file(&key)?;
            let kept = Authority::from_der(&key_der, &certificate_der);
            kept.map_err(|reason| Error::Authority { file: key, reason })
        }
        // the key is written last: without it nobody has been certified
        (None, _) => {
            let made = Authority::generate(SystemTime::now());
            let made = made.map_err(|reason| Error::Authority { file: key.clone(), reason })?;
            replace_file(&certificate, made.certificate())?;
            replace_file(&key, &made.key_to_der())?;
            Ok(made)
        }
        (Some(_), None) => Err(Error::Damaged(certificate)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_made_once_and_kept_private() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let made = load_or_create(folder.path()).expect("made");
        let kept = load_or_create(folder.path()).expect("read");
        assert_eq!(kept.fingerprint(), made.fingerprint());
        assert_eq!(kept.certificate(), made.certificate());
        require_private_file(&folder.path().join(KEY)).expect("private");
        std::fs::remove_file(folder.path().join(CERTIFICATE)).expect("own file");
        assert!(matches!(load_or_create(folder.path()), Err(Error::Damaged(_))));
        std::fs::write(folder.path().join(CERTIFICATE), "no certificate").expect("own file");
        assert!(matches!(load_or_create(folder.path()), Err(Error::Authority { .. })));
    }
}
