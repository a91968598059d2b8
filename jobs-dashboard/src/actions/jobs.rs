//! What is done to jobs: to chosen ones, or to all that match.

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use jobs_runtime::{Acted, Client, JobId, JobState, Placement};

use super::{Answer, done, report, warn};
use crate::app::App;
use crate::bulk::Tally;
use crate::failure::Failure;
use crate::fields::{Fields, Posted};
use crate::json;
use crate::pages::filter::{Filter, STATES, instant};
use crate::visit::Visit;

#[derive(Debug, Clone, Copy)]
enum Act {
    Requeue,
    Delete,
    /// Of a scheduled job: at once.
    Run,
    Reschedule(DateTime<Utc>),
}

/// A job as the visitor saw it.
struct Seen {
    id: JobId,
    placement: Placement,
}

pub(crate) async fn act(v: Visit, State(app): State<App>, Posted(fields): Posted) -> Answer {
    let act = Act::of(&fields)?;
    if fields.get("all").is_some() {
        let search = Filter::of(&fields).to_search()?;
        let acting = match act {
            Act::Requeue | Act::Run => app.client.requeueing(&search),
            Act::Delete => app.client.deleting(&search),
            Act::Reschedule(_) => return Err(Failure::bad("action", "reschedule")),
        };
        let tally = app.bulks.act(act.done(), acting).await?;
        return tell(&v, &fields, act, tally);
    }
    let mut tally = Tally::default();
    for job in fields.all("job") {
        match act_on(&app.client, act, Seen::of(job)?).await? {
            Acted::Done => tally.done += 1,
            Acted::Refused(_) => tally.refused += 1,
            _ => tally.moved_on += 1,
        }
    }
    tell(&v, &fields, act, Some(tally))
}

fn tell(v: &Visit, fields: &Fields, act: Act, tally: Option<Tally>) -> Answer {
    match tally {
        Some(tally) if tally == Tally::default() => {
            warn(v, fields, "/jobs", v.t("done.nothing").to_owned())
        }
        _ => report(v, fields, "/jobs", act.done(), tally),
    }
}

impl Act {
    fn of(fields: &Fields) -> Result<Self, Failure> {
        match fields.need("action")? {
            "requeue" => Ok(Self::Requeue),
            "delete" => Ok(Self::Delete),
            "run" => Ok(Self::Run),
            "reschedule" => {
                let at = fields.need("at")?;
                instant("at", at)?.map(Self::Reschedule).ok_or_else(|| Failure::bad("at", at))
            }
            other => Err(Failure::bad("action", other)),
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Requeue | Self::Run => "done.requeued",
            Self::Delete => "done.deleted",
            Self::Reschedule(_) => "done.rescheduled",
        }
    }
}

impl Seen {
    /// From `id:state:version`.
    fn of(text: &str) -> Result<Self, Failure> {
        let parse = || {
            let (id, rest) = text.split_once(':')?;
            let (state, version) = rest.split_once(':')?;
            let state: JobState = STATES.into_iter().find(|other| other.as_str() == state)?;
            let placement = Placement { state, version: version.parse().ok()? };
            Some(Self { id: id.parse().ok()?, placement })
        };
        parse().ok_or_else(|| Failure::bad("job", text))
    }
}

async fn act_on(client: &Client, act: Act, job: Seen) -> Result<Acted, Failure> {
    let seen = Some(job.placement);
    Ok(match act {
        Act::Requeue | Act::Run => client.requeue(job.id, seen).await?,
        Act::Delete => client.delete(job.id, seen).await?,
        Act::Reschedule(at) => client.reschedule(job.id, at, seen).await?,
    })
}

/// Enqueues a job once more, with the arguments of the form.
pub(crate) async fn again(
    v: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Posted(fields): Posted,
) -> Answer {
    let id: JobId = id.parse().map_err(|_| Failure::Missing)?;
    let args = fields.need("args")?;
    // What is no JSON is refused by the client, with the reason.
    let args = json::compact(args).unwrap_or_else(|| args.to_owned());
    let again = app.client.enqueue_again(id, &args).await?;
    let again = again.ok_or(Failure::Missing)?.id();
    done(&v, &Fields::default(), &format!("/jobs/{again}"), v.t1("done.again", again))
}
