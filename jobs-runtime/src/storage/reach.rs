//! The way to a database server.

use std::io;
use std::time::Duration;

use sqlx::ConnectOptions;

use crate::error::StorageError;

/// How long to wait for a connection.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// A first connection; the error says where the server should be.
pub(super) async fn reach<O>(options: &O, place: &str) -> Result<O::Connection, StorageError>
where
    O: ConnectOptions<Connection: Sized>,
{
    let connected = tokio::time::timeout(ACQUIRE_TIMEOUT, options.connect()).await;
    let connected = connected.unwrap_or_else(|_| {
        let problem = format!("no answer within {} s", ACQUIRE_TIMEOUT.as_secs());
        Err(sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, problem)))
    });
    connected.map_err(|error| StorageError::Unreachable {
        place: place.to_owned(),
        source: error.into(),
    })
}

/// Hides what stands between the scheme and the host, if that holds a password, and all
/// parameters, which may hold another one.
pub(super) fn without_password(url: &str) -> String {
    let url = url.split_once('?').map_or(url, |(url, _)| url);
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}"),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn a_url_is_shown_without_its_password() {
        let shown = without_password("postgres://me:p@ss:w@host:x/shop?password=secret");
        assert_eq!(shown, "postgres://…@host:x/shop");
        assert_eq!(without_password("postgres://host:x/shop"), "postgres://host:x/shop");
    }
}
