//! Servers, the kinds that they know, and what they poll for.

use std::time::Duration;

use sqlx::Row;
use sqlx::postgres::PgRow;

use super::tables::PostgresTables;
use super::values::{duration, json_list, known, micros, word};
use crate::storage::packing::unpack_ids;
use crate::storage::servers::{Beat, KindRow, NewServer, Poll, ServerRow, Signs, Vitals};
use crate::storage::tables::Result;

pub(super) async fn announce(t: &mut PostgresTables<'_>, server: &NewServer) -> Result<i64> {
    announce_kinds(t, &server.kinds).await?;
    let query = t
        .query(&t.sql.announce)
        .bind(&server.name)
        .bind(json_list(server.queues.iter().map(String::as_str)))
        .bind(json_list(server.kinds.iter().map(|kind| kind.name.as_str())))
        .bind(i32::try_from(server.workers).unwrap_or(i32::MAX));
    Ok(query.fetch_one(&mut *t.conn).await?.try_get(0)?)
}

async fn announce_kinds(t: &mut PostgresTables<'_>, kinds: &[KindRow]) -> Result<()> {
    let mut kinds: Vec<&KindRow> = kinds.iter().collect();
    kinds.sort_unstable_by_key(|kind| &kind.name);
    kinds.dedup_by_key(|kind| &kind.name);
    let each = kinds.iter();
    let ends = each
        .clone()
        .map(|kind| word("end of attempts", &kind.on_exhausted))
        .collect::<Result<Vec<_>>>()?;
    let retries = each.clone().map(|kind| i32::try_from(kind.retries).unwrap_or(i32::MAX));
    let query = t
        .query(&t.sql.announce_kinds)
        .bind(each.clone().map(|kind| kind.name.as_str()).collect::<Vec<&str>>())
        .bind(each.clone().map(|kind| kind.queue.as_str()).collect::<Vec<&str>>())
        .bind(retries.collect::<Vec<i32>>())
        .bind(ends);
    query.execute(&mut *t.conn).await?;
    Ok(())
}

pub(super) async fn heartbeat(
    t: &mut PostgresTables<'_>,
    server: i64,
    silence: Duration,
    vitals: Vitals,
) -> Result<Beat> {
    let query = t.query(&t.sql.heartbeat).bind(server).bind(micros(silence));
    let query = query.bind(vitals.memory).bind(vitals.cpu);
    Ok(match t.read_one(query).await? {
        Some((paused, stopping)) => Beat { alive: true, paused, stopping },
        None => Beat::default(),
    })
}

pub(super) async fn depart(t: &mut PostgresTables<'_>, server: i64) -> Result<()> {
    t.query(&t.sql.depart).bind(server).execute(&mut *t.conn).await?;
    Ok(())
}

pub(super) async fn bury_silent(t: &mut PostgresTables<'_>, silence: Duration) -> Result<Vec<i64>> {
    let query = t.query(&t.sql.bury_silent).bind(micros(silence));
    t.read(query).await
}

pub(super) async fn poll(t: &mut PostgresTables<'_>, signs: &Signs<'_>) -> Result<Poll> {
    let query = t.query(&t.sql.poll).bind(signs.server).bind(signs.queues).bind(signs.kinds);
    let row = query.fetch_one(&mut *t.conn).await?;
    Ok(Poll {
        ready: row.try_get(0)?,
        next_due: row.try_get::<Option<i64>, _>(1)?.map(duration),
        next_call: row.try_get::<Option<i64>, _>(5)?.map(duration),
        revoked: revoked_of(&row)?,
        recurring_version: known("table `control`", row.try_get(4)?, "empty")?,
    })
}

fn revoked_of(row: &PgRow) -> Result<Vec<(i64, crate::job::JobId)>> {
    let leases: Vec<i64> = row.try_get(2)?;
    let packs: Vec<Vec<u8>> = row.try_get(3)?;
    let each = leases.into_iter().zip(packs);
    Ok(each
        .flat_map(|(lease, pack)| unpack_ids(&pack).into_iter().map(move |job| (lease, job)))
        .collect())
}

pub(super) async fn servers(t: &mut PostgresTables<'_>) -> Result<Vec<ServerRow>> {
    t.read(t.query(&t.sql.servers)).await
}

pub(super) async fn kinds(t: &mut PostgresTables<'_>) -> Result<Vec<KindRow>> {
    t.read(t.query(&t.sql.kinds)).await
}

pub(super) async fn set_queue_paused(
    t: &mut PostgresTables<'_>,
    queue: &str,
    paused: bool,
) -> Result<()> {
    let statement = if paused { &t.sql.pause_queue } else { &t.sql.resume_queue };
    t.query(statement).bind(queue).execute(&mut *t.conn).await?;
    Ok(())
}

pub(super) async fn set_server_paused(
    t: &mut PostgresTables<'_>,
    server: i64,
    paused: bool,
) -> Result<bool> {
    let query = t.query(&t.sql.set_server_paused).bind(server).bind(paused);
    Ok(query.execute(&mut *t.conn).await?.rows_affected() > 0)
}

pub(super) async fn stop_server(t: &mut PostgresTables<'_>, server: i64) -> Result<bool> {
    let query = t.query(&t.sql.stop_server).bind(server);
    Ok(query.execute(&mut *t.conn).await?.rows_affected() > 0)
}
