//! What is certified, and who talks with whom.

use std::time::{Duration, SystemTime};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::{Authority, Client, Credential, Error, Identity, Key, Presented, Server};

const HOUR: Duration = Duration::from_secs(3600);

fn authority() -> Authority {
    Authority::generate(SystemTime::now()).expect("made")
}

fn credential(authority: &Authority, component: &str, until: SystemTime) -> Credential {
    let key = Key::generate().expect("made");
    let identity = Identity::new(authority.realm(), component, "i1").expect("names");
    let request = key.signing_request().expect("made");
    let chain = authority.certify(&request, &identity, "t1", until).expect("certified");
    Credential::new(key, chain).expect("they belong together")
}

/// Connects to `called` at a server; what each side gets of the other.
async fn meet(
    client: &Client,
    called: &str,
    server: &Server,
) -> (std::io::Result<()>, Option<Option<Presented>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("it has one");
    let server = server.clone();
    let accepting = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("it comes");
        let (mut stream, presented) = server.accept(stream).await.ok()?;
        stream.write_all(b"hello").await.ok()?;
        stream.shutdown().await.ok()?;
        Some(presented)
    });
    let stream = TcpStream::connect(address).await.expect("it listens");
    let heard = async {
        let mut stream = client.connect(called, stream).await?;
        let mut heard = Vec::new();
        // in TLS 1.3 a refused certificate shows with the first answer
        stream.read_to_end(&mut heard).await.map(|_| ())
    };
    let heard = heard.await;
    (heard, accepting.await.expect("no panic"))
}

#[tokio::test]
async fn both_sides_of_a_connection_know_who_the_other_is() {
    let ours = authority();
    let until = SystemTime::now() + HOUR;
    let (erp, engine) =
        (credential(&ours, "erp", until), credential(&ours, "script-engine", until));
    let client = Client::of(&engine).expect("usable");
    let server = Server::of(&erp).expect("usable");
    let (heard, presented) = meet(&client, "erp", &server).await;
    heard.expect("it is erp");
    let presented = presented.expect("accepted").expect("with a certificate");
    assert_eq!(presented.identity.component, "script-engine");
    assert_eq!(presented.join_token, "t1");
    assert_eq!(&presented, engine.presented());

    let (heard, _) = meet(&client, "crm", &server).await;
    assert!(Client::is_untrusted(&heard.expect_err("it is erp, not crm")));
}

#[tokio::test]
async fn nobody_of_another_authority_and_nobody_unknown_is_talked_with() {
    let (ours, theirs) = (authority(), authority());
    let until = SystemTime::now() + HOUR;
    let server = Server::of(&credential(&ours, "erp", until)).expect("usable");
    let stranger = Client::of(&credential(&theirs, "erp", until)).expect("usable");
    let (heard, presented) = meet(&stranger, "erp", &server).await;
    assert!(Client::is_untrusted(&heard.expect_err("another authority")));
    assert_eq!(presented, None);

    let unknown = Client::unknown(ours.fingerprint()).expect("usable");
    let (heard, presented) = meet(&unknown, "erp", &server).await;
    heard.expect_err("a certificate is needed");
    assert_eq!(presented, None);
    let manager = credential(&ours, "service-manager", until);
    let open = Server::open_to_unknown(&manager).expect("usable");
    let (heard, presented) = meet(&unknown, "service-manager", &open).await;
    heard.expect("it is the one with this fingerprint");
    assert_eq!(presented, Some(None));
    let (heard, _) = meet(&stranger, "service-manager", &open).await;
    heard.expect_err("another authority's certificate is none");
}

#[tokio::test]
async fn a_certificate_whose_time_is_over_is_none() {
    let ours = authority();
    let past = credential(&ours, "erp", SystemTime::now() - Duration::from_secs(1));
    let good = credential(&ours, "crm", SystemTime::now() + HOUR);
    let server = Server::of(&past).expect("usable");
    let (heard, _) = meet(&Client::of(&good).expect("usable"), "erp", &server).await;
    assert!(Client::is_untrusted(&heard.expect_err("expired")));
    let server = Server::of(&good).expect("usable");
    let (heard, presented) = meet(&Client::of(&past).expect("usable"), "crm", &server).await;
    heard.expect_err("expired");
    assert_eq!(presented, None);
}

#[test]
fn an_authority_is_kept_and_certifies_its_own_realm_alone() {
    let made = authority();
    let kept = Authority::from_der(&made.key_to_der(), made.certificate()).expect("kept");
    assert_eq!(kept.fingerprint(), made.fingerprint());
    let request = Key::generate().expect("made").signing_request().expect("made");
    let until = SystemTime::now() + HOUR;
    let foreign = Identity::new("caruso-0", "erp", "i1").expect("names");
    let refused = kept.certify(&request, &foreign, "t1", until);
    assert!(matches!(refused, Err(Error::Name(_))), "{refused:?}");
    let own = Identity::new(kept.realm(), "erp", "i1").expect("names");
    let mut changed = request.clone();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    for wrong in [&b""[..], b"no request", &request[..40], &changed, &vec![0x30; 20_000]] {
        let refused = kept.certify(wrong, &own, "t1", until);
        assert!(matches!(refused, Err(Error::Request(_))), "{refused:?}");
    }
    let other = authority();
    assert!(Authority::from_der(&other.key_to_der(), made.certificate()).is_err());
}

#[test]
fn key_and_certificate_belong_together() {
    let ours = authority();
    let until = SystemTime::now() + HOUR;
    let credential = credential(&ours, "erp", until);
    let chain = credential.chain().to_vec();
    let key = Key::from_der(&credential.key_to_der()).expect("kept");
    Credential::new(key, chain.clone()).expect("they belong together");
    let other = Key::generate().expect("made");
    assert!(matches!(Credential::new(other, chain.clone()), Err(Error::Certificate(_))));
    let alone = Key::from_der(&credential.key_to_der()).expect("kept");
    assert!(Credential::new(alone, chain[..1].to_vec()).is_err());
    assert!(Presented::read(&chain[1]).is_err(), "an authority is no component");
    assert!(matches!(Key::from_der(b"no key"), Err(Error::Key)));
}
