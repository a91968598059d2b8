//! Servers, the kinds that they know, and what they poll for.

use std::time::Duration;

use super::batch;
use super::tables::MySqlTables;
use super::values::{damaged, duration, json, micros, word};
use crate::storage::packing::unpack_ids;
use crate::storage::rows::Columns;
use crate::storage::servers::{Beat, KindRow, NewServer, Poll, ServerRow, Signs, Vitals};
use crate::storage::tables::Result;

/// How long the kinds of a live server are left as they were seen last: a kind is only missed
/// after minutes.
const KINDS_STAY_SEEN: Duration = Duration::from_secs(60);

pub(super) async fn announce(t: &mut MySqlTables<'_>, server: &NewServer) -> Result<i64> {
    let mut kinds: Vec<&KindRow> = server.kinds.iter().collect();
    // Ascending, so that servers that start at once do not wait for each other.
    kinds.sort_unstable_by_key(|kind| &kind.name);
    batch::insert(t, &t.shared.batches.kinds, &kinds, |values, kind| {
        values.add(kind.name.as_str()).add(kind.queue.as_str());
        values.add(kind.retries).add(word(&kind.on_exhausted));
    })
    .await?;
    let names: Vec<&str> = server.kinds.iter().map(|kind| kind.name.as_str()).collect();
    let announce = t
        .query(&t.sql.announce)
        .bind(server.name.as_str())
        .bind(json(&server.queues))
        .bind(json(&names))
        .bind(server.workers);
    t.insert(announce).await
}

pub(super) async fn heartbeat(
    t: &mut MySqlTables<'_>,
    server: i64,
    silence: Duration,
    vitals: Vitals,
) -> Result<Beat> {
    let beat = t.query(&t.sql.beat).bind(micros(silence)).bind(vitals.memory).bind(vitals.cpu);
    let beat = beat.bind(server);
    if t.execute(beat).await? == 0 {
        return Ok(Beat::default());
    }
    let answer = t.query(&t.sql.beat_answer).bind(micros(KINDS_STAY_SEEN)).bind(server);
    let row = t.row(answer).await?.ok_or_else(|| damaged("server", server))?;
    if row.get(2)? {
        see_kinds(t, &row.json::<Vec<String>>(1, "list of kinds")?).await?;
    }
    Ok(Beat { alive: true, paused: row.get(0)?, stopping: row.get(3)? })
}

/// Those that another server is seeing to at this moment are left to it.
async fn see_kinds(t: &mut MySqlTables<'_>, known: &[String]) -> Result<()> {
    let stale = t.query(&t.sql.lock_stale_kinds).bind(micros(KINDS_STAY_SEEN));
    let mut stale: Vec<String> = t.read(stale).await?;
    stale.retain(|name| known.contains(name));
    if !stale.is_empty() {
        t.execute_of(&t.sql.see_kinds, &json(&stale)).await?;
    }
    Ok(())
}

pub(super) async fn depart(t: &mut MySqlTables<'_>, server: i64) -> Result<()> {
    let query = t.query(&t.sql.depart).bind(server);
    t.execute(query).await?;
    Ok(())
}

pub(super) async fn bury_silent(t: &mut MySqlTables<'_>, silence: Duration) -> Result<Vec<i64>> {
    let query = t.query(&t.sql.lock_silent).bind(micros(silence));
    let silent: Vec<i64> = t.read(query).await?;
    if !silent.is_empty() {
        t.execute_of(&t.sql.bury, &json(&silent)).await?;
    }
    Ok(silent)
}

pub(super) async fn poll(t: &mut MySqlTables<'_>, signs: &Signs<'_>) -> Result<Poll> {
    let query =
        t.query(&t.sql.poll).bind(json(signs.queues)).bind(json(signs.kinds)).bind(signs.server);
    let mut poll = Poll::default();
    for row in &t.rows(query).await? {
        let number: Option<i64> = row.get(2)?;
        match (row.get::<i64>(0)?, number) {
            (0, _) => poll.ready.push(row.get(1)?),
            (1, until) => poll.next_due = until.map(duration),
            (2, Some(lease)) => {
                let revoked = unpack_ids(row.get(3)?);
                poll.revoked.extend(revoked.into_iter().map(|job| (lease, job)));
            }
            (4, until) => poll.next_call = until.map(duration),
            (_, version) => poll.recurring_version = version.unwrap_or_default(),
        }
    }
    Ok(poll)
}

pub(super) async fn servers(t: &mut MySqlTables<'_>) -> Result<Vec<ServerRow>> {
    t.read(t.query(&t.sql.servers)).await
}

pub(super) async fn kinds(t: &mut MySqlTables<'_>) -> Result<Vec<KindRow>> {
    t.read(t.query(&t.sql.kinds)).await
}

pub(super) async fn set_queue_paused(
    t: &mut MySqlTables<'_>,
    queue: &str,
    paused: bool,
) -> Result<()> {
    let sql = if paused { &t.sql.pause_queue } else { &t.sql.resume_queue };
    let query = t.query(sql).bind(queue.to_owned());
    t.execute(query).await?;
    Ok(())
}

pub(super) async fn set_server_paused(
    t: &mut MySqlTables<'_>,
    server: i64,
    paused: bool,
) -> Result<bool> {
    let query = t.query(&t.sql.set_server_paused).bind(paused).bind(server);
    Ok(t.execute(query).await? > 0)
}

pub(super) async fn stop_server(t: &mut MySqlTables<'_>, server: i64) -> Result<bool> {
    let query = t.query(&t.sql.stop_server).bind(server);
    Ok(t.execute(query).await? > 0)
}
