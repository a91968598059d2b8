//! Who may see the dashboard, and who may act.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
use axum::http::request::Parts;

use super::origin::host_name;

/// What a visitor may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing: the dashboard answers with 403.
    None,
    /// See everything, and change nothing.
    ReadOnly,
    /// See and act.
    Full,
}

type Deciding = Pin<Box<dyn Future<Output = Access> + Send>>;
type Decide = Arc<dyn Fn(Parts) -> Deciding + Send + Sync>;

/// How access is decided.
#[derive(Clone, Default)]
pub(crate) enum Rule {
    /// Visitors from this machine have all of it.
    #[default]
    Local,
    Asking(Decide),
}

/// Why a visitor is refused, for whoever has set the dashboard up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    NotAllowed,
    NoAddress,
    NotLocal,
    Proxied,
    ForeignName,
}

impl Rule {
    pub(crate) fn asking<F, Fut>(decide: F) -> Self
    where
        F: Fn(Parts) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Access> + Send + 'static,
    {
        Self::Asking(Arc::new(move |parts| Box::pin(decide(parts))))
    }

    pub(crate) async fn admit(&self, parts: &Parts, trust_proxy: bool) -> Result<Access, Refusal> {
        match self {
            Self::Local => admit_local(parts, trust_proxy).map(|()| Access::Full),
            Self::Asking(decide) => match decide(parts.clone()).await {
                Access::None => Err(Refusal::NotAllowed),
                access => Ok(access),
            },
        }
    }
}

fn admit_local(parts: &Parts, trust_proxy: bool) -> Result<(), Refusal> {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().ok_or(Refusal::NoAddress)?;
    let forwarded = is_forwarded(&parts.headers);
    // Everybody comes from this machine who comes through a proxy on it.
    if forwarded && !trust_proxy {
        return Err(Refusal::Proxied);
    }
    let visitor = match forwarded {
        true => forwarded_for(&parts.headers).ok_or(Refusal::NotLocal)?,
        false => peer.0.ip(),
    };
    if !visitor.to_canonical().is_loopback() {
        return Err(Refusal::NotLocal);
    }
    // A foreign page can have its own name resolve to this machine, and read what is answered.
    match host_name(parts, trust_proxy).is_some_and(is_local_name) {
        true => Ok(()),
        false => Err(Refusal::ForeignName),
    }
}

fn is_forwarded(headers: &HeaderMap) -> bool {
    ["forwarded", "x-forwarded-for", "x-real-ip", "via"]
        .iter()
        .any(|name| headers.contains_key(*name))
}

/// The address that the nearest proxy has added, which is the last one; those before it were
/// claimed by whoever came to the proxy.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    last.rsplit(',').next()?.trim().parse().ok()
}

fn is_local_name(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let named =
        host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost");
    named || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Local => "Local",
            Self::Asking(_) => "Asking",
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAllowed => "You may not see this dashboard.",
            Self::NoAddress => {
                "The address of the visitor is not known. Serve the application by \
                 `into_make_service_with_connect_info::<SocketAddr>()`, or decide who may see the \
                 dashboard by `Dashboard::authorize`."
            }
            Self::NotLocal => {
                "This dashboard answers only on the machine that it runs on, unless \
                 `Dashboard::authorize` decides who may see it."
            }
            Self::Proxied => {
                "The request came through a proxy, so that where it came from is not known. Decide \
                 who may see the dashboard by `Dashboard::authorize`; or, if the proxy sets \
                 `X-Forwarded-For` itself, trust it by `Dashboard::trust_proxy`."
            }
            Self::ForeignName => {
                "This dashboard answers only to the names of the machine that it runs on, such as \
                 localhost, unless `Dashboard::authorize` decides who may see it."
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    async fn admit(
        peer: Option<&str>,
        headers: &[(&str, &str)],
        trust: bool,
    ) -> Result<Access, Refusal> {
        let mut request = Request::builder().uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut parts, ()) = request.body(()).expect("a request").into_parts();
        if let Some(peer) = peer {
            let address: SocketAddr = peer.parse().expect("an address");
            parts.extensions.insert(ConnectInfo(address));
        }
        Rule::Local.admit(&parts, trust).await
    }

    #[tokio::test]
    async fn only_this_machine_is_admitted_by_default() {
        let local = [("host", "localhost:8080")];
        assert_eq!(admit(Some("127.0.0.1:5"), &local, false).await, Ok(Access::Full));
        assert_eq!(
            admit(Some("[::1]:5"), &[("host", "[::1]:8080")], false).await,
            Ok(Access::Full)
        );
        assert_eq!(admit(Some("[::ffff:127.0.0.1]:5"), &local, false).await, Ok(Access::Full));
        assert_eq!(admit(Some("10.0.0.9:5"), &local, false).await, Err(Refusal::NotLocal));
        assert_eq!(admit(None, &local, false).await, Err(Refusal::NoAddress));
    }

    #[tokio::test]
    async fn a_name_that_was_bent_to_this_machine_is_refused() {
        for host in ["evil.example:8080", "localhost.evil.example", ""] {
            let refused = admit(Some("127.0.0.1:5"), &[("host", host)], false).await;
            assert_eq!(refused, Err(Refusal::ForeignName), "{host}");
        }
    }

    #[tokio::test]
    async fn a_proxy_is_believed_only_where_it_is_trusted() {
        let host = ("host", "localhost");
        let far = [host, ("x-forwarded-for", "127.0.0.1, 10.0.0.9")];
        let near = [host, ("x-forwarded-for", "10.0.0.9, 127.0.0.1")];
        assert_eq!(admit(Some("127.0.0.1:5"), &far, false).await, Err(Refusal::Proxied));
        assert_eq!(admit(Some("127.0.0.1:5"), &far, true).await, Err(Refusal::NotLocal));
        assert_eq!(admit(Some("127.0.0.1:5"), &near, true).await, Ok(Access::Full));
    }
}
