//! Digest access authentication, the server's side (RFC 3261 §22, RFC 7616, RFC 8760), `qop=auth`
//! with MD5 or SHA-256.

use md5::Md5;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// Hash of a digest challenge and its response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// MD5 (RFC 2617), which every phone knows.
    Md5,
    /// SHA-256 (RFC 7616, RFC 8760).
    Sha256,
}

impl Algorithm {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    fn hash(self, text: &str) -> String {
        match self {
            Self::Md5 => hex(&Md5::digest(text)),
            Self::Sha256 => hex(&Sha256::digest(text)),
        }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS.get(usize::from(value)).copied().unwrap_or(b'0'));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The fields of an Authorization header that count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) username: String,
    pub(crate) realm: String,
    pub(crate) nonce: String,
    pub(crate) uri: String,
    pub(crate) algorithm: Algorithm,
    pub(crate) cnonce: String,
    /// Eight hexadecimal digits, as sent.
    pub(crate) nc: String,
    response: String,
}

impl Response {
    /// Reads the value of an Authorization header. Anything but digest with `qop=auth` is none.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let (scheme, rest) = value.trim().split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let mut parameters = parameters(rest)?;
        let mut take = |name: &str| parameters.remove(name);
        let algorithm = match take("algorithm") {
            None => Algorithm::Md5,
            Some(name) if name.eq_ignore_ascii_case("MD5") => Algorithm::Md5,
            Some(name) if name.eq_ignore_ascii_case("SHA-256") => Algorithm::Sha256,
            Some(_) => return None,
        };
        if !take("qop")?.eq_ignore_ascii_case("auth") {
            return None;
        }
        let nc = take("nc")?;
        if nc.len() != 8 || !nc.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        Some(Self {
            username: take("username")?,
            realm: take("realm")?,
            nonce: take("nonce")?,
            uri: take("uri")?,
            algorithm,
            cnonce: take("cnonce")?,
            nc,
            response: take("response")?,
        })
    }

    /// The nonce count as a number.
    pub(crate) fn count(&self) -> u32 {
        u32::from_str_radix(&self.nc, 16).unwrap_or(0)
    }

    /// Whether the response was made with this secret for this method. Compares in constant time.
    pub(crate) fn is_made_with(&self, secret: &str, method: &str) -> bool {
        let expected = self.expected(secret, method);
        let given = self.response.to_ascii_lowercase();
        expected.len() == given.len()
            && expected.bytes().zip(given.bytes()).fold(0, |all, (a, b)| all | (a ^ b)) == 0
    }

    fn expected(&self, secret: &str, method: &str) -> String {
        let Self { username, realm, nonce, uri, algorithm, cnonce, nc, .. } = self;
        let ha1 = algorithm.hash(&format!("{username}:{realm}:{secret}"));
        let ha2 = algorithm.hash(&format!("{method}:{uri}"));
        algorithm.hash(&format!("{ha1}:{nonce}:{nc}:{cnonce}:auth:{ha2}"))
    }
}

/// `name=value, name="quoted value"`; a name twice is none.
fn parameters(mut rest: &str) -> Option<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return Some(found);
        }
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => {
                let end = after.find([',', ' ', '\t']).unwrap_or(after.len());
                let (value, after) = after.split_at_checked(end)?;
                if value.contains('"') {
                    return None;
                }
                (value.to_owned(), after)
            }
        };
        if found.len() == 16 || found.insert(name.trim().to_ascii_lowercase(), value).is_some() {
            return None;
        }
        rest = after;
    }
}

/// Text up to the closing quote, and what follows it.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return Some((value, text.get(at + 1..)?)),
            '\\' => value.push(chars.next()?.1),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7616 §3.9.1.
    fn example(algorithm: &str, response: &str) -> String {
        format!(
            "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", \
             uri=\"/dir/index.html\", algorithm={algorithm}, \
             nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, \
             cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, \
             response=\"{response}\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
        )
    }

    #[test]
    fn the_examples_of_rfc_7616_verify() {
        for (algorithm, response) in [
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
            ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let parsed = Response::parse(&example(algorithm, response)).expect("readable");
            assert!(parsed.is_made_with("Circle of Life", "GET"));
            assert!(!parsed.is_made_with("Circle of life", "GET"));
            assert!(!parsed.is_made_with("Circle of Life", "PUT"));
        }
    }

    #[test]
    fn headers_that_are_no_digest_with_qop_auth_are_none() {
        let good = example("MD5", "8ca523f5e9506fed4657c9700eebdbec");
        for bad in [
            "Basic QWxhZGRpbg==".to_owned(),
            "Digest".to_owned(),
            good.replace("qop=auth", "qop=auth-int"),
            good.replace("qop=auth, ", ""),
            good.replace("nc=00000001", "nc=1"),
            good.replace("algorithm=MD5", "algorithm=SHA-512-256"),
            good.replace("cnonce=\"", "cnonce="),
            format!("{good}, nonce=\"twice\""),
            good.trim_end_matches('"').to_owned(),
        ] {
            assert_eq!(Response::parse(&bad), None, "{bad}");
        }
    }
}
