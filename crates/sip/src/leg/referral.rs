//! REFER within a call (RFC 3515): the peer wants somebody else to have it.
//!
//! A transfer is decided at once and not tried out, so the one NOTIFY that the RFC asks for tells
//! its outcome.

use rsipstack::dialog::DialogId;
use rsipstack::dialog::dialog::TransactionHandle;
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::{Header, Request, StatusCode, Uri};

use super::LegEvent;
use crate::dispatch::{number_of, unescaped};

/// Nothing more is told of it.
const OVER: &str = "terminated;reason=noresource";

/// Another call with us that a peer names (RFC 3891). It is not printed which.
#[derive(Clone, PartialEq, Eq)]
pub struct Named {
    call_id: String,
    /// The tag that is ours in it.
    to_tag: String,
    from_tag: String,
}

impl std::fmt::Debug for Named {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Named(…)")
    }
}

impl Named {
    /// Of `CALL-ID;to-tag=OURS;from-tag=THEIRS`, in any order of the tags, once each.
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(';');
        let call_id = parts.next().filter(|it| !it.is_empty())?.to_owned();
        let (mut to_tag, mut from_tag) = (None, None);
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let tag = match name.trim().to_ascii_lowercase().as_str() {
                "to-tag" => &mut to_tag,
                "from-tag" => &mut from_tag,
                _ => continue,
            };
            if value.is_empty() || tag.replace(value.to_owned()).is_some() {
                return None;
            }
        }
        Some(Self { call_id, to_tag: to_tag?, from_tag: from_tag? })
    }

    /// Whether it is this dialog of ours.
    pub(super) fn is(&self, dialog: &DialogId) -> bool {
        let tags = (&self.to_tag, &self.from_tag);
        self.call_id == dialog.call_id && tags == (&dialog.local_tag, &dialog.remote_tag)
    }
}

/// What a REFER asks for, or the status that refuses it.
pub(super) fn read(request: &Request) -> Result<LegEvent, StatusCode> {
    let mut targets = request.headers.iter().filter_map(|header| match header {
        Header::ReferTo(field) => Some(field.value()),
        _ => None,
    });
    let (Some(target), None) = (targets.next(), targets.next()) else {
        return Err(StatusCode::BadRequest);
    };
    let uri = target.split_once('<').map_or(target, |(_, rest)| rest);
    let uri = uri.split('>').next().unwrap_or_default();
    let (uri, headers) = uri.split_once('?').unwrap_or((uri, ""));
    if let Some(named) = replaces(headers) {
        return Named::read(&named).map(LegEvent::Joins).ok_or(StatusCode::BadRequest);
    }
    let uri = Uri::try_from(uri).map_err(|_| StatusCode::BadRequest)?;
    number_of(&uri).map(LegEvent::Refers).ok_or(StatusCode::BadRequest)
}

/// The field Replaces among the header fields of a URI.
fn replaces(headers: &str) -> Option<String> {
    let mut fields = headers.split('&').filter_map(|field| field.split_once('='));
    let (_, value) = fields.find(|(name, _)| name.eq_ignore_ascii_case("replaces"))?;
    Some(unescaped(value))
}

/// Tells the peer what became of its REFER.
pub(super) async fn answer(dialog: &InviteDialog, handle: &TransactionHandle, code: u16) {
    if code >= 300 {
        handle.reply(StatusCode::from(code)).await.ok();
        return;
    }
    if handle.reply(StatusCode::Accepted).await.is_err() {
        return;
    }
    // Waits for the peer's answer, which may never come.
    let dialog = dialog.clone();
    tokio::spawn(async move {
        if let Err(error) = dialog.notify_refer(StatusCode::OK, OVER).await {
            tracing::debug!(%error, "sip.notify_failed");
        }
    });
}
