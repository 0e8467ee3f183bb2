//! Templates, and the headers of every answer.

use axum::body::Body;
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY,
};
use http::{HeaderName, HeaderValue, StatusCode};
use minijinja::{Environment, UndefinedBehavior, Value};

/// By the names under which they include each other.
const TEMPLATES: [(&str, &str); 5] = [
    ("frame.html", include_str!("templates/frame.html")),
    ("start.html", include_str!("templates/start.html")),
    ("step.html", include_str!("templates/step.html")),
    ("fields.html", include_str!("templates/fields.html")),
    ("message.html", include_str!("templates/message.html")),
];

/// The one style sheet.
pub(crate) const STYLE: &str = include_str!("templates/style.css");

/// Nothing is loaded but the style sheet, nothing runs, and forms go nowhere else.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// Headers of every answer. An address holds the key to a conversation: it is told to nobody, kept
/// nowhere, and found by no search.
const HEADERS: [(HeaderName, &str); 7] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (REFERRER_POLICY, "no-referrer"),
    (CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("x-content-type-options"), "nosniff"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// The templates, read once. What stands between their braces is escaped.
#[derive(Debug)]
pub(crate) struct Templates(Environment<'static>);

impl Templates {
    pub(crate) fn new() -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        for (name, source) in TEMPLATES {
            environment
                .add_template(name, source)
                .expect("the templates of this program are right");
        }
        Self(environment)
    }

    /// A page.
    pub(crate) fn page(&self, status: StatusCode, template: &str, context: Value) -> Response {
        let drawn = self.0.get_template(template).and_then(|it| it.render(context));
        match drawn {
            Ok(text) => html(status, text),
            Err(error) => {
                tracing::error!(template, error = %error.kind(), "a page could not be drawn");
                html(StatusCode::INTERNAL_SERVER_ERROR, String::new())
            }
        }
    }
}

fn html(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    set(&mut response, CONTENT_TYPE, "text/html; charset=utf-8");
    with_headers(response)
}

/// The style sheet.
pub(crate) fn style() -> Response {
    let mut response = Response::new(Body::from(STYLE));
    set(&mut response, CONTENT_TYPE, "text/css; charset=utf-8");
    with_headers(response)
}

/// Says that the browser shall get another page (RFC 9110 §15.4.4).
pub(crate) fn see_other(location: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    with_headers(response)
}

fn with_headers(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        set(&mut response, name, value);
    }
    response
}

fn set(response: &mut Response, name: HeaderName, value: &'static str) {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
}
