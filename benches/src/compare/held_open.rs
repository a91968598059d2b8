//! A transaction of somebody else, forgotten in the database of the jobs.

use anyhow::Result;
use sqlx::{Connection, PgConnection};

use crate::database::{self, Place};

/// While it is open, no row version that it might see is removed.
#[derive(Debug)]
pub(crate) struct HeldOpen(PgConnection);

impl HeldOpen {
    /// Begins one that has taken its snapshot and has written, so that it has a number of its own.
    pub(crate) async fn begin(place: &Place) -> Result<Self> {
        let mut connection = database::connect(&place.url()).await?;
        sqlx::raw_sql(
            "BEGIN ISOLATION LEVEL REPEATABLE READ; \
             CREATE TEMPORARY TABLE held_open (note text); \
             INSERT INTO held_open VALUES ('held open')",
        )
        .execute(&mut connection)
        .await?;
        Ok(Self(connection))
    }

    pub(crate) async fn end(mut self) -> Result<()> {
        sqlx::raw_sql("ROLLBACK").execute(&mut self.0).await?;
        self.0.close().await?;
        Ok(())
    }
}
