//! The clock of a storage: the database's own, plus an offset where a test is to move it.

use sqlx::PgConnection;

use crate::storage::sql::Render;
use crate::storage::tables::Result;

const CREATE: &str = "CREATE TABLE IF NOT EXISTS {p}clock_offset (us bigint NOT NULL);
    INSERT INTO {p}clock_offset (us) SELECT 0 WHERE NOT EXISTS (SELECT FROM {p}clock_offset)";

#[cfg(feature = "testing")]
pub(super) const ADVANCE: &str = "UPDATE {p}clock_offset SET us = us + $1::bigint";

/// The expression for the present instant. In a sub-select the clock is read once a statement,
/// and serves as an index condition; a bare `clock_timestamp()` would be read for each row.
pub(super) fn now(prefix: &str, movable: bool) -> String {
    match movable {
        false => "(SELECT clock_timestamp())".to_owned(),
        true => format!(
            "(SELECT clock_timestamp() + us * interval '1 microsecond' FROM {prefix}clock_offset)"
        ),
    }
}

pub(super) async fn create(conn: &mut PgConnection, render: &Render) -> Result<()> {
    sqlx::raw_sql(render.sql(CREATE)).execute(conn).await?;
    Ok(())
}
