//! Who holds which unique key.

use std::time::Duration;

use uuid::Uuid;

use super::tables::PostgresTables;
use crate::error::damaged;
use crate::job::JobId;
use crate::storage::tables::Result;

pub(super) async fn take_unique(
    t: &mut PostgresTables<'_>,
    kind: &str,
    key: &str,
    job: JobId,
) -> Result<Option<(JobId, Duration)>> {
    let query = t.query(&t.sql.take_unique).bind(kind).bind(key).bind(Uuid::from(job));
    let (holder, held) = t.read_one(query).await?.ok_or_else(|| damaged("unique key", key))?;
    Ok((holder != job).then_some((holder, held)))
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
