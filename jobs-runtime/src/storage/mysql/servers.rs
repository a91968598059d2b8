//! Servers, the kinds that they know, and what they poll for.

use std::time::Duration;

use sqlx::mysql::MySqlRow;

use super::batch;
use super::tables::MySqlTables;
use super::values::{damaged, duration, get, get_instant, get_json, get_word, json, micros, word};
use crate::storage::packing::unpack_ids;
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
    if get(&row, 2)? {
        see_kinds(t, &get_json::<_, Vec<String>>(&row, 1, "list of kinds")?).await?;
    }
    Ok(Beat { alive: true, paused: get(&row, 0)?, stopping: get(&row, 3)? })
}

/// Those that another server is seeing to at this moment are left to it.
async fn see_kinds(t: &mut MySqlTables<'_>, known: &[String]) -> Result<()> {
    let stale = t.query(&t.sql.lock_stale_kinds).bind(micros(KINDS_STAY_SEEN));
    let rows = t.rows(stale).await?;
    let mut stale = rows.iter().map(|row| get(row, 0)).collect::<Result<Vec<String>>>()?;
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
    let rows = t.rows(query).await?;
    let silent = rows.iter().map(|row| get(row, 0)).collect::<Result<Vec<i64>>>()?;
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
        let number: Option<i64> = get(row, 2)?;
        match (get::<_, i64>(row, 0)?, number) {
            (0, _) => poll.ready.push(get(row, 1)?),
            (1, until) => poll.next_due = until.map(duration),
            (2, Some(lease)) => {
                let revoked = unpack_ids(get(row, 3)?);
                poll.revoked.extend(revoked.into_iter().map(|job| (lease, job)));
            }
            (4, until) => poll.next_call = until.map(duration),
            (_, version) => poll.recurring_version = version.unwrap_or_default(),
        }
    }
    Ok(poll)
}

pub(super) async fn servers(t: &mut MySqlTables<'_>) -> Result<Vec<ServerRow>> {
    let rows = t.rows(t.query(&t.sql.servers)).await?;
    let server = |row: &MySqlRow| {
        Ok(ServerRow {
            id: get(row, 0)?,
            name: get(row, 1)?,
            queues: get_json(row, 2, "list of queues")?,
            kinds: get_json(row, 9, "list of kinds")?,
            workers: get(row, 3)?,
            started_at: get_instant(row, 4)?,
            live_since: get_instant(row, 5)?,
            heartbeat_at: get_instant(row, 6)?,
            gone: get(row, 7)?,
            paused: get(row, 8)?,
            stopping: get(row, 10)?,
            vitals: Vitals { memory: get(row, 11)?, cpu: get(row, 12)? },
        })
    };
    rows.iter().map(server).collect()
}

pub(super) async fn kinds(t: &mut MySqlTables<'_>) -> Result<Vec<KindRow>> {
    let rows = t.rows(t.query(&t.sql.kinds)).await?;
    let kind = |row: &MySqlRow| {
        Ok(KindRow {
            name: get(row, 0)?,
            queue: get(row, 1)?,
            retries: get(row, 2)?,
            on_exhausted: get_word(row, 3, "end of a kind's jobs")?,
        })
    };
    rows.iter().map(kind).collect()
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
