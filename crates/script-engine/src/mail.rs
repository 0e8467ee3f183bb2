//! E-mails of scripts: handed to a mail server (RFC 5321), or kept as files where nothing is meant
//! to leave the machine.
//!
//! An e-mail is sent at least once. Where an answer was lost, it is sent again under the same
//! Message-ID, by which mail servers and programs know what they have already.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use caruso_component::{Secret, replace_file};
use lettre::message::{Mailbox, header::ContentType};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

/// The port on which a connection is encrypted from its first byte (RFC 8314).
const SUBMISSIONS: u16 = 465;
/// How long a mail server may take for each of its answers.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where e-mails go, and from whom.
#[derive(Debug, Clone)]
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

#[derive(Debug, Clone)]
enum Way {
    Server(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

/// A mail server as an installation names it.
#[derive(Debug, Clone)]
pub struct MailServer {
    /// Its name or address.
    pub host: String,
    /// 465 for TLS from the first byte; on any other, TLS is begun by STARTTLS, without which
    /// nothing is sent, unless the host is a loopback address.
    pub port: u16,
    /// Who sends, where the server wants to know: name and password.
    pub credentials: Option<(String, Secret<String>)>,
}

/// Why no e-mails can be sent.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// The sender.
    #[error("`{0}` is no sender of e-mails, as `Lek and Linge Energy <service@example.org>`")]
    From(String),
    /// The server.
    #[error("the mail server cannot be used")]
    Server(#[source] lettre::transport::smtp::Error),
}

/// An e-mail as a script wrote it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Letter<'a> {
    /// Idempotency key of the action.
    pub(crate) key: &'a str,
    pub(crate) to: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) text: &'a str,
}

/// Why an e-mail was not sent.
#[derive(Debug)]
pub(crate) enum NotSent {
    /// It never will be, for this reason.
    Refused(String),
    /// It may be later.
    Passing(String),
}

impl Mailer {
    /// E-mails go to a server.
    ///
    /// # Errors
    /// [`MailerError`]; whether the server is there is not looked at.
    pub fn to_server(server: &MailServer, from: &str) -> Result<Self, MailerError> {
        let host = server.host.as_str();
        let is_loopback = host == "localhost"
            || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        let parameters = || TlsParameters::new(host.to_owned()).map_err(MailerError::Server);
        let tls = match server.port {
            SUBMISSIONS => Tls::Wrapper(parameters()?),
            _ if is_loopback => Tls::None,
            _ => Tls::Required(parameters()?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(server.port)
            .tls(tls)
            .timeout(Some(PATIENCE));
        if let Some((name, password)) = &server.credentials {
            let credentials = Credentials::new(name.clone(), password.expose().clone());
            builder = builder.credentials(credentials);
        }
        Ok(Self { from: sender(from)?, way: Way::Server(builder.build()) })
    }

    /// E-mails are written into a folder, a file `NAME.eml` for each (RFC 5322); nothing leaves the
    /// machine.
    ///
    /// # Errors
    /// [`MailerError::From`].
    pub fn to_folder(folder: &Path, from: &str) -> Result<Self, MailerError> {
        Ok(Self { from: sender(from)?, way: Way::Folder(folder.to_owned()) })
    }

    pub(crate) async fn send(&self, letter: &Letter<'_>) -> Result<(), NotSent> {
        let name = letter.key.replace(|it: char| !it.is_ascii_alphanumeric(), ".");
        let message = self.message(letter, &name)?;
        match &self.way {
            Way::Server(server) => server.send(message).await.map(drop).map_err(not_sent),
            Way::Folder(folder) => {
                let write = || {
                    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
                    let file = folder.join(format!("{name}.eml"));
                    replace_file(&file, &message.formatted()).map_err(|error| error.to_string())
                };
                write().map_err(NotSent::Passing)
            }
        }
    }

    fn message(&self, letter: &Letter<'_>, name: &str) -> Result<Message, NotSent> {
        let to: Mailbox = letter
            .to
            .parse()
            .map_err(|_| NotSent::Refused(format!("`{}` is no e-mail address", letter.to)))?;
        let domain = self.from.email.domain();
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(letter.subject)
            .message_id(Some(format!("<{name}@{domain}>")))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.to_owned())
            .map_err(|error| NotSent::Refused(error.to_string()))
    }
}

fn sender(from: &str) -> Result<Mailbox, MailerError> {
    from.parse().map_err(|_| MailerError::From(from.to_owned()))
}

/// A server that refuses for good says so (RFC 5321, 4.2.1: 5yz); anything else may pass.
fn not_sent(error: lettre::transport::smtp::Error) -> NotSent {
    if error.is_permanent() {
        return NotSent::Refused(format!("The mail server refused it: {error}"));
    }
    NotSent::Passing(error.to_string())
}

#[cfg(test)]
mod tests {
    use caruso_test_kit::smtp;

    use super::*;

    const FROM: &str = "Lek and Linge Energy <service@example.org>";

    fn letter(to: &str) -> Letter<'_> {
        let text = "Dear Ms Müller,\n\nyour move is on 1 December 2026.\n";
        Letter {
            key: "s1/mail/confirmation", to, subject: "Ihr Umzug: 3 Fragen – bestätigt", text
        }
    }

    fn server(port: u16) -> Mailer {
        let server = MailServer { host: "127.0.0.1".to_owned(), port, credentials: None };
        Mailer::to_server(&server, FROM).expect("sound")
    }

    #[tokio::test]
    async fn an_email_reaches_the_mail_server_and_a_repeat_is_known_by_its_id() {
        let peer = match smtp::MailServer::start().await {
            Ok(started) => started.expect("it starts"),
            Err(missing) => return println!("{missing}"),
        };
        let mailer = server(peer.address().port());
        for _ in 0..2 {
            let sent = mailer.send(&letter("Anna Müller <anna@example.com>")).await;
            sent.expect("it is taken");
        }
        let taken = peer.taken();
        assert_eq!(taken.len(), 2);
        for mail in &taken {
            assert!(mail.contains("Message-ID: <s1.mail.confirmation@example.org>"), "{mail}");
            assert!(mail.contains("<anna@example.com>"), "{mail}");
            assert!(
                mail.contains("From: \"Lek and Linge Energy\" <service@example.org>"),
                "{mail}"
            );
            assert!(mail.contains("Subject: Ihr Umzug: 3 Fragen"), "{mail}");
            assert!(mail.contains("M=C3=BCller,\n\nyour move is on"), "{mail}");
        }
    }

    #[tokio::test]
    async fn an_email_waits_for_a_server_that_is_away_and_is_refused_without_an_address() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback");
        let port = free.local_addr().expect("bound").port();
        drop(free);
        let away = server(port).send(&letter("a@example.com")).await;
        assert!(matches!(away, Err(NotSent::Passing(_))), "{away:?}");
        let nobody = server(port).send(&letter("a@example.com\r\nBcc: all@example.com")).await;
        assert!(matches!(nobody, Err(NotSent::Refused(_))), "{nobody:?}");
        assert!(matches!(Mailer::to_folder(Path::new("x"), "us"), Err(MailerError::From(_))));
    }

    #[tokio::test]
    async fn where_nothing_leaves_an_email_is_one_file_however_often_it_is_sent() {
        let folder = tempfile::tempdir().expect("a folder");
        let mailer = Mailer::to_folder(&folder.path().join("mail"), FROM).expect("sound");
        for _ in 0..2 {
            mailer.send(&letter("anna@example.com")).await.expect("written");
        }
        let file = folder.path().join("mail/s1.mail.confirmation.eml");
        let text = std::fs::read_to_string(file).expect("it is there");
        assert!(text.contains("To: anna@example.com"), "{text}");
    }
}
