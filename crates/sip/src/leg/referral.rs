//! REFER within a call (RFC 3515): the peer wants somebody else to have it.
//!
//! A transfer is decided at once and not tried out, so the one NOTIFY that the RFC asks for tells
//! its outcome.

use rsipstack::dialog::dialog::TransactionHandle;
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::{Header, Request, StatusCode, Uri};

use crate::dispatch::number_of;

/// Nothing more is told of it.
const OVER: &str = "terminated;reason=noresource";

/// The number that a REFER names, or the status that refuses it. A call that is to be replaced
/// (RFC 3891) would be one with us, and there is none: who has two calls here has them from us.
pub(super) fn number(request: &Request) -> Result<String, StatusCode> {
    let mut targets = request.headers.iter().filter_map(|header| match header {
        Header::ReferTo(field) => Some(field.value()),
        _ => None,
    });
    let (Some(target), None) = (targets.next(), targets.next()) else {
        return Err(StatusCode::BadRequest);
    };
    let uri = target.split_once('<').map_or(target, |(_, rest)| rest);
    let uri = uri.split('>').next().unwrap_or_default();
    if uri.to_ascii_lowercase().contains("replaces=") {
        return Err(StatusCode::CallTransactionDoesNotExist);
    }
    let uri = Uri::try_from(uri).map_err(|_| StatusCode::BadRequest)?;
    number_of(&uri).ok_or(StatusCode::BadRequest)
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
