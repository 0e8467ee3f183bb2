//! The dialog of a subscription: which NOTIFYs it carries (RFC 6665 §4.2.2, RFC 3261 §12).

use super::summary::{Messages, Summary};
use super::table::Key;
use super::wish::SUMMARY;
use crate::endpoint::Shared;
use crate::stack;
use crate::transport::Transport;
use rsipstack::sip::prelude::ToTypedHeader;
use rsipstack::sip::{CallId, Header, HeadersExt, Method, Request, Uri, typed};
use std::net::SocketAddr;
use std::time::Duration;

/// What a NOTIFY says of the subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It goes on for so long.
    Active(Duration),
    /// Its time is over.
    Over,
}

/// A dialog in which we tell.
#[derive(Debug)]
pub(super) struct Dialog {
    call_id: CallId,
    our_tag: String,
    their_tag: String,
    from: typed::From,
    to: typed::To,
    /// Contact of the phone.
    target: Uri,
    /// Route set, in the order of the SUBSCRIBE.
    routes: Vec<String>,
    /// Our Contact.
    pub(super) own: Uri,
    event: String,
    /// CSeq of our latest NOTIFY.
    seq: u32,
    /// CSeq of the SUBSCRIBE.
    pub(super) their_seq: u32,
    /// Where the latest SUBSCRIBE came from, and so where NOTIFY goes: the Contact of a phone
    /// behind an address translator names an address that does not exist here.
    pub(super) at: (SocketAddr, Transport),
}

impl Dialog {
    /// Of a SUBSCRIBE; nothing where it cannot make a dialog.
    pub(super) fn of(
        request: &Request,
        event: &str,
        our_tag: &str,
        own: Uri,
        at: (SocketAddr, Transport),
    ) -> Option<Self> {
        let theirs = request.from_header().ok()?.typed().ok()?;
        let ours = request.to_header().ok()?.typed().ok()?;
        let contact = request.typed_contact_headers().ok()?.into_iter().next()?;
        let routes = request.record_route_headers().into_iter();
        Some(Self {
            call_id: request.call_id_header().ok()?.clone(),
            our_tag: our_tag.to_owned(),
            their_tag: request.from_header().ok()?.tag().ok()??.to_string(),
            from: typed::From { display_name: None, uri: ours.uri, params: Vec::new() },
            to: typed::To {
                display_name: theirs.display_name,
                uri: theirs.uri,
                params: theirs.params,
            },
            target: contact.uri,
            routes: routes.map(|it| it.value().to_owned()).collect(),
            own,
            event: event.to_owned(),
            seq: 0,
            their_seq: request.cseq_header().ok()?.seq().ok()?,
            at,
        })
    }

    pub(super) fn key(&self) -> Key {
        Key {
            call_id: self.call_id.value().to_owned(),
            our_tag: self.our_tag.clone(),
            their_tag: self.their_tag.clone(),
        }
    }

    /// Tells; gives the phone's status, or nothing where it does not answer.
    pub(super) async fn notify(
        &mut self,
        shared: &Shared,
        messages: Messages,
        state: State,
    ) -> Option<u16> {
        let to = shared.reach(self.at.0, self.at.1).await?;
        let endpoint = &shared.layer.endpoint;
        let (connection, _) = endpoint.transport_layer.lookup(&to, None).await.ok()?;
        let via = endpoint.get_via(Some(connection.get_addr().clone()), None).ok()?;
        self.seq += 1;
        let from = self.from.clone().with_tag(self.our_tag.clone().into());
        let (target, far) = (self.target.clone(), self.to.clone());
        let call_id = Some(self.call_id.clone());
        let mut request =
            endpoint.make_request(Method::Notify, target, via, from, far, self.seq, call_id);
        request.headers.extend(self.fields(state));
        let account = self.from.uri.to_string();
        request.body = Summary { messages, account: &account }.to_string().into_bytes();
        let length = u32::try_from(request.body.len()).unwrap_or(u32::MAX);
        request.headers.push(Header::ContentLength(length.into()));
        stack::final_status(endpoint, request, to).await
    }

    fn fields(&self, state: State) -> Vec<Header> {
        let state = match state {
            State::Active(left) => format!("active;expires={}", left.as_millis().div_ceil(1000)),
            State::Over => "terminated;reason=timeout".to_owned(),
        };
        let routes = self.routes.iter().map(|route| Header::Route(route.clone().into()));
        let fields = [
            Header::Contact(format!("<{}>", self.own).into()),
            Header::Event(self.event.clone().into()),
            Header::SubscriptionState(state.into()),
            Header::ContentType(SUMMARY.into()),
        ];
        routes.chain(fields).collect()
    }
}

/// The dialog that a SUBSCRIBE names, and its CSeq.
pub(super) fn named(request: &Request) -> Option<(Key, u32)> {
    let tag_of = |tag: Option<rsipstack::sip::param::Tag>| tag.map(|it| it.to_string());
    let key = Key {
        call_id: request.call_id_header().ok()?.value().to_owned(),
        our_tag: tag_of(request.to_header().ok()?.tag().ok()?)?,
        their_tag: tag_of(request.from_header().ok()?.tag().ok()?)?,
    };
    Some((key, request.cseq_header().ok()?.seq().ok()?))
}
