//! Answers made without the stack, from the request alone (RFC 3261 §8.2.7, stateless): for
//! messages that it must not see, and for OPTIONS.

use super::message::{Message, first_element, parameter};
use std::collections::hash_map::RandomState;
use std::fmt::Write as _;
use std::hash::BuildHasher;
use std::net::SocketAddr;

/// What an answer says.
pub(crate) struct Reply<'a> {
    pub(crate) code: u16,
    /// Goes into a Warning field unless empty.
    pub(crate) reason: &'a str,
    pub(crate) fields: &'a [(&'a str, String)],
}

/// Standard phrases of the codes that this crate answers with.
pub(crate) fn phrase(code: u16) -> &'static str {
    match code {
        200 => "OK",
        400 => "Bad Request",
        405 => "Method Not Allowed",
        413 => "Request Entity Too Large",
        415 => "Unsupported Media Type",
        416 => "Unsupported URI Scheme",
        420 => "Bad Extension",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        483 => "Too Many Hops",
        501 => "Not Implemented",
        505 => "Version Not Supported",
        513 => "Message Too Large",
        _ => "Refused",
    }
}

/// The answer as bytes and where it goes, if the request has what an answer needs.
pub(crate) fn answer(
    request: &Message<'_>,
    reply: &Reply<'_>,
    source: SocketAddr,
    tags: &RandomState,
) -> Option<(Vec<u8>, SocketAddr)> {
    let top = request.top_via()?;
    let mut out = format!("SIP/2.0 {} {}\r\n", reply.code, phrase(reply.code));
    let mut first = true;
    for via in request.values("Via") {
        let end = if first { first_element(via) } else { 0 };
        let mark = if first { received(top, source) } else { String::new() };
        first = false;
        let (head, rest) = via.split_at_checked(end)?;
        let _ = write!(out, "Via: {}{mark}{rest}\r\n", without_rport(head));
    }
    for name in ["From", "To", "Call-ID", "CSeq"] {
        // What is missing is what is wrong: the sender still knows its request by the Via.
        let Some(value) = request.value(name) else { continue };
        let _ = write!(out, "{name}: {value}");
        if name == "To" && parameter(value, "tag").is_none() {
            let tag = tags.hash_one((request.value("Call-ID"), top));
            let _ = write!(out, ";tag={tag:016x}");
        }
        out.push_str("\r\n");
    }
    for (name, value) in reply.fields {
        let _ = write!(out, "{name}: {value}\r\n");
    }
    if !reply.reason.is_empty() {
        let _ = write!(out, "Warning: 399 caruso \"{}\"\r\n", reply.reason);
    }
    out.push_str("Content-Length: 0\r\n\r\n");
    Some((out.into_bytes(), destination(top, source)))
}

/// The parameters that tell the sender what we saw (RFC 3261 §18.2.1, RFC 3581 §4).
fn received(via: &str, source: SocketAddr) -> String {
    let ip = source.ip();
    if wants_rport(via) {
        format!(";received={ip};rport={}", source.port())
    } else {
        format!(";received={ip}")
    }
}

fn wants_rport(via: &str) -> bool {
    via.split(';').any(|part| {
        let name = part.split('=').next().unwrap_or_default();
        name.trim().eq_ignore_ascii_case("rport")
    })
}

/// The Via without the parameters that [`received`] writes.
fn without_rport(via: &str) -> String {
    let kept = via.split(';').filter(|part| {
        let name = part.split('=').next().unwrap_or_default().trim();
        !name.eq_ignore_ascii_case("rport") && !name.eq_ignore_ascii_case("received")
    });
    kept.collect::<Vec<_>>().join(";")
}

/// Where a datagram with the answer goes: always to the address the request came from, to the
/// port it came from if the sender asked for that, else to the port its Via names.
fn destination(via: &str, source: SocketAddr) -> SocketAddr {
    if wants_rport(via) {
        return source;
    }
    let host = via.split(';').next().unwrap_or_default();
    let host = host.split_ascii_whitespace().next_back().unwrap_or_default();
    let port = match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => port.parse().ok(),
        _ => None,
    };
    SocketAddr::new(source.ip(), port.unwrap_or(5060))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply_to(via: &str) -> (String, SocketAddr) {
        let text = format!(
            "OPTIONS sip:x@h SIP/2.0\r\nVia: {via}\r\nFrom: <sip:a@h>;tag=1\r\n\
             To: <sip:x@h>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n"
        );
        let request = Message::cut(text.as_bytes()).expect("well shaped");
        let reply = Reply { code: 483, reason: "used up", fields: &[] };
        let source = SocketAddr::from(([192, 0, 2, 7], 4000));
        let (bytes, to) = answer(&request, &reply, source, &RandomState::new()).expect("answer");
        (String::from_utf8(bytes).expect("text"), to)
    }

    #[test]
    fn an_answer_goes_to_the_port_that_its_sender_wants() {
        let (text, to) = reply_to("SIP/2.0/UDP 10.0.0.1:5070;rport;branch=z9hG4bK1, SIP/2.0/UDP b");
        assert_eq!(to, SocketAddr::from(([192, 0, 2, 7], 4000)));
        assert!(
            text.contains(
                "Via: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK1;received=192.0.2.7;rport=4000, \
                 SIP/2.0/UDP b\r\n"
            ),
            "{text}"
        );
        assert!(text.contains("Warning: 399 caruso \"used up\"\r\n"));
        let (_, to) = reply_to("SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bK1");
        assert_eq!(to, SocketAddr::from(([192, 0, 2, 7], 5070)));
        let (_, to) = reply_to("SIP/2.0/UDP [2001:db8::1];branch=z9hG4bK1");
        assert_eq!(to, SocketAddr::from(([192, 0, 2, 7], 5060)));
    }
}
