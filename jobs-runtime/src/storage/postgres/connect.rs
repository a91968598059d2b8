//! From options to a pool.

use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, PgPool};

use super::floors::Floors;
use super::statements::Statements;
use super::tables::{PostgresTables, Shared};
use super::{Postgres, clock, migrate};
use crate::error::{Error, StorageError, damaged};
use crate::storage::options::StorageOptions;
use crate::storage::reach::{ACQUIRE_TIMEOUT, reach, without_password};
use crate::storage::sql::Render;

/// More than there are statements, so that none is prepared twice on a connection.
const KEPT_STATEMENTS: usize = 200;

/// A pool for the library alone, to the database behind the URL.
pub(super) fn pool(options: &StorageOptions) -> Result<PgPool, StorageError> {
    let pool = PgPoolOptions::new()
        .min_connections(0)
        .max_connections(options.pool_size())
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false);
    Ok(pool.connect_lazy_with(connect_options(options)?))
}

/// Brings the schema in the database of this pool up to date.
pub(super) async fn connect(
    pool: PgPool,
    lent: bool,
    options: &StorageOptions,
) -> Result<Postgres, Error> {
    let connect = pool.connect_options();
    let place = place_of(&connect);
    let render = render(options);
    let shared = Shared {
        sql: Statements::render(&render),
        floors: Floors::default(),
        keep: options.prepared_statements,
    };

    // Not from the pool, which would try again and again and then tell of the timeout alone.
    let mut conn = reach(&*connect, &place).await?;
    migrate::migrate(&mut conn, &render, &shared, options, &place).await?;
    let storage = {
        let mut tx = sqlx::Connection::begin(&mut conn).await.map_err(StorageError::from)?;
        let found = PostgresTables::new(&mut tx, &shared).storage().await?;
        tx.commit().await.map_err(StorageError::from)?;
        found.ok_or_else(|| damaged("table `control`", format!("empty, in {place}")))?
    };
    // The pool makes connections of its own; if this one does not end well, nobody need know.
    let _ = sqlx::Connection::close(conn).await;

    let channel = format!("{}_ready", options.schema);
    Ok(Postgres {
        pool,
        lent,
        shared,
        place,
        channel,
        storage,
        #[cfg(feature = "testing")]
        advance: render.sql(clock::ADVANCE),
    })
}

fn connect_options(options: &StorageOptions) -> Result<PgConnectOptions, StorageError> {
    let parsed = PgConnectOptions::from_str(&options.url).map_err(|error| StorageError::Url {
        url: without_password(&options.url),
        problem: error.to_string(),
    })?;
    let kept = if options.prepared_statements { KEPT_STATEMENTS } else { 0 };
    let named = match parsed.get_application_name() {
        Some(_) => parsed,
        None => parsed.application_name("jobs"),
    };
    // Poolers refuse start-up parameters that they do not know.
    Ok(named.extra_float_digits(None).statement_cache_capacity(kept).disable_statement_logging())
}

fn render(options: &StorageOptions) -> Render {
    let prefix = format!("\"{}\".", options.schema);
    let now = clock::now(&prefix, options.movable_clock);
    Render::new(prefix, now)
}

fn place_of(options: &PgConnectOptions) -> String {
    let host = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    let database = options.get_database().unwrap_or(options.get_username());
    format!("{host}/{database}")
}
