//! For tests of code that uses jobs.

use std::future::Future;

use crate::client::Client;

/// Runs a future with this client as the default one, so that tests of one process do not share
/// theirs.
///
/// ```
/// use jobs_runtime::prelude::*;
/// use jobs_runtime::testing;
///
/// #[job]
/// async fn greet(name: String) {
///     drop(name);
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// let client = Client::new(Storage::connect("sqlite::memory:").await?);
/// testing::scope(&client, async { greet::enqueue("Ada").await }).await?;
/// assert_eq!(client.counts().await?.enqueued, 1);
/// # Ok(()) }
/// ```
pub async fn scope<F: Future>(client: &Client, future: F) -> F::Output {
    crate::client::scope(client.clone(), future).await
}
