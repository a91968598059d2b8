//! The client that `enqueue` uses when it is given none.

use std::future::Future;
use std::sync::{PoisonError, RwLock};

use super::Client;
use crate::error::Error;

static DEFAULT: RwLock<Option<Client>> = RwLock::new(None);

tokio::task_local! {
    static SCOPED: Client;
}

impl Client {
    /// Makes this the process's default client, in the place of any other.
    pub fn install(self) {
        *DEFAULT.write().unwrap_or_else(PoisonError::into_inner) = Some(self);
    }

    /// Makes this the default client unless there is one.
    pub(crate) fn install_first(&self) {
        let mut default = DEFAULT.write().unwrap_or_else(PoisonError::into_inner);
        default.get_or_insert_with(|| self.clone());
    }

    /// The client of the running job or of the innermost [`scope`](crate::testing::scope); else
    /// the process's default client.
    ///
    /// # Errors
    /// [`Error::NoClient`] if there is none of them.
    pub fn current() -> Result<Self, Error> {
        if let Ok(client) = SCOPED.try_with(Self::clone) {
            return Ok(client);
        }
        let default = DEFAULT.read().unwrap_or_else(PoisonError::into_inner);
        default.clone().ok_or(Error::NoClient)
    }
}

/// Runs a future with this client as the default client.
pub(crate) async fn scope<F: Future>(client: Client, future: F) -> F::Output {
    SCOPED.scope(client, future).await
}
