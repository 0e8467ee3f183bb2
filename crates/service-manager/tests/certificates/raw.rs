//! Connections that no component of the library makes.

use std::path::Path;

use caruso_certificates::{Client, Credential, Key};
use caruso_component::{JoinToken, Options};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tonic::transport::{Channel, Endpoint, Uri};

#[derive(serde::Deserialize)]
struct Kept {
    key: Vec<u8>,
    chain: Vec<Vec<u8>>,
}

/// Connects with the certificate that a component has kept.
pub(crate) fn kept(folder: &Path) -> Client {
    let json = std::fs::read(folder.join("certificate.json")).expect("kept");
    let kept: Kept = serde_json::from_slice(&json).expect("key and chain");
    let key = Key::from_der(&kept.key).expect("a key");
    Client::of(&Credential::new(key, kept.chain).expect("its certificate")).expect("usable")
}

/// Connects without any.
pub(crate) fn unknown(options: &Options) -> Client {
    let token = options.join_token.as_ref().expect("a token").expose();
    let token: JoinToken = token.parse().expect("well-formed");
    Client::unknown(token.authority).expect("usable")
}

/// A channel to a component at an address, connected once.
pub(crate) async fn channel(client: &Client, component: &str, address: &str) -> Channel {
    let endpoint = Endpoint::from_shared(address.to_owned()).expect("an address");
    let (client, component) = (client.clone(), component.to_owned());
    let connector = tower::service_fn(move |uri: Uri| {
        let (client, component) = (client.clone(), component.clone());
        async move {
            let authority = uri.authority().expect("an address").as_str();
            let stream = TcpStream::connect(authority).await?;
            Ok::<_, std::io::Error>(TokioIo::new(client.connect(&component, stream).await?))
        }
    });
    endpoint.connect_with_connector(connector).await.expect("connected")
}
