//! Wake-ups from other processes.

use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgPoolOptions};

use crate::storage::reach::ACQUIRE_TIMEOUT;
use crate::storage::tables::Result;

/// Hears which queues have grown. Nothing depends on it: a wake-up may be lost.
pub(crate) struct Listener {
    /// By whose options it connects, which may change; it takes no connection of it.
    pool: PgPool,
    channel: String,
    /// `None` after an error, until the next attempt.
    listener: Option<PgListener>,
}

impl Listener {
    pub(super) async fn connect(pool: &PgPool, channel: &str) -> Result<Self> {
        let listener = Some(listen(pool, channel).await?);
        Ok(Self { pool: pool.clone(), channel: channel.to_owned(), listener })
    }

    /// Waits for the name of a queue that has grown; `None` if the connection was lost and made
    /// again meanwhile, so that any queue may have grown. After an error, the next call connects
    /// anew. Cancelling it loses nothing.
    pub(crate) async fn next(&mut self) -> Result<Option<String>> {
        let Some(listener) = &mut self.listener else {
            self.listener = Some(listen(&self.pool, &self.channel).await?);
            return Ok(None);
        };
        match listener.try_recv().await {
            Ok(heard) => Ok(heard.map(|heard| heard.payload().to_owned())),
            Err(error) => {
                self.listener = None;
                Err(error.into())
            }
        }
    }
}

/// A pool of one, since a listener keeps its connection for good.
async fn listen(like: &PgPool, channel: &str) -> Result<PgListener> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .max_lifetime(None)
        .idle_timeout(None)
        .connect_with((*like.connect_options()).clone())
        .await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen(channel).await?;
    Ok(listener)
}
