//! What is done to jobs: to chosen ones, or to all that match.

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use jobs_runtime::{Acted, Client, JobId, JobState, Placement};

use super::{Answer, done, warn};
use crate::app::App;
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

/// To how many jobs it was done, and to how many not.
#[derive(Debug, Default)]
struct Tally {
    done: u64,
    moved_on: u64,
    refused: u64,
}

pub(crate) async fn act(v: Visit, State(app): State<App>, Posted(fields): Posted) -> Answer {
    let act = Act::of(&fields)?;
    let tally = match fields.get("all") {
        Some(_) => act_on_all(&app.client, act, &Filter::of(&fields)).await?,
        None => {
            let mut tally = Tally::default();
            for job in fields.all("job") {
                tally.count(&act_on(&app.client, act, Seen::of(job)?).await?);
            }
            tally
        }
    };
    report(&v, &fields, act, &tally)
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

impl Tally {
    fn count(&mut self, acted: &Acted) {
        match acted {
            Acted::Done => self.done += 1,
            Acted::Refused(_) => self.refused += 1,
            _ => self.moved_on += 1,
        }
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

async fn act_on_all(client: &Client, act: Act, filter: &Filter) -> Result<Tally, Failure> {
    let search = filter.to_search()?;
    let all = match act {
        Act::Requeue | Act::Run => client.requeue_all(&search).await?,
        Act::Delete => client.delete_all(&search).await?,
        Act::Reschedule(_) => return Err(Failure::bad("action", "reschedule")),
    };
    let count = |count: usize| count as u64;
    Ok(Tally { done: count(all.done), moved_on: count(all.moved_on), refused: count(all.refused) })
}

fn report(v: &Visit, fields: &Fields, act: Act, tally: &Tally) -> Answer {
    let Tally { done: count, moved_on, refused } = *tally;
    if count + moved_on + refused == 0 {
        return warn(v, fields, "/jobs", v.t("done.nothing").to_owned());
    }
    let mut text = v.count(act.done(), count);
    for (key, count) in [("done.moved_on", moved_on), ("done.refused", refused)] {
        if count > 0 {
            text.push(' ');
            text.push_str(&v.count(key, count));
        }
    }
    match moved_on + refused {
        0 => done(v, fields, "/jobs", text),
        _ => warn(v, fields, "/jobs", text),
    }
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
