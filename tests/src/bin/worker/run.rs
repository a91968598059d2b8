//! Runs jobs until a signal arrives.

use std::time::Duration;

use anyhow::Result;
use jobs_runtime::{Runtime, Storage};
use jobs_tests::checker::{Event, Record};

use crate::arguments::Run;
use crate::effects::Database;
use crate::kinds::{Newer, Tick};

pub(crate) async fn run(
    storage: Storage,
    record: Record,
    database: Database,
    settings: &Run,
) -> Result<()> {
    // By its name the checker finds the process of a server.
    let name = std::process::id().to_string();
    let mut builder = Runtime::builder(storage).name(name).workers(settings.workers);
    builder = builder.state(record.clone()).state(database);
    if let Some(millis) = settings.heartbeat {
        builder = builder.heartbeat_every(Duration::from_millis(millis));
    }
    if let Some(millis) = settings.dead_after {
        builder = builder.dead_after(Duration::from_millis(millis));
    }
    if let Some(millis) = settings.grace {
        builder = builder.grace(Duration::from_millis(millis));
    }
    if !settings.tick {
        builder = builder.without::<Tick>();
    }
    if settings.old {
        builder = builder.without::<Newer>();
    }
    let runtime = builder.start().await?;
    record.note(Event::Ready);
    Ok(runtime.run_until_signal().await?)
}
