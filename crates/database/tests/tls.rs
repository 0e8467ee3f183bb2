//! Servers that prove who they are, and others that do not.

use std::path::Path;

use caruso_database::{Access, Address, DatabaseConnection, DbErr, connect};
use caruso_test_kit::certificate::{Authority, Certificate};
use caruso_test_kit::{Missing, mariadb, postgres};
use sea_orm::{ConnectionTrait, Statement};

/// The address of a server, as its administrator, and the server for as long as it is needed.
type Started<S> = Result<(S, String), Missing>;

/// In place of a host: the certificate of the authority itself.
const ITSELF: &str = "";

fn certificate_for(authority: &Authority, host: &str) -> Certificate {
    let certificate = match host {
        ITSELF => authority.own(),
        host => authority.certificate(host),
    };
    certificate.expect("it is signed")
}

async fn open(url: &str, query: &str) -> Result<DatabaseConnection, DbErr> {
    let address: Address = format!("{url}{query}").parse().expect("an address");
    connect(&address, Access::Read, 1).await
}

/// Why a connection is not made; never with the password.
async fn refusal(url: &str, query: &str) -> String {
    let error = open(url, query).await.expect_err("it is refused").to_string();
    let secret = url.split(['/', ':', '@']).nth(4).expect("the address has a password");
    assert!(secret.len() > 16 && !error.contains(secret), "{error}");
    error
}

/// What the server says about the connection that asks: whether it is encrypted.
async fn is_encrypted(connection: &DatabaseConnection, question: &str) -> bool {
    let backend = connection.get_database_backend();
    let statement = Statement::from_string(backend, question.to_owned());
    let row = connection.query_one_raw(statement).await.expect("it answers").expect("a row");
    !row.try_get_by_index::<String>(0).expect("a text").is_empty()
}

/// Everything, for one engine. `starts` starts a server with a certificate for this host, or none.
async fn the_whole<S>(question: &str, starts: impl Fn(Option<(&Authority, &str)>) -> Started<S>) {
    let authorities = Authority::new().and_then(|ours| Ok((ours, Authority::new()?)));
    let (ours, other) = match authorities {
        Ok((ours, other)) => (ours.expect("an authority"), other.expect("another one")),
        Err(missing) => return eprintln!("skipped: {missing}"),
    };
    let server = |certificate: Option<(&Authority, &str)>| match starts(certificate) {
        Ok(server) => Some(server),
        Err(missing) => {
            eprintln!("skipped: {missing}");
            None
        }
    };
    let by = |authority: &Authority| format!("?tls-ca={}", authority.file().display());

    let Some((_server, url)) = server(Some((&ours, "IP:127.0.0.1"))) else { return };
    let trusted = open(&url, &by(&ours)).await.expect("the server proves who it is");
    assert!(is_encrypted(&trusted, question).await);
    let clear = open(&url, "").await.expect("nobody asked for more");
    assert!(!is_encrypted(&clear, question).await);
    let error = refusal(&url, &by(&other)).await;
    assert!(error.contains("TLS: neither an authority in"), "{error}");
    let error = refusal(&url, "?tls=required").await;
    assert!(error.contains("has signed the server's certificate; name it with"), "{error}");
    let error = refusal(&url, "?tls-ca=/nowhere/ca.pem").await;
    assert!(error.contains("TLS: cannot read /nowhere/ca.pem"), "{error}");
    let no_certificate = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let error = refusal(&url, &format!("?tls-ca={}", no_certificate.display())).await;
    assert!(error.contains("TLS: there is no certificate in"), "{error}");

    let Some((_server, url)) = server(Some((&ours, ITSELF))) else { return };
    let error = refusal(&url, &by(&ours)).await;
    assert!(error.contains("TLS: the server shows the certificate of an authority"), "{error}");

    let elsewhere = server(Some((&ours, "DNS:elsewhere.example")));
    let Some((_server, url)) = elsewhere else { return };
    let error = refusal(&url, &by(&ours)).await;
    assert!(error.contains("TLS: the server's certificate is not for the host"), "{error}");

    let Some((_server, url)) = server(None) else { return };
    let error = refusal(&url, &by(&ours)).await;
    assert!(error.contains("TLS: the server offers no TLS"), "{error}");
}

#[tokio::test]
async fn postgresql_proves_who_it_is() {
    let question = "SELECT coalesce(cipher, '') FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    the_whole(question, |certificate| {
        let server = match certificate {
            Some((authority, host)) => {
                let certificate = certificate_for(authority, host);
                postgres::Server::start_with_certificate(&certificate)?
            }
            None => postgres::Server::start()?,
        };
        let server = server.expect("it starts");
        let url = server.url();
        Ok((server, url))
    })
    .await;
}

#[tokio::test]
async fn mariadb_proves_who_it_is() {
    let question = "SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS \
                    WHERE VARIABLE_NAME = 'Ssl_cipher'";
    the_whole(question, |certificate| {
        let server = match certificate {
            Some((authority, host)) => {
                let certificate = certificate_for(authority, host);
                mariadb::Server::start_with_certificate(&certificate)?
            }
            None => mariadb::Server::start()?,
        };
        let server = server.expect("it starts");
        let url = server.url();
        Ok((server, url))
    })
    .await;
}
