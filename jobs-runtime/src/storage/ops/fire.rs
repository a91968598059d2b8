//! Enqueueing the occurrences of recurring schedules, each exactly once.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jobs_cron::Schedule;

use super::Effects;
use super::enqueue::enqueue;
use super::retain::Retention;
use crate::job::{JobId, Misfire, Overlap, Overrides, State, jitter};
use crate::request::{HandOver, ParentEdge, Parents, Trigger};
use crate::storage::model::{Due, Hold, NewJob};
use crate::storage::recurring::{FireRow, RecurringRow};
use crate::storage::servers::ServerRow;
use crate::storage::tables::{Result, Tables};

/// The most occurrences that run at once: the newest ones.
const MOST_AT_ONCE: usize = 1_000;

/// The smallest step of the databases' clocks.
const INSTANT: TimeDelta = TimeDelta::microseconds(1);

/// What became of a schedule that seemed due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fired {
    /// Another server has it in hand at this moment.
    Busy,
    /// It is not stored any longer.
    Gone,
    /// It stands like this now.
    Stands {
        /// Until its next occurrence; `None` if there is none, or the schedule is paused.
        next: Option<Duration>,
    },
}

/// Enqueues what is due of a schedule. `silence` is how long a server may be silent and still
/// count as live.
pub(crate) async fn fire(
    t: &mut impl Tables,
    id: &str,
    silence: Duration,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<Fired> {
    let Some(mut row) = t.lock_recurring(id, false).await? else {
        // Locked by another server, or removed: tell the two apart without waiting.
        let known = t.recurring().await?.iter().any(|row| row.id == id);
        return Ok(if known { Fired::Busy } else { Fired::Gone });
    };
    let now = t.now().await?;
    let (false, Some(next_at)) = (row.paused, row.next_at) else {
        return Ok(Fired::Stands { next: None });
    };
    if next_at > now {
        return Ok(Fired::Stands { next: Some(until(now, next_at)) });
    }
    let schedule = match Schedule::parse(&row.cron, &row.tz) {
        Ok(schedule) => schedule,
        Err(error) => {
            row.error = Some(error.to_string());
            row.next_at = None;
            t.move_recurring(&row).await?;
            return Ok(Fired::Stands { next: None });
        }
    };
    let servers = t.servers().await?;
    for at in due_occurrences(&schedule, next_at, now, row.misfire, &servers, silence) {
        enqueue_occurrence(t, &mut row, at, retention, effects).await?;
    }
    row.last_at = schedule.previous_before(now + INSTANT);
    row.next_at = schedule.next_after(now);
    row.error = None;
    t.move_recurring(&row).await?;
    Ok(Fired::Stands { next: row.next_at.map(|at| until(now, at)) })
}

/// Enqueues a run that is not an occurrence, whether or not the schedule is paused.
pub(crate) async fn trigger(
    t: &mut impl Tables,
    id: &str,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<Option<JobId>> {
    let Some(mut row) = t.lock_recurring(id, true).await? else { return Ok(None) };
    let job = new_job(&row, Due::Now, Parents::default());
    let id = job.id;
    enqueue(t, &[job], retention, effects).await?;
    let at = between_occurrences(t.now().await?);
    t.insert_fires(&[FireRow { recurring: row.id.clone(), at, job: Some(id) }]).await?;
    row.last_job = Some(id);
    t.move_recurring(&row).await?;
    Ok(Some(id))
}

/// Occurrences are at whole seconds, and none may seem to have been dealt with already.
fn between_occurrences(at: DateTime<Utc>) -> DateTime<Utc> {
    match at.timestamp_subsec_micros() {
        0 => at + INSTANT,
        _ => at,
    }
}

fn until(now: DateTime<Utc>, at: DateTime<Utc>) -> Duration {
    (at - now).to_std().unwrap_or_default()
}

/// The occurrences since `first` that are to run, in their order.
///
/// One is missed only if no server was live at its time; the others run, however late. They are
/// walked backwards, newest first, since a schedule of every second that has slept for a month
/// has millions of them, of which a few run.
fn due_occurrences(
    schedule: &Schedule,
    first: DateTime<Utc>,
    now: DateTime<Utc>,
    misfire: Misfire,
    servers: &[ServerRow],
    silence: Duration,
) -> Vec<DateTime<Utc>> {
    let spans: Vec<_> = servers.iter().map(|server| live_span(server, now, silence)).collect();
    let live = |at: DateTime<Utc>| spans.iter().any(|span| span.contains(&at));
    let mut runs = VecDeque::new();
    let mut missed = 0;
    let mut next = schedule.previous_before(now + INSTANT);
    while let Some(at) = next.filter(|at| *at >= first && runs.len() < MOST_AT_ONCE) {
        let is_live = live(at);
        missed += usize::from(!is_live);
        let runs_late = match misfire {
            Misfire::All => true,
            Misfire::Once => missed == 1,
            Misfire::Skip => false,
        };
        if is_live || runs_late {
            runs.push_front(at);
        }
        let skips = misfire == Misfire::Skip || (misfire == Misfire::Once && missed > 0);
        next = match skips && !is_live {
            false => schedule.previous_before(at),
            // Over the time in which no server was live and nothing runs.
            true => spans
                .iter()
                .map(|span| *span.end())
                .filter(|end| *end < at)
                .max()
                .and_then(|end| schedule.previous_before(end + INSTANT)),
        };
    }
    runs.into()
}

/// From when to when a server was live: what fell into an outage, or into the sleep of the
/// machine, is missed, whether the server fires or sends its heartbeat first after it.
fn live_span(
    server: &ServerRow,
    now: DateTime<Utc>,
    silence: Duration,
) -> RangeInclusive<DateTime<Utc>> {
    let beats = !server.gone && until(server.heartbeat_at, now) < silence;
    server.live_since..=if beats { now } else { server.heartbeat_at }
}

async fn enqueue_occurrence(
    t: &mut impl Tables,
    row: &mut RecurringRow,
    at: DateTime<Utc>,
    retention: &Retention,
    effects: &mut Effects,
) -> Result<()> {
    let running = match (row.overlap, row.last_job) {
        (Overlap::Allow, _) | (_, None) => None,
        (_, Some(last)) => {
            let placed = t.placed(&[last], Hold::Stay).await?;
            let state = placed.first().map(|placed| placed.placement.state);
            state.filter(|state| !state.is_settled()).map(|state| (last, state))
        }
    };
    let due = match row.jitter {
        Duration::ZERO => Due::Now,
        most => Due::In(jitter(most)),
    };
    let job = match (row.overlap, running) {
        (_, None) => Some(new_job(row, due, Parents::default())),
        (Overlap::Queue, Some((last, state))) if state != State::Awaiting => {
            Some(new_job(row, due, after(last)))
        }
        _ => None,
    };
    let fire = FireRow { recurring: row.id.clone(), at, job: job.as_ref().map(|job| job.id) };
    if t.insert_fires(&[fire]).await?.is_empty() {
        return Ok(());
    }
    if let Some(job) = job {
        row.last_job = Some(job.id);
        enqueue(t, &[job], retention, effects).await?;
    }
    Ok(())
}

fn after(parent: JobId) -> Parents {
    let edge = ParentEdge { parent, trigger: Trigger::Finished, as_result: false };
    Parents { edges: vec![edge], hand_over: HandOver::Nothing }
}

fn new_job(row: &RecurringRow, due: Due, parents: Parents) -> NewJob {
    NewJob {
        id: JobId::new(),
        kind: row.kind.clone().into(),
        queue: row.queue.clone().into(),
        priority: row.priority,
        args: row.args.clone(),
        options: row.options.clone(),
        tags: Overrides::tags_in(row.options.as_deref()),
        expires: row.expires,
        due,
        unique: None,
        parents,
        batch: None,
        keys: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::servers::Vitals;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn server(from: i64, to: i64, gone: bool) -> ServerRow {
        ServerRow {
            id: 1,
            name: String::new(),
            queues: Vec::new(),
            kinds: Vec::new(),
            workers: 1,
            started_at: at(from),
            live_since: at(from),
            heartbeat_at: at(to),
            gone,
            paused: false,
            stopping: false,
            vitals: Vitals::default(),
        }
    }

    fn due(first: i64, now: i64, misfire: Misfire, servers: &[ServerRow]) -> Vec<i64> {
        let schedule = Schedule::parse("@every 1s", "UTC").expect("an expression");
        let silence = Duration::from_secs(15);
        due_occurrences(&schedule, at(first), at(now), misfire, servers, silence)
            .into_iter()
            .map(|at| at.timestamp())
            .collect()
    }

    #[test]
    fn what_passed_while_a_server_was_live_runs_however_late() {
        let servers = [server(0, 100, false)];
        assert_eq!(due(98, 101, Misfire::Skip, &servers), [98, 99, 100, 101]);
    }

    #[test]
    fn what_passed_while_none_was_live_is_for_misfire_to_say() {
        let month = 30 * 24 * 3600;
        let servers = [server(0, 103, true), server(month, month, false)];
        let now = month + 1;
        assert_eq!(due(101, now, Misfire::Skip, &servers), [101, 102, 103, month, now]);
        let once = due(101, now, Misfire::Once, &servers);
        assert_eq!(once, [101, 102, 103, month - 1, month, now]);
        assert_eq!(due(101, now, Misfire::All, &servers).len(), MOST_AT_ONCE);
    }
}
