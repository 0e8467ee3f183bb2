//! The pages: built files from inside the program, with headers that let them load nothing else.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use rust_embed::RustEmbed;

use caruso_component::token::hex;

#[derive(RustEmbed)]
#[folder = "$CARUSO_PAGES"]
struct Files;

/// In the built page, the place of the nonce that every answer gets.
const NONCE_PLACE: &str = "CARUSO_NONCE";

/// Headers of every answer.
const HEADERS: [(HeaderName, &str); 4] = [
    (HeaderName::from_static("x-content-type-options"), "nosniff"),
    (HeaderName::from_static("referrer-policy"), "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "microphone=(self)"),
];

/// Answers a request for a file of the pages.
pub(crate) async fn page(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let name = if path.is_empty() { "index.html" } else { path };
    if name == "index.html" { index() } else { file(name, &headers) }
}

fn index() -> Response {
    let mut random = [0; 16];
    let Some(page) = Files::get("index.html") else { return missing() };
    if getrandom::fill(&mut random).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let nonce = hex(&random);
    let text = String::from_utf8_lossy(&page.data).replace(NONCE_PLACE, &nonce);
    let mut response = Response::new(Body::from(text));
    set(&mut response, CONTENT_TYPE, "text/html; charset=utf-8");
    set(&mut response, CACHE_CONTROL, "no-store");
    if let Ok(policy) = HeaderValue::from_str(&policy(&nonce)) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    with_headers(response)
}

/// Everything from this server, nothing inline but the one style sheet that the controls write,
/// which carries the nonce.
fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self'; \
         media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
}

fn file(name: &str, headers: &HeaderMap) -> Response {
    let accepts = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let is_gzip_welcome = accepts.is_some_and(|list| list.contains("gzip"));
    let packed = if is_gzip_welcome { Files::get(&format!("{name}.gz")) } else { None };
    let is_packed = packed.is_some();
    let Some(found) = packed.or_else(|| Files::get(name)) else { return missing() };
    let mut response = Response::new(Body::from(found.data.into_owned()));
    set(&mut response, CONTENT_TYPE, media_type(name));
    // The names of built files contain a digest of their content.
    let is_named_by_content = name.starts_with("assets/");
    let keep = if is_named_by_content { "public, max-age=31536000, immutable" } else { "no-cache" };
    set(&mut response, CACHE_CONTROL, keep);
    set(&mut response, VARY, "accept-encoding");
    if is_packed {
        set(&mut response, CONTENT_ENCODING, "gzip");
    }
    with_headers(response)
}

fn missing() -> Response {
    with_headers((StatusCode::NOT_FOUND, "there is no such page\n").into_response())
}

/// With the headers of every answer.
pub(crate) fn with_headers(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        set(&mut response, name, value);
    }
    response
}

fn set(response: &mut Response, name: HeaderName, value: &'static str) {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("wav") => "audio/wav",
        _ => "application/octet-stream",
    }
}
