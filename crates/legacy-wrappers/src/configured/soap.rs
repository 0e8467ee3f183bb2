//! Operations of a WSDL description, over HTTP.

use caruso_application::configured::Outcome;
use caruso_application::configured::soap::Soap;

use super::http::{Client, Failure, Remote, Request};
use super::rest::NOWHERE;
use crate::asked::Wish;

/// SOAP 1.1, section 6.
const XML: &str = "text/xml; charset=utf-8";

/// Calls the other system.
pub(super) struct Caller {
    soap: Soap,
    /// Nothing where nobody said where it is.
    client: Option<Client>,
}

impl Caller {
    pub(super) fn new(soap: &Soap, remote: Option<&Remote>) -> Self {
        let client = remote.map(|it| Client::new(it.clone(), soap.limit));
        Self { soap: soap.clone(), client }
    }

    pub(super) fn is_repeatable(&self, operation: &str) -> bool {
        self.soap.requests.get(operation).is_none_or(|it| it.is_repeatable)
    }

    pub(super) async fn carry_out(&self, wish: &Wish) -> Outcome {
        let Some(asked) = self.soap.requests.get(&wish.operation) else {
            return Outcome::Refused("there is no such operation".into());
        };
        let Some(client) = &self.client else { return Outcome::Later(NOWHERE.into()) };
        let envelope = match asked.envelope(&wish.arguments, &wish.key) {
            Ok(envelope) => envelope,
            Err(words) => return Outcome::Refused(words),
        };
        let request = Request {
            method: "POST",
            target: "",
            headers: vec![("soapaction", &asked.action)],
            body: Some((XML, envelope)),
        };
        match client.send(&request).await {
            Ok(answer) => asked.outcome(answer.status, &answer.body),
            Err(Failure::NotSent(reason)) => Outcome::Later(reason),
            Err(Failure::NoAnswer(reason)) => Outcome::Unknown(reason),
        }
    }
}
