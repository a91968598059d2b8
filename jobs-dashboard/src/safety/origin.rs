//! Whether a form was sent by a page of the same origin.

use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;

/// Browsers name the origin of every form that they post. Scripts that do not are to name it too.
pub(crate) fn is_same_origin(parts: &Parts, trust_proxy: bool) -> bool {
    let origin = parts.headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
    let Some((_, authority)) = origin.and_then(|origin| origin.split_once("://")) else {
        return false;
    };
    host(parts, trust_proxy).is_some_and(|host| {
        without_usual_port(host).eq_ignore_ascii_case(without_usual_port(authority))
    })
}

/// The name by which the visitor has reached the server, without the port.
pub(super) fn host_name(parts: &Parts, trust_proxy: bool) -> Option<&str> {
    let host = host(parts, trust_proxy)?;
    match host.rfind(':') {
        Some(colon) if !host.ends_with(']') => host.get(..colon),
        _ => Some(host),
    }
}

/// Whether the visitor has come by https, as far as that is known.
pub(super) fn is_secure(parts: &Parts, trust_proxy: bool) -> bool {
    let forwarded = trust_proxy.then(|| text(&parts.headers, "x-forwarded-proto")).flatten();
    forwarded.or(parts.uri.scheme_str()) == Some("https")
}

fn host(parts: &Parts, trust_proxy: bool) -> Option<&str> {
    let forwarded = trust_proxy.then(|| text(&parts.headers, "x-forwarded-host")).flatten();
    let named = || parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    forwarded.or_else(named).or_else(|| parts.uri.authority().map(|authority| authority.as_str()))
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    value.rsplit(',').next().map(str::trim)
}

fn without_usual_port(authority: &str) -> &str {
    authority.strip_suffix(":443").or_else(|| authority.strip_suffix(":80")).unwrap_or(authority)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn same(headers: &[(&str, &str)], trust: bool) -> bool {
        let mut request = Request::builder().uri("/jobs/act");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        is_same_origin(&parts, trust)
    }

    #[test]
    fn the_origin_is_the_host_that_was_asked() {
        assert!(same(&[("host", "localhost:80"), ("origin", "http://localhost")], false));
        assert!(same(&[("host", "shop.example"), ("origin", "https://Shop.example")], false));
        for origin in ["http://evil.example", "null", "http://localhost:81", ""] {
            assert!(!same(&[("host", "localhost:80"), ("origin", origin)], false), "{origin}");
        }
        assert!(!same(&[("host", "localhost")], false));
    }

    #[test]
    fn a_trusted_proxy_says_what_host_was_asked() {
        let headers = [
            ("host", "127.0.0.1:9000"),
            ("x-forwarded-host", "evil.example, shop.example"),
            ("origin", "https://shop.example"),
        ];
        assert!(same(&headers, true));
        assert!(!same(&headers, false));
    }
}
