//! Pausing and emptying queues.

use axum::extract::State;
use jobs_runtime::{JobFilter, JobState};

use super::{Answer, done, report};
use crate::app::App;
use crate::failure::Failure;
use crate::fields::Posted;
use crate::visit::Visit;

const HERE: &str = "/queues";

pub(crate) async fn act(v: Visit, State(app): State<App>, Posted(fields): Posted) -> Answer {
    let queue = fields.need("queue")?;
    let text = match fields.need("action")? {
        "pause" => {
            app.client.pause_queue(queue).await?;
            v.t1("done.paused", queue)
        }
        "resume" => {
            app.client.resume_queue(queue).await?;
            v.t1("done.resumed", queue)
        }
        "purge" => {
            let waiting = JobFilter::new().state(JobState::Enqueued).queue(queue);
            let tally = app.bulks.act("done.deleted", app.client.deleting(&waiting)).await?;
            return report(&v, &fields, HERE, "done.deleted", tally);
        }
        other => return Err(Failure::bad("action", other)),
    };
    done(&v, &fields, HERE, text)
}
