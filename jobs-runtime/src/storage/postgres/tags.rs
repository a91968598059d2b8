//! The tags of jobs.

use uuid::Uuid;

use super::tables::{CHUNK, PostgresTables};
use super::values::uuids;
use crate::job::JobId;
use crate::storage::model::TagRow;
use crate::storage::tables::Result;

pub(super) async fn insert_tags(t: &mut PostgresTables<'_>, rows: &[TagRow<'_>]) -> Result<()> {
    for rows in rows.chunks(CHUNK) {
        let query = t
            .query(&t.sql.insert_tags)
            .bind(uuids(rows.iter().map(|row| &row.job)))
            .bind(rows.iter().map(|row| row.tag.as_ref()).collect::<Vec<&str>>());
        query.execute(&mut *t.conn).await?;
    }
    Ok(())
}

pub(super) async fn tags(t: &mut PostgresTables<'_>, job: JobId) -> Result<Vec<String>> {
    t.read(t.query(&t.sql.tags).bind(Uuid::from(job))).await
}

pub(super) async fn delete_tags(t: &mut PostgresTables<'_>, job: JobId) -> Result<()> {
    t.query(&t.sql.delete_tags).bind(Uuid::from(job)).execute(&mut *t.conn).await?;
    Ok(())
}
