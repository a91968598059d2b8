//! Who holds which unique key.

use std::time::Duration;

use sqlx::Row;
use uuid::Uuid;

use super::tables::PostgresTables;
use super::values::{duration, job_id};
use crate::job::JobId;
use crate::storage::tables::Result;

pub(super) async fn take_unique(
    t: &mut PostgresTables<'_>,
    kind: &str,
    key: &str,
    job: JobId,
) -> Result<Option<(JobId, Duration)>> {
    let query = t.query(&t.sql.take_unique).bind(kind).bind(key).bind(Uuid::from(job));
    let row = query.fetch_one(&mut *t.conn).await?;
    let holder = job_id(&row, 0)?;
    Ok(if holder == job { None } else { Some((holder, duration(row.try_get(1)?))) })
}

pub(super) async fn set_unique(
    t: &mut PostgresTables<'_>,
    kind: &str,
    key: &str,
    job: JobId,
) -> Result<()> {
    let query = t.query(&t.sql.set_unique).bind(kind).bind(key).bind(Uuid::from(job));
    query.execute(&mut *t.conn).await?;
    Ok(())
}
