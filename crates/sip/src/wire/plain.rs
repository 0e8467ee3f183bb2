//! Rewrites what is right but more than the stack's reader understands.

use super::message::{Field, Message, Start, bracket};
use std::borrow::Cow;

/// Removes white space that means nothing: around `;`, `=` and `,`, around the slashes of a Via,
/// and any run of it.
pub(crate) fn tidy(fields: &mut [Field<'_>]) {
    const STRUCTURED: [&str; 7] = ["Via", "From", "To", "Contact", "Route", "Record-Route", "CSeq"];
    for field in fields {
        let is_structured = STRUCTURED.iter().any(|name| field.name.eq_ignore_ascii_case(name));
        if is_structured && field.value.contains([' ', '\t']) {
            let slashes = field.name.eq_ignore_ascii_case("Via");
            field.value = Cow::Owned(tidied(&field.value, slashes));
        }
    }
}

fn tidied(value: &str, slashes: bool) -> String {
    let mut out = String::with_capacity(value.len());
    let (mut quoted, mut escaped, mut pending) = (false, false, false);
    for char in value.chars() {
        if quoted {
            quoted = escaped || char != '"';
            escaped = !escaped && char == '\\';
            out.push(char);
            continue;
        }
        if char == ' ' || char == '\t' {
            pending = true;
            continue;
        }
        let glued = |char: char| matches!(char, ';' | '=' | ',') || slashes && char == '/';
        if pending && !glued(char) && !out.ends_with(glued) && !out.is_empty() {
            out.push(' ');
        }
        pending = false;
        quoted = char == '"';
        out.push(char);
    }
    out
}

/// Takes escapes and brackets out of quoted display names: the stack's reader looks for the first
/// `<`, wherever it stands, and writes names without their escapes.
pub(crate) fn simplify_names(fields: &mut [Field<'_>]) {
    for field in fields {
        let is_address =
            ["From", "To", "Contact"].iter().any(|name| field.name.eq_ignore_ascii_case(name));
        if is_address && field.value.contains('"') {
            field.value = Cow::Owned(simple_names(&field.value));
        }
    }
}

fn simple_names(value: &str) -> String {
    let (name, rest) = value.split_at_checked(bracket(value).unwrap_or(0)).unwrap_or_default();
    let plain = simple_name(name);
    let plain = plain.trim();
    if plain.is_empty() { rest.to_owned() } else { format!("\"{plain}\" {rest}") }
}

/// A display name of ours without what [`simplify_names`] would take out.
pub(crate) fn simple_name(name: &str) -> String {
    name.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '\\' | '<' | '>')).collect()
}

/// Of several challenges the stack takes the first, and it spells SHA-256 otherwise: leaves the
/// first one with a hash that it can (RFC 8760 §2.4), in its spelling.
pub(crate) fn read_challenge(message: &mut Message<'_>) {
    if !matches!(message.start, Start::Response { code: "401" | "407", .. }) {
        return;
    }
    let is_challenge = |field: &Field<'_>| {
        ["WWW-Authenticate", "Proxy-Authenticate"]
            .iter()
            .any(|name| field.name.eq_ignore_ascii_case(name))
    };
    let mut found = false;
    message.fields.retain(|field| {
        let algorithm = algorithm_of(&field.value);
        let known = ["", "MD5", "SHA-256"].iter().any(|name| algorithm.eq_ignore_ascii_case(name));
        let keep = !is_challenge(field) || (known && !found);
        found |= keep && is_challenge(field);
        keep
    });
    for field in message.fields.iter_mut().filter(|field| is_challenge(field)) {
        if algorithm_of(&field.value).eq_ignore_ascii_case("SHA-256") {
            let value = field.value.replace("SHA-256", "SHA256").replace("sha-256", "SHA256");
            field.value = Cow::Owned(value);
        }
    }
}

/// Spells SHA-256 in our own credentials as everybody else does.
pub(crate) fn write_credentials(message: &mut Message<'_>) {
    for field in &mut message.fields {
        let is_ours = ["Authorization", "Proxy-Authorization"]
            .iter()
            .any(|name| field.name.eq_ignore_ascii_case(name));
        if is_ours && algorithm_of(&field.value) == "SHA256" {
            field.value = Cow::Owned(field.value.replacen("=SHA256", "=SHA-256", 1));
        }
    }
}

fn algorithm_of(value: &str) -> &str {
    let rest = value.split_once("algorithm=").map_or("", |(_, rest)| rest);
    rest.split(',').next().unwrap_or_default().trim().trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_without_meaning_is_removed() {
        assert_eq!(tidied("sip:a@h ;   tag    = 1", false), "sip:a@h;tag=1");
        assert_eq!(
            tidied("\"J  \\\"  R\"   <sip:a@h>  ;  tag = 9", false),
            "\"J  \\\"  R\" <sip:a@h>;tag=9"
        );
        assert_eq!(tidied("SIP / 2.0 / UDP h:5060", true), "SIP/2.0/UDP h:5060");
        assert_eq!(tidied("0009\t INVITE", false), "0009 INVITE");
    }

    #[test]
    fn names_lose_what_the_reader_stumbles_over() {
        assert_eq!(simple_names("\"J \\\\\\\"<R>\" <sip:a@h>;tag=1"), "\"J R\" <sip:a@h>;tag=1");
        assert_eq!(simple_names("\"\\\"\" <sip:a@h>"), "<sip:a@h>");
        for kept in ["<sip:a@h>;+sip.instance=\"<urn:uuid:1>\"", "sip:a@h;x=\"y\""] {
            assert_eq!(simple_names(kept), kept);
        }
    }

    #[test]
    fn of_several_challenges_the_first_that_can_be_answered_stays() {
        let text = "SIP/2.0 401 Unauthorized\r\n\
            WWW-Authenticate: Digest realm=\"r\", algorithm=SHA-512-256, nonce=\"a\"\r\n\
            WWW-Authenticate: Digest realm=\"r\", nonce=\"b\", algorithm=SHA-256\r\n\
            WWW-Authenticate: Digest realm=\"r\", nonce=\"c\"\r\n\r\n";
        let mut message = Message::cut(text.as_bytes()).expect("well shaped");
        read_challenge(&mut message);
        let left: Vec<_> = message.values("WWW-Authenticate").collect();
        assert_eq!(left, ["Digest realm=\"r\", nonce=\"b\", algorithm=SHA256"]);
        let text = "REGISTER sip:r SIP/2.0\r\n\
            Authorization: Digest username=\"a\", algorithm=SHA256, nonce=\"b\"\r\n\r\n";
        let mut message = Message::cut(text.as_bytes()).expect("well shaped");
        write_credentials(&mut message);
        let value = message.value("Authorization").expect("stays");
        assert_eq!(value, "Digest username=\"a\", algorithm=SHA-256, nonce=\"b\"");
    }
}
