//! What a SUBSCRIBE asks for, or the status that refuses it (RFC 6665 §4.2.1, RFC 3842 §3).

use crate::registrar::Answer;
use rsipstack::sip::{Header, HeadersExt, Request};
use std::time::Duration;

/// The one event package that is served.
pub(super) const PACKAGE: &str = "message-summary";
/// The form of what is told.
pub(super) const SUMMARY: &str = "application/simple-message-summary";
/// Longest name by which a phone tells its subscriptions apart.
const LONGEST_ID: usize = 64;

/// A subscription that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    /// The package, with the name that the phone gives the subscription.
    pub(super) event: String,
    /// How long; zero to be told once, or no more.
    pub(super) granted: Duration,
}

impl Wish {
    /// Of a request, where a subscription lasts between these two.
    pub(super) fn read(
        request: &Request,
        (least, most): (Duration, Duration),
    ) -> Result<Self, Answer> {
        let event = event(request).ok_or_else(|| {
            let known = Header::Other("Allow-Events".to_owned(), PACKAGE.to_owned());
            Answer { code: 489, headers: vec![known] }
        })?;
        if !takes_summaries(request) {
            return Err(Answer::new(406));
        }
        let wish = request.expires_header().map(|field| field.value().trim().parse::<u32>());
        let wish = wish.transpose().map_err(|_| Answer::new(400))?;
        let wish = wish.map_or(most, |seconds| Duration::from_secs(seconds.into()));
        if !wish.is_zero() && wish < least {
            let field = Header::MinExpires(least.as_secs().to_string().into());
            return Err(Answer { code: 423, headers: vec![field] });
        }
        Ok(Self { event, granted: wish.min(most) })
    }
}

/// What is subscribed to, as NOTIFY repeats it; nothing for what is not served.
fn event(request: &Request) -> Option<String> {
    let mut fields = request.headers.iter().filter_map(|header| match header {
        Header::Event(event) => Some(event.value()),
        _ => None,
    });
    let (Some(field), None) = (fields.next(), fields.next()) else { return None };
    let mut parts = field.split(';').map(str::trim);
    parts.next().filter(|it| it.eq_ignore_ascii_case(PACKAGE))?;
    let id = parts.find_map(|it| it.strip_prefix("id="));
    let is_name = |id: &str| {
        (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(crate::wire::message::is_token)
    };
    match id {
        Some(id) => is_name(id).then(|| format!("{PACKAGE};id={id}")),
        None => Some(PACKAGE.to_owned()),
    }
}

/// Whether the phone reads what it would be told: without Accept it does (RFC 3842 §3.5).
fn takes_summaries(request: &Request) -> bool {
    let mut accepted = request.headers.iter().filter_map(|header| match header {
        Header::Accept(accept) => Some(accept.value()),
        _ => None,
    });
    let is_it = |kind: &str| {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        [SUMMARY, "application/*", "*/*"].iter().any(|it| kind.eq_ignore_ascii_case(it))
    };
    let mut is_silent = true;
    accepted.any(|field| {
        is_silent = false;
        field.split(',').any(is_it)
    }) || is_silent
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const HOUR: Duration = Duration::from_secs(3600);

    fn read(fields: &str) -> Result<Wish, Answer> {
        let text = format!(
            "SUBSCRIBE sip:101@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1\r\n\
             From: <sip:101@192.0.2.1>;tag=1\r\nTo: <sip:101@192.0.2.1>\r\nCall-ID: x\r\n\
             CSeq: 1 SUBSCRIBE\r\nContact: <sip:101@192.0.2.9>\r\n{fields}Content-Length: 0\r\n\r\n"
        );
        let message = rsipstack::sip::SipMessage::try_from(text.as_bytes()).expect("readable");
        let rsipstack::sip::SipMessage::Request(request) = message else {
            unreachable!("it is a request")
        };
        Wish::read(&request, (MINUTE, HOUR))
    }

    #[test]
    fn the_time_that_is_granted_lies_between_a_minute_and_the_most() {
        for (expires, granted) in
            [("", HOUR), ("60", MINUTE), ("0", Duration::ZERO), ("86400", HOUR)]
        {
            let field = if expires.is_empty() { "" } else { &format!("Expires: {expires}\r\n") };
            let wish = read(&format!("Event: message-summary\r\n{field}")).expect("granted");
            assert_eq!((wish.event.as_str(), wish.granted), (PACKAGE, granted), "{expires}");
        }
        let named = read("Event: Message-Summary ; id=7\r\n").expect("granted");
        assert_eq!(named.event, "message-summary;id=7");
    }

    #[test]
    fn what_is_not_served_has_its_status() {
        for (fields, code, named) in [
            ("", 489, "Allow-Events: message-summary"),
            ("Event: presence\r\n", 489, "Allow-Events: message-summary"),
            ("Event: message-summary\r\nEvent: dialog\r\n", 489, "Allow-Events"),
            ("Event: message-summary;id=<x>\r\n", 489, "Allow-Events"),
            ("Event: message-summary\r\nAccept: application/pidf+xml\r\n", 406, ""),
            ("Event: message-summary\r\nExpires: soon\r\n", 400, ""),
            ("Event: message-summary\r\nExpires: 59\r\n", 423, "Min-Expires: 60"),
        ] {
            let answer = read(fields).expect_err(fields);
            let headers: String = answer.headers.iter().map(ToString::to_string).collect();
            assert_eq!(answer.code, code, "{fields}");
            assert!(headers.contains(named), "{fields}: {headers}");
        }
        read("Event: message-summary\r\nAccept: text/plain, application/*;q=0.5\r\n")
            .expect("taken");
    }
}
