//! From options to a pool.

use std::str::FromStr;
use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::{ConnectOptions, Connection, Executor, MySqlConnection, MySqlPool, Row};

use super::batch::Batches;
use super::statements::Statements;
use super::tables::{MySqlTables, Shared};
use super::{MySql, clock, migrate};
use crate::error::{Error, StorageError, damaged};
use crate::storage::options::StorageOptions;
use crate::storage::reach::{ACQUIRE_TIMEOUT, reach, without_password};
use crate::storage::sql::Render;

/// More than there are statements, with those of each batch in all sizes, so that none is prepared
/// twice on a connection.
const KEPT_STATEMENTS: usize = 400;

/// A process that is stopped inside a transaction, or whose machine is lost, would hold its locks
/// until TCP gives up on it, hours later: its jobs could not be rescued, nor its server declared
/// dead. So the database closes a connection on which nothing is said for 20 s; the pool closes
/// one that is not used itself, well before. Nor is a lock waited for much longer than that.
const SESSION: &str = "SET SESSION wait_timeout = 20, SESSION innodb_lock_wait_timeout = 30";
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);

/// A pool for the library alone, to the database behind the URL.
pub(super) fn pool(options: &StorageOptions) -> Result<MySqlPool, StorageError> {
    let pool = MySqlPoolOptions::new()
        .min_connections(0)
        .max_connections(options.pool_size())
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(IDLE_TIMEOUT)
        .test_before_acquire(false)
        .after_connect(|conn, _| Box::pin(async { conn.execute(SESSION).await.map(drop) }));
    Ok(pool.connect_lazy_with(connect_options(options)?))
}

/// Brings the tables in the database of this pool up to date.
pub(super) async fn connect(
    pool: MySqlPool,
    lent: bool,
    options: &StorageOptions,
) -> Result<MySql, Error> {
    let connect = pool.connect_options();
    let place = place_of(&connect);
    let prefix = format!("{}_", options.schema);
    let now = clock::now(&prefix, options.movable_clock);
    let render = Render::new(prefix, now);

    // Not from the pool, which would try again and again and then tell of the timeout alone.
    let mut conn = reach(&*connect, &place).await?;
    migrate::migrate(&mut conn, &connect, &render, options, &place).await?;
    let shared = Shared {
        sql: Statements::render(&render),
        sql_joined: Statements::render(&render.sharing("LOCK IN SHARE MODE")),
        batches: Batches::render(&render),
        keep: options.prepared_statements,
        largest_packet: largest_packet(&mut conn).await?,
    };
    let found = MySqlTables::new(&mut conn, &shared).storage().await?;
    let storage = found.ok_or_else(|| damaged("table `control`", format!("empty, in {place}")))?;
    // The pool makes connections of its own; if this one does not end well, nobody need know.
    let _ = conn.close().await;

    Ok(MySql {
        pool,
        lent,
        shared,
        place,
        storage,
        #[cfg(feature = "testing")]
        advance: render.sql(clock::ADVANCE),
    })
}

fn connect_options(options: &StorageOptions) -> Result<MySqlConnectOptions, StorageError> {
    let wrong = |problem| StorageError::Url { url: without_password(&options.url), problem };
    let parsed =
        MySqlConnectOptions::from_str(&options.url).map_err(|error| wrong(error.to_string()))?;
    if parsed.get_database().is_none_or(str::is_empty) {
        return Err(wrong("it names no database: write `mysql://host/database`".to_owned()));
    }
    let kept = if options.prepared_statements { KEPT_STATEMENTS } else { 0 };
    Ok(parsed.statement_cache_capacity(kept).disable_statement_logging())
}

/// The most bytes of a statement with its values; beyond it, the database ends the connection.
async fn largest_packet(conn: &mut MySqlConnection) -> Result<usize, StorageError> {
    let row = sqlx::query("SELECT @@max_allowed_packet").fetch_one(conn).await?;
    let bytes: u64 = row.try_get(0)?;
    Ok(usize::try_from(bytes).unwrap_or(usize::MAX))
}

fn place_of(options: &MySqlConnectOptions) -> String {
    let host = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    format!("{host}/{}", options.get_database().unwrap_or_default())
}
