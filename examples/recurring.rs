//! Recurring jobs: declared on the function, added at run time, triggered, and listed.
//!
//! ```text
//! cargo run --example recurring
//! ```

use jobs_runtime::prelude::*;

/// Runs each second, and leaves an occurrence out while the last run is not over.
#[recurring(every = "1s", overlap = "skip")]
async fn tick(ctx: JobContext) {
    println!("tick, job {}", ctx.id());
}

/// At nine on working days in Istanbul. The expression and the zone are checked while compiling.
#[recurring(cron = "0 9 * * MON-FRI", tz = "Europe/Istanbul", misfire = "once")]
async fn morning_report() {
    println!("good morning");
}

#[job]
async fn clean_up(days: u32) {
    println!("removed what is older than {days} days");
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let storage = Storage::connect("sqlite::memory:").await?;
    let runtime = Runtime::builder(storage).start().await?;

    // One that is known only at run time, here by the second: six fields, seconds in front.
    RecurringJob::new("clean-up", "*/2 * * * * *", clean_up::job(30))
        .tz("Europe/Istanbul")
        .add_or_update()
        .await?;

    // A run now, beside the schedule.
    if let Some(run) = RecurringJob::trigger("morning_report").await? {
        run.wait().await?;
    }

    tokio::time::sleep(Duration::from_millis(3_500)).await;
    RecurringJob::pause("tick").await?;

    println!();
    for schedule in RecurringJob::list().await? {
        let next = match (schedule.paused, schedule.next_at) {
            (true, _) => "paused".to_owned(),
            (false, Some(at)) => format!("next at {}", at.format("%Y-%m-%d %H:%M:%S UTC")),
            (false, None) => "never fires".to_owned(),
        };
        println!("{:<15} {:<15} {:<16} {next}", schedule.id, schedule.cron, schedule.tz);
    }

    runtime.shutdown().await?;
    Ok(())
}
