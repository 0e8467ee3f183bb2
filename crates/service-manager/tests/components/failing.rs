//! What becomes of components that cannot be called.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

/// No settings of our own (RFC 9113 section 6.5).
const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
/// Status 200 with a content type of 16 bytes, the end of stream 1 (RFC 7541, appendix A).
const HEADERS: [u8; 13] = [0, 0, 20, 1, 5, 0, 0, 0, 1, 0x88, 0x0f, 0x10, 16];

/// Offers `Actions` at an address where each connection breaks as soon as a request has come;
/// counts them.
async fn breaking(component: &Component) -> Arc<AtomicUsize> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("it has one");
    let count = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&count);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.expect("somebody comes");
            let counting = Arc::clone(&counting);
            tokio::spawn(async move {
                let mut preface = [0; 24];
                stream.read_exact(&mut preface).await?;
                loop {
                    // RFC 9113 section 4.1: length, type, flags, stream
                    let mut head = [0; 9];
                    stream.read_exact(&mut head).await?;
                    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
                    let mut content = vec![0; length as usize];
                    stream.read_exact(&mut content).await?;
                    if head[3] != 1 {
                        continue;
                    }
                    // the manager's probe has no token, and is answered
                    if length > 200 {
                        counting.fetch_add(1, Ordering::SeqCst);
                        return Ok::<_, std::io::Error>(());
                    }
                    stream.write_all(&SETTINGS).await?;
                    stream.write_all(&HEADERS).await?;
                    stream.write_all(b"application/grpc").await?;
                }
            });
        }
    });
    let offered = Offered::interface(ACTIONS).at(format!("http://{address}"));
    component.offer([offered]).await.expect("taken");
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_nothing_is_asked_of_another_and_who_goes_on_failing_is_left_out() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let manager = Manager::start(folder.path()).await;
    let (_sound, stop, serving) = manager.echo("erp").await;
    let consumer = manager.join(SCRIPT_ENGINE).await;
    let handle = consumer.directory().handle(ACTIONS);
    let broken = manager.join("erp").await;
    let requests = breaking(&broken).await;
    wait_for("both are seen", async || handle.snapshot().offers().count() == 2).await;
    let mut actions = ActionsClient::new(consumer.caller(ACTIONS));
    for _ in 0..20 {
        actions.describe(wrapper::DescribeRequest::default()).await.expect("asked of the other");
    }
    assert_eq!(requests.load(Ordering::SeqCst), 5, "then it was left out");
    stop.cancel();
    serving.await.expect("no panic").expect("a clean end");
    wait_for("one is left", async || handle.snapshot().offers().count() == 1).await;
    let alone = invoke(&consumer).await.expect_err("it breaks");
    assert_eq!(code_of(&alone).as_deref(), Some("CA0107"), "{alone}");
    assert_eq!(
        requests.load(Ordering::SeqCst),
        6,
        "the only one is never left out; a change is sent once"
    );
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_led_to_an_address_at_which_nobody_answers_and_the_list_says_why() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let manager = Manager::start(folder.path()).await;
    let consumer = manager.join(SCRIPT_ENGINE).await;
    let handle = consumer.directory().handle(ACTIONS);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let local = listener.local_addr().expect("it has one");
    drop(listener);
    let mistaken = manager.join("erp").await;
    let offered = Offered::interface(ACTIONS).at(format!("http://{local}"));
    mistaken.offer([offered]).await.expect("taken");
    let command_line = manager.join(COMMAND_LINE).await;
    let finding = async || {
        let all = components(&command_line).await;
        let offers = all.into_iter().flat_map(|component| component.offers);
        offers.map(|offer| offer.finding).find(|finding| !finding.is_empty())
    };
    wait_for("it is found out", async || finding().await.is_some()).await;
    assert!(finding().await.is_some_and(|finding| finding.contains("refused")));
    wait_for("nobody is led there", async || handle.snapshot().offers().count() == 0).await;
    let status = invoke(&consumer).await.expect_err("nobody is left");
    assert_eq!(code_of(&status).as_deref(), Some("CA0106"), "{status}");
    // somebody serves there after all
    let listener = tokio::net::TcpListener::bind(local).await.expect("it is free");
    let routes = Routes::default().add_service(ActionsServer::new(Echo { name: "erp".into() }));
    let incoming = tonic::transport::server::TcpIncoming::from(listener);
    let serving = tonic::transport::Server::builder().add_routes(routes);
    tokio::spawn(serving.serve_with_incoming(incoming));
    wait_for("it is led there", async || handle.snapshot().offers().count() == 1).await;
    manager.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_sent_once_whatever_breaks() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let manager = Manager::start(folder.path()).await;
    let (_sound, stop, serving) = manager.echo("erp").await;
    let consumer = manager.join(SCRIPT_ENGINE).await;
    let handle = consumer.directory().handle(ACTIONS);
    let broken = manager.join("erp").await;
    let requests = breaking(&broken).await;
    wait_for("both are seen", async || handle.snapshot().offers().count() == 2).await;
    let mut failures = 0;
    for _ in 0..20 {
        failures += usize::from(invoke(&consumer).await.is_err());
    }
    assert_eq!((failures, requests.load(Ordering::SeqCst)), (5, 5));
    stop.cancel();
    serving.await.expect("no panic").expect("a clean end");
    manager.stop().await;
}
