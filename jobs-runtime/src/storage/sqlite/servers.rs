//! Servers, the kinds that they know, and what they ask.

use std::time::Duration;

use super::tables::SqliteTables;
use super::values::{before, damaged, duration, json, word};
use crate::storage::packing::unpack_ids;
use crate::storage::rows::Columns;
use crate::storage::servers::{Beat, KindRow, NewServer, Poll, ServerRow, Signs, Vitals};
use crate::storage::tables::Result;

/// How long the kinds of a live server are left as they were seen last: a kind is only missed
/// after minutes.
const KINDS_STAY_SEEN: Duration = Duration::from_secs(60);

pub(super) async fn announce(t: &mut SqliteTables<'_>, server: &NewServer) -> Result<i64> {
    let statements = &t.storage.statements;
    let now = t.clock();
    let names: Vec<&str> = server.kinds.iter().map(|kind| kind.name.as_str()).collect();
    let announce = sqlx::query(statements.announce.clone())
        .bind(server.name.as_str())
        .bind(json(&server.queues))
        .bind(json(&names))
        .bind(server.workers)
        .bind(now);
    let row = t.row(announce).await?.ok_or_else(|| damaged("id of a server", "none"))?;
    let kinds: Vec<(&str, &str, u32, String)> = server
        .kinds
        .iter()
        .map(|kind| {
            (kind.name.as_str(), kind.queue.as_str(), kind.retries, word(&kind.on_exhausted))
        })
        .collect();
    t.execute(sqlx::query(statements.announce_kinds.clone()).bind(json(&kinds)).bind(now)).await?;
    row.get(0)
}

pub(super) async fn heartbeat(
    t: &mut SqliteTables<'_>,
    server: i64,
    silence: Duration,
    vitals: Vitals,
) -> Result<Beat> {
    let statements = &t.storage.statements;
    let now = t.clock();
    let beat = sqlx::query(statements.beat.clone())
        .bind(server)
        .bind(now)
        .bind(before(now, silence))
        .bind(vitals.memory)
        .bind(vitals.cpu);
    let Some(row) = t.row(beat).await? else { return Ok(Beat::default()) };
    let seen = sqlx::query(statements.see_kinds.clone())
        .bind(server)
        .bind(now)
        .bind(before(now, KINDS_STAY_SEEN));
    t.execute(seen).await?;
    Ok(Beat { alive: true, paused: row.get(0)?, stopping: row.get(1)? })
}

pub(super) async fn depart(t: &mut SqliteTables<'_>, server: i64) -> Result<()> {
    let sql = t.storage.statements.depart.clone();
    t.execute(sqlx::query(sql).bind(server).bind(t.clock())).await?;
    Ok(())
}

pub(super) async fn bury_silent(t: &mut SqliteTables<'_>, silence: Duration) -> Result<Vec<i64>> {
    let now = t.clock();
    let sql = t.storage.statements.bury_silent.clone();
    t.read(sqlx::query(sql).bind(before(now, silence)).bind(now)).await
}

pub(super) async fn poll(t: &mut SqliteTables<'_>, signs: &Signs<'_>) -> Result<Poll> {
    let query = sqlx::query(t.storage.statements.poll.clone())
        .bind(json(signs.queues))
        .bind(json(signs.kinds))
        .bind(signs.server);
    let rows = t.rows(query).await?;
    let now = t.clock();
    let mut poll = Poll::default();
    for row in &rows {
        let number: Option<i64> = row.get(2)?;
        match (row.get::<i64>(0)?, number) {
            (0, _) => poll.ready.push(row.get(1)?),
            (1, due_at) => poll.next_due = due_at.map(|at| duration(at.saturating_sub(now))),
            (2, Some(lease)) => {
                let revoked = unpack_ids(row.get(3)?);
                poll.revoked.extend(revoked.into_iter().map(|job| (lease, job)));
            }
            (4, wake_at) => {
                poll.next_call = wake_at.map(|at| duration(at.saturating_sub(now)));
            }
            (_, version) => poll.recurring_version = version.unwrap_or_default(),
        }
    }
    Ok(poll)
}

pub(super) async fn servers(t: &mut SqliteTables<'_>) -> Result<Vec<ServerRow>> {
    t.read(sqlx::query(t.storage.statements.servers.clone())).await
}

pub(super) async fn kinds(t: &mut SqliteTables<'_>) -> Result<Vec<KindRow>> {
    t.read(sqlx::query(t.storage.statements.kinds.clone())).await
}

pub(super) async fn set_queue_paused(
    t: &mut SqliteTables<'_>,
    queue: &str,
    paused: bool,
) -> Result<()> {
    let statements = &t.storage.statements;
    let query = match paused {
        true => sqlx::query(statements.pause_queue.clone()).bind(queue).bind(t.clock()),
        false => sqlx::query(statements.resume_queue.clone()).bind(queue),
    };
    t.execute(query).await?;
    Ok(())
}

pub(super) async fn set_server_paused(
    t: &mut SqliteTables<'_>,
    server: i64,
    paused: bool,
) -> Result<bool> {
    let sql = t.storage.statements.pause_server.clone();
    Ok(t.execute(sqlx::query(sql).bind(server).bind(paused)).await? > 0)
}

pub(super) async fn stop_server(t: &mut SqliteTables<'_>, server: i64) -> Result<bool> {
    let sql = t.storage.statements.stop_server.clone();
    Ok(t.execute(sqlx::query(sql).bind(server)).await? > 0)
}
