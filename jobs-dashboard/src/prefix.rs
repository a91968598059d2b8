//! Under which path the dashboard is mounted.

use axum::http::HeaderMap;

/// What stands before the dashboard's own paths: empty, or `/` and a path without one at its end.
///
/// `original` is the path that was asked for, `own` what a router that nests this one has left of
/// it; `forwarded` what a trusted proxy has taken off before.
pub(crate) fn prefix(original: &str, own: &str, forwarded: Option<&str>) -> String {
    let mounted = original.strip_suffix(own).or_else(|| original.strip_suffix('/'));
    let mounted = match mounted {
        Some(mounted) => mounted,
        // Nested without a slash, and asked for without one.
        None if own == "/" => original,
        None => "",
    };
    let mounted = mounted.trim_end_matches('/');
    match forwarded.map(|prefix| prefix.trim_matches('/')) {
        Some(forwarded) if !forwarded.is_empty() => format!("/{forwarded}{mounted}"),
        _ => mounted.to_owned(),
    }
}

/// What a trusted proxy says that it has taken off the path.
pub(crate) fn forwarded(headers: &HeaderMap) -> Option<&str> {
    let prefix = headers.get("x-forwarded-prefix")?.to_str().ok()?;
    let is_path = prefix.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"'<>".contains(&byte));
    Some(prefix).filter(|prefix| is_path && !prefix.contains("//"))
}

#[cfg(test)]
mod tests {
    use super::prefix;

    #[test]
    fn the_prefix_is_what_the_routers_around_have_taken_off() {
        for (original, own, expected) in [
            ("/", "/", ""),
            ("/queues", "/queues", ""),
            ("/jobs", "/", "/jobs"),
            ("/jobs/", "/", "/jobs"),
            ("/jobs/queues", "/queues", "/jobs"),
            ("/jobs/jobs/1", "/jobs/1", "/jobs"),
            ("/a/b/jobs", "/", "/a/b/jobs"),
            ("/a/b/overview", "/overview", "/a/b"),
        ] {
            assert_eq!(prefix(original, own, None), expected, "{original} {own}");
        }
    }

    #[test]
    fn a_proxy_may_have_taken_off_more() {
        assert_eq!(prefix("/queues", "/queues", Some("/admin/")), "/admin");
        assert_eq!(prefix("/jobs/queues", "/queues", Some("/admin")), "/admin/jobs");
        assert_eq!(prefix("/jobs", "/", Some("/")), "/jobs");
    }
}
