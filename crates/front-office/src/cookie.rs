//! The session cookie: what a browser needs to be known again after a reload, sealed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use caruso_api::identity::v1::LogInResponse;
use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use http::HeaderMap;
use http::header::COOKIE;
use prost::Message as _;

const NAME: &str = "caruso_session";
const NONCE: usize = 24;
/// Longest cookie that is looked at, in bytes.
const LONGEST: usize = 2048;

/// Seals log-in sessions into cookies and opens them again. The browser can neither read nor change
/// what is inside.
#[derive(Clone)]
pub(crate) struct Cookies {
    cipher: XChaCha20Poly1305,
}

impl std::fmt::Debug for Cookies {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Cookies")
    }
}

impl Cookies {
    /// With this key; the same key opens what was sealed before a restart.
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self { cipher: XChaCha20Poly1305::new(&Key::from(key)) }
    }

    /// The value of a `set-cookie` header that keeps the session's secret and user until the
    /// browser closes or the user logs out.
    pub(crate) fn seal(&self, session: &LogInResponse) -> Option<String> {
        let kept = LogInResponse {
            token: String::new(),
            token_expires_at: None,
            session_secret: session.session_secret.clone(),
            user: session.user.clone(),
        };
        let mut sealed = vec![0; NONCE];
        getrandom::fill(&mut sealed).ok()?;
        let nonce = nonce(&sealed)?;
        sealed.extend(self.cipher.encrypt(&nonce, kept.encode_to_vec().as_slice()).ok()?);
        Some(format!("{NAME}={}; Path=/; HttpOnly; SameSite=Strict", BASE64.encode(sealed)))
    }

    /// The session in the cookie's value; `None` where it was not sealed by this key.
    pub(crate) fn open(&self, value: &str) -> Option<LogInResponse> {
        let sealed = BASE64.decode(value).ok()?;
        let content = sealed.get(NONCE..)?;
        let opened = self.cipher.decrypt(&nonce(&sealed)?, content).ok()?;
        LogInResponse::decode(opened.as_slice()).ok()
    }
}

fn nonce(sealed: &[u8]) -> Option<XNonce> {
    let bytes: [u8; NONCE] = sealed.get(..NONCE)?.try_into().ok()?;
    Some(XNonce::from(bytes))
}

/// The value of a `set-cookie` header that ends the session in the browser.
pub(crate) fn ended() -> String {
    format!("{NAME}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")
}

/// The value of the session cookie among the headers of a request.
pub(crate) fn value(headers: &HeaderMap) -> Option<&str> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    pairs
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| *name == NAME && value.len() <= LONGEST)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use caruso_api::identity::v1::User;
    use http::HeaderValue;

    use super::*;

    fn session() -> LogInResponse {
        let user = User { name: "anna".to_owned(), ..User::default() };
        LogInResponse {
            token: "token".to_owned(),
            token_expires_at: None,
            session_secret: "secret".to_owned(),
            user: Some(user),
        }
    }

    fn sealed(cookies: &Cookies) -> String {
        let header = cookies.seal(&session()).expect("randomness");
        assert!(header.contains("HttpOnly") && header.contains("SameSite=Strict"), "{header}");
        let mut headers = HeaderMap::new();
        let pair = format!("other=1; {}", header.split(';').next().expect("a first part"));
        headers.insert(COOKIE, HeaderValue::from_str(&pair).expect("a header value"));
        value(&headers).expect("a session cookie").to_owned()
    }

    #[test]
    fn a_sealed_session_opens_with_the_same_key_and_hides_its_secret() {
        let cookies = Cookies::new([7; 32]);
        let value = sealed(&cookies);
        assert!(!value.contains("secret"));
        let opened = Cookies::new([7; 32]).open(&value).expect("the same key");
        assert_eq!(opened.session_secret, "secret");
        assert_eq!(opened.user, session().user);
        assert_eq!(opened.token, "", "a token is short-lived and does not go into the cookie");
    }

    #[test]
    fn another_key_and_a_changed_cookie_open_nothing() {
        let value = sealed(&Cookies::new([7; 32]));
        assert!(Cookies::new([8; 32]).open(&value).is_none());
        let changed = value.replace(&value[40..41], if &value[40..41] == "A" { "B" } else { "A" });
        for wrong in [changed.as_str(), "", "AAAA", "%%%"] {
            assert!(Cookies::new([7; 32]).open(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn every_sealing_differs() {
        let cookies = Cookies::new([7; 32]);
        assert_ne!(sealed(&cookies), sealed(&cookies));
    }
}
