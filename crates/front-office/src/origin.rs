//! Which requests come from our own pages.

use http::HeaderMap;
use http::header::{HOST, HeaderName, ORIGIN};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether a request may come from one of our own pages. A browser says where a request comes from
/// (`Sec-Fetch-Site`, W3C Fetch Metadata; else `Origin`, RFC 6454) and a page cannot change it. A
/// request that says nothing is not made by a page.
pub(crate) fn is_own(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get(FETCH_SITE) {
        return site == "same-origin";
    }
    headers.get(ORIGIN).is_none() || is_own_origin(headers)
}

/// Whether `Origin` is there and names this server: for WebSockets, which every page may open.
pub(crate) fn is_own_origin(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text(ORIGIN).and_then(|origin| origin.split_once("://"));
    match (origin, text(HOST)) {
        (Some((scheme, authority)), Some(host)) => {
            matches!(scheme, "http" | "https") && authority.eq_ignore_ascii_case(host)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let header = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(header).collect()
    }

    #[test]
    fn what_the_browser_says_of_the_site_decides() {
        for (site, expected) in
            [("same-origin", true), ("same-site", false), ("cross-site", false), ("none", false)]
        {
            assert_eq!(is_own(&headers(&[("sec-fetch-site", site)])), expected, "{site}");
        }
    }

    #[test]
    fn without_it_the_origin_must_be_this_host() {
        let host = ("host", "desk.example:8080");
        assert!(is_own(&headers(&[host, ("origin", "http://desk.example:8080")])));
        assert!(!is_own(&headers(&[host, ("origin", "http://evil.example")])));
        assert!(!is_own(&headers(&[host, ("origin", "null")])));
        assert!(is_own(&headers(&[host])), "a program, not a page");
    }

    #[test]
    fn a_web_socket_must_name_its_origin() {
        let host = ("host", "desk.example");
        assert!(is_own_origin(&headers(&[host, ("origin", "https://Desk.example")])));
        assert!(!is_own_origin(&headers(&[host, ("origin", "https://desk.example.evil")])));
        assert!(!is_own_origin(&headers(&[host])));
    }
}
