//! E-mails, handed to a mail server (RFC 5321, RFC 6409).

use std::net::IpAddr;
use std::time::Duration;

use caruso_application::configured::Outcome;
use caruso_application::configured::mail::{Letter, Mail};
use caruso_component::Secret;
use lettre::message::{Mailbox, header::ContentType};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message as Written, Tokio1Executor};
use tokio::time::{Instant, timeout_at};

use crate::asked::Wish;

/// The port on which a connection is encrypted from its first byte (RFC 8314).
const SUBMISSIONS: u16 = 465;
/// How replies begin that are about who logs in, and not about the e-mail (RFC 4954, section 6).
const LOG_IN: &str = "53";
/// Where the site file says nothing of the wrapper.
const NOWHERE: &str = "the site file says no `server` of this wrapper";

/// A mail server as an installation names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailServer {
    /// Its name or address.
    pub host: String,
    /// 465 for TLS from the first byte; on any other, TLS is begun by STARTTLS, without which
    /// nothing is sent, unless the host is a loopback address.
    pub port: u16,
    /// Who sends, where the server wants to know: name and password.
    pub credentials: Option<(String, Secret<String>)>,
}

impl MailServer {
    fn transport(&self, limit: Duration) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
        let host = self.host.as_str();
        let is_loopback = host == "localhost"
            || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        let parameters = || TlsParameters::new(host.to_owned()).map_err(|error| error.to_string());
        let tls = match self.port {
            SUBMISSIONS => Tls::Wrapper(parameters()?),
            _ if is_loopback => Tls::None,
            _ => Tls::Required(parameters()?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(self.port)
            .tls(tls)
            .timeout(Some(limit));
        if let Some((name, password)) = &self.credentials {
            let credentials = Credentials::new(name.clone(), password.expose().clone());
            builder = builder.credentials(credentials);
        }
        Ok(builder.build())
    }
}

/// Sends e-mails.
pub(super) struct Sender {
    mail: Mail,
    /// Why there is none, where there is none.
    way: Result<(Mailbox, AsyncSmtpTransport<Tokio1Executor>), String>,
}

impl Sender {
    pub(super) fn new(mail: &Mail, server: Option<&MailServer>) -> Self {
        let from = mail.from.parse::<Mailbox>();
        let from = from.map_err(|_| format!("`{}` is no sender of e-mails", mail.from));
        let server = server.ok_or_else(|| NOWHERE.to_owned());
        let way = server.and_then(|it| Ok((from?, it.transport(mail.limit)?)));
        Self { mail: mail.clone(), way }
    }

    pub(super) fn is_repeatable(&self, operation: &str) -> bool {
        self.mail.messages.get(operation).is_none_or(|it| it.is_repeatable)
    }

    pub(super) async fn carry_out(&self, wish: &Wish) -> Outcome {
        let Some(message) = self.mail.messages.get(&wish.operation) else {
            return Outcome::Refused("there is no such operation".into());
        };
        let (from, server) = match &self.way {
            Ok((from, server)) => (from, server),
            Err(reason) => return Outcome::Later(reason.clone()),
        };
        let written = message.letter(&wish.arguments);
        let written = written.and_then(|letter| written_out(&letter, from, &wish.key));
        let written = match written {
            Ok(written) => written,
            Err(words) => return Outcome::Refused(words),
        };
        let until = Instant::now() + self.mail.limit;
        let late = || format!("the mail server did not answer within {:?}", self.mail.limit);
        if !message.is_repeatable {
            // what fails before anything is sent is known not to have been done
            match timeout_at(until, server.test_connection()).await {
                Ok(Ok(true)) => {}
                Ok(Ok(false)) => return Outcome::Later("the mail server is not ready".into()),
                Ok(Err(error)) => return Outcome::Later(error.to_string()),
                Err(_) => return Outcome::Later(late()),
            }
        }
        match timeout_at(until, server.send(written)).await {
            Ok(Ok(_)) => message.done(),
            Ok(Err(error)) => not_sent(&error),
            Err(_) => Outcome::Unknown(late()),
        }
    }
}

/// The e-mail under a Message-ID that is the same for the same key, by which mail servers and
/// programs know what they have already.
fn written_out(letter: &Letter, from: &Mailbox, key: &str) -> Result<Written, String> {
    let to = letter.to.parse::<Mailbox>();
    let to = to.map_err(|_| format!("“{}” is no e-mail address.", letter.to))?;
    let name = key.replace(|it: char| !it.is_ascii_alphanumeric(), ".");
    Written::builder()
        .message_id(Some(format!("<{name}@{}>", from.email.domain())))
        .from(from.clone())
        .to(to)
        .subject(&letter.subject)
        .header(ContentType::TEXT_PLAIN)
        .body(letter.text.clone())
        .map_err(|error| error.to_string())
}

/// A mail server that refuses for good says so, as it does where it cannot now (RFC 5321, section
/// 4.2.1); without its answer nobody knows.
fn not_sent(error: &Error) -> Outcome {
    let is_about_log_in = error.status().is_some_and(|it| it.to_string().starts_with(LOG_IN));
    if error.is_permanent() && !is_about_log_in {
        return Outcome::Refused(format!("The mail server refused it: {error}"));
    }
    if is_about_log_in || error.is_transient() || error.is_client() {
        return Outcome::Later(error.to_string());
    }
    Outcome::Unknown(error.to_string())
}
