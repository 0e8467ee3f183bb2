//! What a message must be before the stack sees it (RFC 3261 §8.2, §16.3, §18.3; RFC 4475).
//!
//! The stack's reader is lenient and silent. This step is neither: each fault has a status code
//! and a sentence, which goes back in a Warning field.

use super::message::{Message, Start, bracket, is_balanced, is_list, is_token, parameter};

/// Longest message body, in bytes.
pub(crate) const MAX_BODY_BYTES: usize = 16 * 1024;

/// The methods served, as the Allow field names them.
pub(crate) const ALLOW: &str =
    "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REFER, REGISTER, SUBSCRIBE";
/// The extensions served, as the Supported field names them: session timers (RFC 4028) and reliable
/// provisional responses (RFC 3262).
pub(crate) const SUPPORTED: &str = "timer, 100rel";
const SERVED: [&str; 10] = [
    "INVITE",
    "ACK",
    "CANCEL",
    "BYE",
    "OPTIONS",
    "INFO",
    "UPDATE",
    "REFER",
    "REGISTER",
    "SUBSCRIBE",
];
const KNOWN_ELSEWHERE: [&str; 4] = ["MESSAGE", "NOTIFY", "PRACK", "PUBLISH"];

/// Fields of which a message has at most one value.
const SINGLE: [&str; 8] =
    ["From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Length", "Content-Type", "Expires"];

/// Where a message came from; on a stream Content-Length is its frame, and a frame holds one
/// message whatever its Content-Length (RFC 7118 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    Datagram,
    Stream,
    Frame,
}

/// What is wrong, with the answer it gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: u16,
    pub(crate) reason: &'static str,
    /// One more field of the answer: Allow, Unsupported or Accept.
    pub(crate) field: Option<(&'static str, String)>,
}

impl Fault {
    pub(crate) fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason, field: None }
    }

    fn with(code: u16, reason: &'static str, name: &'static str, value: &str) -> Self {
        Self { code, reason, field: Some((name, value.to_owned())) }
    }
}

/// Judges a message; gives the length of its body.
pub(crate) fn check(message: &Message<'_>, carrier: Carrier) -> Result<usize, Fault> {
    if !message.is_complete {
        return Err(Fault::new(400, "no empty line ends the header"));
    }
    match &message.start {
        Start::Request { method, uri, version } => {
            check_version(version)?;
            check_fields(message)?;
            check_method(method, message)?;
            check_uri(uri)?;
            check_hops(method, message)?;
            let length = body_length(message, carrier)?;
            check_extensions(method, message)?;
            check_body(method, message, length)?;
            Ok(length)
        }
        Start::Response { version, code, .. } => {
            check_version(version)?;
            check_fields(message)?;
            let digits = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
            if !digits || !('1'..='6').any(|class| code.starts_with(class)) {
                return Err(Fault::new(400, "status code is not between 100 and 699"));
            }
            let (number, method) = cseq(message)?;
            if number.is_none() || method.is_empty() {
                return Err(Fault::new(400, "CSeq is not a number and a method"));
            }
            body_length(message, carrier)
        }
    }
}

fn check_version(version: &str) -> Result<(), Fault> {
    match version {
        "SIP/2.0" => Ok(()),
        spaced if spaced.trim() == "SIP/2.0" => Err(Fault::new(400, "space ends the start line")),
        _ => Err(Fault::new(505, "only SIP/2.0 is spoken here")),
    }
}

fn check_fields(message: &Message<'_>) -> Result<(), Fault> {
    for name in SINGLE {
        let mut values = message.values(name);
        if values.next().is_some() && values.next().is_some() {
            return Err(Fault::new(400, "a field that stands once is there twice"));
        }
    }
    for (name, reason) in [
        ("Via", "Via is missing"),
        ("From", "From is missing"),
        ("To", "To is missing"),
        ("Call-ID", "Call-ID is missing"),
        ("CSeq", "CSeq is missing"),
    ] {
        if message.value(name).is_none_or(str::is_empty) {
            return Err(Fault::new(400, reason));
        }
    }
    for name in ["From", "To", "Contact"] {
        for value in message.values(name) {
            check_address(value)?;
        }
    }
    let from = message.value("From").unwrap_or_default();
    if is_list(from) || message.value("To").is_some_and(is_list) {
        return Err(Fault::new(400, "From or To is a list"));
    }
    if parameter(from, "tag").is_none_or(|tag| tag.is_empty()) {
        return Err(Fault::new(400, "From has no tag"));
    }
    check_via(message.top_via().unwrap_or_default())
}

/// `"Name" <uri>;params`, `Name <uri>;params` or `uri;params`.
fn check_address(value: &str) -> Result<(), Fault> {
    if value == "*" {
        return Ok(());
    }
    if !is_balanced(value) {
        return Err(Fault::new(400, "quotes or brackets of an address are not closed"));
    }
    let Some(open) = bracket(value) else {
        let uri = value.split(';').next().unwrap_or_default().trim();
        return if uri.contains(['?', ',', ' ', '\t']) || !uri.contains(':') {
            Err(Fault::new(400, "an address with such characters needs brackets"))
        } else {
            Ok(())
        };
    };
    let (name, rest) = value.split_at_checked(open).unwrap_or_default();
    let uri = rest.split('>').next().unwrap_or_default().trim_start_matches('<');
    let name = name.trim();
    let is_plain = name.bytes().all(|byte| is_token(byte) || byte == b' ' || byte == b'\t');
    if !is_plain && !name.starts_with('"') {
        return Err(Fault::new(400, "a display name with such characters needs quotes"));
    }
    if uri.contains([' ', '\t', '<']) || !uri.contains(':') {
        return Err(Fault::new(400, "the address in brackets is not a URI"));
    }
    Ok(())
}

/// `SIP/2.0/UDP host:port;branch=…`.
fn check_via(via: &str) -> Result<(), Fault> {
    let fault = Fault::new(400, "the top Via is not readable");
    let (protocol, rest) = via.split_once([' ', '\t']).ok_or_else(|| fault.clone())?;
    let mut parts = protocol.split('/').map(str::trim);
    if parts.next() != Some("SIP") || parts.next() != Some("2.0") {
        return Err(fault);
    }
    let host = rest.split(';').next().unwrap_or_default().trim();
    if host.is_empty() || host.contains([' ', '\t', ',']) || via.contains(";;") {
        return Err(fault);
    }
    Ok(())
}

/// Number (if it is one below 2^31) and method of CSeq.
fn cseq<'m>(message: &'m Message<'_>) -> Result<(Option<u32>, &'m str), Fault> {
    let value = message.value("CSeq").unwrap_or_default();
    let (number, method) = value
        .split_once([' ', '\t'])
        .ok_or(Fault::new(400, "CSeq is not a number and a method"))?;
    let number = number.parse().ok().filter(|number| *number < 1 << 31);
    Ok((number, method.trim()))
}

fn check_method(method: &str, message: &Message<'_>) -> Result<(), Fault> {
    if method.is_empty() || !method.bytes().all(is_token) {
        return Err(Fault::new(400, "the method is not a token"));
    }
    let (number, named) = cseq(message)?;
    if number.is_none() {
        return Err(Fault::new(400, "CSeq has no number below 2^31"));
    }
    if named != method {
        return Err(Fault::new(400, "CSeq names another method"));
    }
    if SERVED.contains(&method) {
        Ok(())
    } else if KNOWN_ELSEWHERE.contains(&method) {
        Err(Fault::with(405, "this method is not served here", "Allow", ALLOW))
    } else {
        Err(Fault::with(501, "this method is not known here", "Allow", ALLOW))
    }
}

fn check_uri(uri: &str) -> Result<(), Fault> {
    if uri.is_empty() || uri.contains([' ', '\t', '<', '>', '"']) {
        return Err(Fault::new(400, "the Request-URI is not a URI"));
    }
    let (scheme, rest) =
        uri.split_once(':').ok_or(Fault::new(400, "the Request-URI has no scheme"))?;
    if !["sip", "sips", "tel"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Err(Fault::new(416, "the scheme of the Request-URI is not served here"));
    }
    if rest.contains('?') {
        return Err(Fault::new(400, "the Request-URI carries header fields"));
    }
    Ok(())
}

/// Max-Forwards counts for requests that may go on from here as calls of ours.
fn check_hops(method: &str, message: &Message<'_>) -> Result<(), Fault> {
    let Some(value) = message.value("Max-Forwards") else { return Ok(()) };
    let hops: u8 =
        value.parse().map_err(|_| Fault::new(400, "Max-Forwards is not between 0 and 255"))?;
    let in_dialog = message.value("To").is_some_and(|to| parameter(to, "tag").is_some());
    if hops == 0 && !in_dialog && !matches!(method, "OPTIONS" | "ACK" | "REGISTER" | "CANCEL") {
        return Err(Fault::new(483, "Max-Forwards is used up"));
    }
    Ok(())
}

fn body_length(message: &Message<'_>, carrier: Carrier) -> Result<usize, Fault> {
    let there = message.body.len();
    let length = match message.value("Content-Length") {
        Some(value) => {
            value.parse().map_err(|_| Fault::new(400, "Content-Length is not a number"))?
        }
        None if carrier != Carrier::Stream => there,
        None => return Err(Fault::new(400, "Content-Length is missing on a stream")),
    };
    if length > there {
        return Err(Fault::new(400, "Content-Length is more than was sent"));
    }
    if length > MAX_BODY_BYTES {
        return Err(Fault::new(413, "the body is longer than allowed"));
    }
    Ok(length)
}

/// What is required and not served is refused, by name (RFC 3261 §8.2.2.3).
fn check_extensions(method: &str, message: &Message<'_>) -> Result<(), Fault> {
    if matches!(method, "ACK" | "CANCEL") {
        return Ok(());
    }
    let listed: Vec<&str> = message
        .values("Require")
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|option| !SUPPORTED.split(", ").any(|it| it.eq_ignore_ascii_case(option)))
        .collect();
    if listed.is_empty() {
        return Ok(());
    }
    let listed = listed.join(", ");
    Err(Fault::with(420, "an extension is required that is not served", "Unsupported", &listed))
}

fn check_body(method: &str, message: &Message<'_>, length: usize) -> Result<(), Fault> {
    if matches!(method, "INVITE" | "SUBSCRIBE") {
        let mut contacts = message.values("Contact");
        let one = contacts.next().is_some_and(|contact| contact != "*" && !is_list(contact));
        if !one || contacts.next().is_some() {
            return Err(Fault::new(400, "the request needs exactly one Contact"));
        }
    }
    if length == 0 || !matches!(method, "INVITE" | "UPDATE") {
        return Ok(());
    }
    if message.value("Content-Encoding").is_some_and(|coding| coding != "identity") {
        return Err(Fault::with(415, "no content coding is known", "Accept-Encoding", "identity"));
    }
    let kind = message.value("Content-Type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/sdp") {
        return Err(Fault::with(415, "the body is not a session description", "Accept", SDP));
    }
    Ok(())
}

/// The one kind of body that INVITE may carry.
pub(crate) const SDP: &str = "application/sdp";

#[cfg(test)]
mod tests {
    use super::*;

    fn invite(edit: impl Fn(&str) -> String) -> Result<usize, u16> {
        let text = edit(
            "INVITE sip:100@192.0.2.1 SIP/2.0\r\n\
             Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK1;rport\r\n\
             Max-Forwards: 70\r\nFrom: \"A\" <sip:a@192.0.2.9>;tag=1\r\n\
             To: <sip:100@192.0.2.1>\r\nCall-ID: x@192.0.2.9\r\nCSeq: 1 INVITE\r\n\
             Contact: <sip:a@192.0.2.9>\r\nContent-Type: application/sdp\r\n\
             Content-Length: 4\r\n\r\nv=0\n",
        );
        let message = Message::cut(text.as_bytes()).expect("well shaped");
        check(&message, Carrier::Datagram).map_err(|fault| fault.code)
    }

    #[test]
    fn a_usual_invite_passes() {
        assert_eq!(invite(str::to_owned), Ok(4));
        assert_eq!(invite(|text| text.replace("Content-Length: 4\r\n", "")), Ok(4));
        assert_eq!(invite(|text| text.replace("Max-Forwards: 70\r\n", "")), Ok(4));
    }

    #[test]
    fn brackets_within_quotes_are_no_brackets() {
        let instance = "<sip:a@192.0.2.9>;+sip.instance=\"<urn:uuid:1>\"";
        let field = format!("{instance}\r\nContent-T");
        assert_eq!(invite(|text| text.replace("<sip:a@192.0.2.9>\r\nContent-T", &field)), Ok(4));
        assert_eq!(invite(|text| text.replace("\"A\"", "\"<A>\"")), Ok(4));
    }

    #[test]
    fn each_fault_has_its_status() {
        for (from, to, code) in [
            (" SIP/2.0\r\nVia", " SIP/3.0\r\nVia", 505),
            ("CSeq: 1 INVITE", "CSeq: 1 BYE", 400),
            ("CSeq: 1 INVITE", "CSeq: 9292394834772304023312 INVITE", 400),
            ("Content-Length: 4", "Content-Length: -4", 400),
            ("Content-Length: 4", "Content-Length: 40", 400),
            ("Content-Length: 4", "Content-Length: 4\r\nl: 5", 400),
            ("Max-Forwards: 70", "Max-Forwards: 0", 483),
            ("Max-Forwards: 70", "Max-Forwards: 300", 400),
            ("Call-ID: x@192.0.2.9\r\n", "", 400),
            ("tag=1", "other=1", 400),
            ("\"A\" <sip:a@192.0.2.9>", "\"A <sip:a@192.0.2.9>", 400),
            ("\"A\" <sip:a@192.0.2.9>", "Watson, T <sip:a@192.0.2.9>", 400),
            ("Contact: <sip:a@192.0.2.9>\r\n", "", 400),
            ("Contact: <", "Require: timer, replaces\r\nContact: <", 420),
            ("application/sdp", "application/unknown", 415),
            ("Content-Type", "Content-Encoding: gzip\r\nContent-Type", 415),
            ("INVITE sip:100@", "INVITE nobodyknows:100@", 416),
            ("INVITE sip:100@192.0.2.1", "INVITE sip:100@192.0.2.1?Route=x", 400),
            ("INVITE sip:100@192.0.2.1", "INVITE <sip:100@192.0.2.1>", 400),
            ("INVITE sip:", "INVITE  sip:", 400),
            ("SIP/2.0/UDP 192.0.2.9:5060", "SIP/2.0/UDP 192.0.2.9;;,;,,", 400),
        ] {
            assert_eq!(invite(|text| text.replacen(from, to, 1)), Err(code), "{to}");
        }
        assert_eq!(invite(|text| text.replace("INVITE", "NEWMETHOD")), Err(501));
        assert_eq!(invite(|text| text.replace("INVITE", "PUBLISH")), Err(405));
    }
}
