//! The clock of a storage: the database's own, plus an offset where a test is to move it.

use sqlx::MySqlConnection;

use crate::storage::sql::Render;

const CREATE: &str = "CREATE TABLE IF NOT EXISTS {p}clock_offset (
        id tinyint NOT NULL PRIMARY KEY,
        us bigint NOT NULL
    ) ENGINE=InnoDB;
    INSERT IGNORE INTO {p}clock_offset (id, us) VALUES (1, 0)";

#[cfg(feature = "testing")]
pub(super) const ADVANCE: &str = "UPDATE {p}clock_offset SET us = us + ?";

/// Microseconds since 1970, whatever the time zone of the session.
const NOW: &str = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))";

/// The expression for the present instant, which is that of the statement's beginning.
pub(super) fn now(prefix: &str, movable: bool) -> String {
    match movable {
        false => NOW.to_owned(),
        true => format!("({NOW} + (SELECT us FROM {prefix}clock_offset))"),
    }
}

pub(super) async fn create(conn: &mut MySqlConnection, render: &Render) -> sqlx::Result<()> {
    sqlx::raw_sql(render.sql(CREATE)).execute(conn).await.map(drop)
}
