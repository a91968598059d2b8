//! Enqueues due occurrences of recurring schedules. Every server tries; a schedule's row is
//! locked by one of them at a time, and each occurrence is recorded once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::outage::Outage;
use super::registry::Registry;
use super::server::Server;
use crate::client::Client;
use crate::error::{Error, StorageError};
use crate::job::{Made, RecurringRegistration};
use crate::recurring::next_of;
use crate::request::check_queue;
use crate::storage::{Effects, Fired, RecurringRow};

/// The pause before a schedule is looked at again that another server has in hand.
const BUSY: Duration = Duration::from_millis(250);
/// The longest sleep, so that a clock that was set is noticed.
const LONGEST: Duration = Duration::from_secs(30);

pub(super) async fn run(server: Arc<Server>) {
    let mut outage = Outage::new("recurring schedules are late");
    let mut version = server.recurring_version.subscribe();
    let mut due: HashMap<String, Instant> = HashMap::new();
    version.mark_changed();
    loop {
        if version.has_changed().unwrap_or(false) {
            version.mark_unchanged();
            match load(&server).await {
                Ok(loaded) => due = loaded,
                Err(error) => {
                    outage.wait(&error).await;
                    version.mark_changed();
                    continue;
                }
            }
        }
        let first = due.values().min().copied();
        let sleep = first.map_or(LONGEST, |at| at.saturating_duration_since(Instant::now()));
        tokio::select! {
            () = tokio::time::sleep(sleep.min(LONGEST)) => {}
            _ = version.changed() => {
                version.mark_changed();
                continue;
            }
            () = server.stopping.cancelled() => return,
        }
        if first.is_none_or(|at| at > Instant::now()) {
            // Slept for the longest time: how far off they are is asked anew.
            version.mark_changed();
            continue;
        }
        match fire_due(&server, &mut due).await {
            Ok(()) => outage.over(),
            Err(error) => outage.wait(&error).await,
        }
    }
}

async fn fire_due(server: &Server, due: &mut HashMap<String, Instant>) -> Result<(), StorageError> {
    let now = Instant::now();
    let ready: Vec<String> =
        due.iter().filter(|(_, at)| **at <= now).map(|(id, _)| id.clone()).collect();
    for id in ready {
        let mut effects = Effects::default();
        let (silence, retention) = (server.settings.dead_after, server.client().retention());
        let fired = server.storage().fire(&id, silence, retention, &mut effects).await?;
        server.storage().tell(effects);
        match fired {
            Fired::Busy => due.insert(id, Instant::now() + BUSY),
            Fired::Stands { next: Some(next) } => due.insert(id, Instant::now() + next),
            Fired::Stands { next: None } | Fired::Gone => due.remove(&id),
        };
    }
    Ok(())
}

/// When each schedule is due that this server may fire: those added at run time for a kind that
/// it knows, and those that it declares itself. One whose declaration was taken out of the
/// program is left to the servers that still have it.
async fn load(server: &Server) -> Result<HashMap<String, Instant>, StorageError> {
    let now = server.storage().now().await?;
    let rows = server.storage().recurring().await?;
    let fires = |row: &&RecurringRow| {
        let declared = || server.registry.recurring().iter().any(|own| own.id == row.id);
        let known = server.registry.kind(&row.kind).is_some();
        known && !row.paused && (row.declared.is_none() || declared())
    };
    let due = rows.iter().filter(fires).filter_map(|row| {
        let wait = (row.next_at? - now).to_std().unwrap_or_default();
        Some((row.id.clone(), Instant::now() + wait))
    });
    Ok(due.collect())
}

/// Stores the schedules that the program declares. One that was edited since stays as it is,
/// unless its declaration has changed.
pub(super) async fn declare(client: &Client, registry: &Registry) -> Result<(), Error> {
    for schedule in registry.recurring() {
        let fresh = declared_row(schedule, registry)?;
        let edit = |stored: Option<RecurringRow>, now: DateTime<Utc>| match stored {
            Some(stored) if stored.declared == fresh.declared => None,
            stored => Some(RecurringRow {
                next_at: next_of(stored.as_ref(), &fresh, now),
                last_at: stored.as_ref().and_then(|stored| stored.last_at),
                last_job: stored.and_then(|stored| stored.last_job),
                ..fresh.clone()
            }),
        };
        client.storage().edit_recurring(schedule.id, edit).await?;
    }
    Ok(())
}

fn declared_row(
    schedule: &RecurringRegistration,
    registry: &Registry,
) -> Result<RecurringRow, Error> {
    let invalid = |message: String| Error::InvalidSchedule { id: schedule.id.to_owned(), message };
    let kind = registry.kind(schedule.kind);
    let kind = kind.ok_or_else(|| invalid(format!("the kind `{}` is unknown", schedule.kind)))?;
    let args = (schedule.args)()
        .map_err(|error| invalid(format!("its arguments do not encode as JSON: {error}")))?;
    let Made { queue, options } = (kind.registration.made_of)(&args)?;
    check_queue(&queue)?;
    let mut row = RecurringRow {
        id: schedule.id.to_owned(),
        kind: schedule.kind.to_owned(),
        queue: queue.into_owned(),
        priority: kind.policy.priority,
        args,
        options,
        expires: kind.policy.expires,
        cron: schedule.cron.to_owned(),
        tz: schedule.tz.to_owned(),
        misfire: schedule.misfire,
        overlap: schedule.overlap,
        jitter: schedule.jitter,
        paused: schedule.paused,
        declared: None,
        next_at: None,
        last_at: None,
        last_job: None,
        error: None,
    };
    row.declared = Some(format!("{row:?}"));
    Ok(row)
}
