//! Which lists a search goes through, and from where.

use crate::job::State;
use crate::storage::model::List;
use crate::storage::search::{Cursor, JobFilter, Key, Section, Sieve};
use crate::storage::tables::{Result, Tables};

/// A tag that more jobs have is not walked where the states are named, whose lists may be shorter.
const FEW_TAGGED: u32 = 1_000;

/// A list, or several that are walked as one.
#[derive(Debug)]
pub(super) enum Stop {
    Line(String),
    /// Every other state has one list.
    State(State),
    /// What is Scheduled for another attempt.
    Retries,
    Tagged(String),
}

impl Stop {
    /// `None` if its jobs may be in any state.
    pub(super) fn state(&self) -> Option<State> {
        match self {
            Self::Line(_) => Some(State::Enqueued),
            Self::State(state) => Some(*state),
            Self::Retries => Some(State::Scheduled),
            Self::Tagged(_) => None,
        }
    }

    /// The list that an index keeps, if it is one.
    pub(super) fn list(&self) -> Option<List<'_>> {
        match self {
            Self::Line(queue) => Some(List::Line(queue)),
            Self::Tagged(tag) => Some(List::Tagged(tag)),
            Self::Retries => Some(List::Retries),
            Self::State(State::Scheduled) => Some(List::Schedule),
            Self::State(State::Awaiting) => Some(List::Awaiting),
            Self::State(State::Failed) => Some(List::Failed),
            Self::State(State::Deleted) => Some(List::Deleted),
            Self::State(State::Processing | State::Succeeded | State::Enqueued) => None,
        }
    }

    pub(super) fn cursor(&self, key: Key) -> Cursor {
        let (section, name) = match self {
            Self::Line(queue) => (Section::State(State::Enqueued), queue.clone()),
            Self::State(state) => (Section::State(*state), String::new()),
            Self::Retries => (Section::Retries, String::new()),
            Self::Tagged(tag) => (Section::Tagged, tag.clone()),
        };
        Cursor { section, key, name }
    }

    /// Where to begin: at the cursor if it is of this list, or at its head.
    pub(super) fn start(&self, filter: &JobFilter) -> Key {
        if let Some(cursor) = &filter.after
            && self.cursor(cursor.key) == *cursor
        {
            return cursor.key;
        }
        match self.state() {
            Some(State::Enqueued | State::Scheduled) => Key::FIRST,
            Some(state) if state.is_settled() => match filter.finished.before {
                Some(before) => Key { at: before.saturating_sub(1), ..Key::LAST },
                None => Key::LAST,
            },
            _ => Key::LAST,
        }
    }

    /// In lists by the time of the end: before which time nothing is that is asked for.
    pub(super) fn floor(&self, filter: &JobFilter) -> Option<i64> {
        let by_end = self.state().is_some_and(State::is_settled);
        filter.finished.from.max(filter.created.from).filter(|_| by_end)
    }

    /// What is left to compare, where the list holds nothing but the queue or the tag.
    pub(super) fn sieve(&self, sieve: &Sieve) -> Sieve {
        let mut sieve = sieve.clone();
        match self {
            Self::Line(_) => sieve.queues.clear(),
            Self::Tagged(tag) => sieve.tags.retain(|other| other != tag),
            Self::State(_) | Self::Retries => {}
        }
        sieve
    }

    /// Whether the whole list comes before the cursor.
    fn is_behind(&self, cursor: &Cursor) -> bool {
        let Section::State(reached) = cursor.section else { return false };
        let place = |state: State| State::ALL.iter().position(|other| *other == state);
        let Some(state) = self.state() else { return true };
        match self {
            Self::Line(queue) if state == reached => queue.as_str() < cursor.name.as_str(),
            _ => place(state) < place(reached),
        }
    }
}

/// The lists for a filter, without those that its cursor has passed.
pub(super) async fn stops(t: &mut impl Tables, filter: &JobFilter) -> Result<Vec<Stop>> {
    if let Some(tag) = tag_to_walk(t, filter).await? {
        return Ok(vec![Stop::Tagged(tag)]);
    }
    let never_run = !filter.kinds.is_empty() && !is_announced(t, &filter.kinds).await?;
    let mut stops = Vec::new();
    for state in filter.possible_states() {
        match state {
            State::Enqueued => stops.extend(lines(t, filter).await?),
            State::Processing | State::Succeeded if never_run => {}
            State::Scheduled if filter.retrying => stops.push(Stop::Retries),
            _ => stops.push(Stop::State(state)),
        }
    }
    if let Some(cursor) = &filter.after {
        stops.retain(|stop| !stop.is_behind(cursor));
    }
    Ok(stops)
}

/// Whether a server has ever known one of the kinds: if none has, none of their jobs was ever run,
/// and the longest list need not be searched.
async fn is_announced(t: &mut impl Tables, kinds: &[String]) -> Result<bool> {
    Ok(t.kinds().await?.iter().any(|kind| kinds.contains(&kind.name)))
}

async fn lines(t: &mut impl Tables, filter: &JobFilter) -> Result<Vec<Stop>> {
    let mut queues = match filter.queues.is_empty() {
        true => t.lines().await?,
        false => filter.queues.clone(),
    };
    queues.sort_unstable();
    queues.dedup();
    Ok(queues.into_iter().map(Stop::Line).collect())
}

/// The tag by which jobs are looked up, if they are. A page goes on as the one before it began.
async fn tag_to_walk(t: &mut impl Tables, filter: &JobFilter) -> Result<Option<String>> {
    if let Some(cursor) = &filter.after {
        return Ok(cursor.is_of_a_tag().then(|| cursor.name.clone()));
    }
    if filter.retrying {
        return Ok(None);
    }
    let mut rarest: Option<(u32, &String)> = None;
    for tag in &filter.tags {
        let size = t.tag_size(tag, FEW_TAGGED + 1).await?;
        if rarest.is_none_or(|(least, _)| size < least) {
            rarest = Some((size, tag));
        }
    }
    let any_state = filter.states.is_empty() && filter.finished.is_all();
    let rarest = rarest.filter(|(size, _)| any_state || *size <= FEW_TAGGED);
    Ok(rarest.map(|(_, tag)| tag.clone()))
}
