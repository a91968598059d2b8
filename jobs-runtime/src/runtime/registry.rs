//! The kinds and schedules that a program declares, checked at start-up.

use std::collections::{HashMap, HashSet};

use jobs_cron::Schedule;

use crate::context::States;
use crate::error::Error;
use crate::job::{OnExhausted, Policy, RecurringRegistration, Registration};
use crate::request::{check_kind, check_queue};
use crate::storage::KindRow;

/// A kind that this runtime can run.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) registration: Registration,
    pub(crate) policy: Policy,
}

#[derive(Debug, Default)]
pub(crate) struct Registry {
    kinds: Vec<Kind>,
    /// Positions in `kinds`, by name and by alias.
    by_name: HashMap<String, usize>,
    recurring: Vec<RecurringRegistration>,
}

impl Registry {
    /// Gathers what the macros left, and what was registered by hand.
    ///
    /// # Errors
    /// Everything that does not fit together, in one go.
    pub(crate) fn gather(
        by_hand: &[Registration],
        without: &HashSet<&'static str>,
        states: &States,
    ) -> Result<Self, Error> {
        let mut registry = Self::default();
        let mut problems = Vec::new();
        let linked = inventory::iter::<Registration>.into_iter().copied();
        for registration in linked.chain(by_hand.iter().copied()) {
            if !without.contains(registration.name) {
                registry.add(registration, states, &mut problems);
            }
        }
        for schedule in inventory::iter::<RecurringRegistration> {
            if !without.contains(schedule.kind) {
                registry.add_recurring(*schedule, &mut problems);
            }
        }
        match problems.is_empty() {
            true => Ok(registry),
            false => Err(Error::Startup(problems)),
        }
    }

    fn add(&mut self, registration: Registration, states: &States, problems: &mut Vec<String>) {
        let (name, place) = (registration.name, registration.place());
        let problem = check_kind(name).and_then(|()| check_queue(registration.queue)).err();
        problems.extend(problem.map(|problem| format!("{place}: {problem}")));
        if let Err(missing) = (registration.check)(states) {
            problems.push(format!("{place}: job `{name}`: {missing}"));
        }
        let position = self.kinds.len();
        for name in std::iter::once(&name).chain(registration.aliases) {
            let Some(other) = self.by_name.insert((*name).to_owned(), position) else { continue };
            let other = self.kinds[other].registration;
            // One kind may be linked in and registered by hand as well.
            if other.type_id != registration.type_id {
                problems.push(format!(
                    "two jobs are named `{name}`: {} and {place}; give one of them another \
                     `name`",
                    other.place()
                ));
            }
        }
        self.kinds.push(Kind { registration, policy: (registration.policy)() });
    }

    fn add_recurring(&mut self, schedule: RecurringRegistration, problems: &mut Vec<String>) {
        let (id, place) = (schedule.id, schedule.place());
        if let Some(other) = self.recurring.iter().find(|other| other.id == id) {
            problems.push(format!(
                "two recurring schedules have the id `{id}`: {} and {place}; give one of them \
                 another `id`",
                other.place()
            ));
        }
        if !self.by_name.contains_key(schedule.kind) {
            problems.push(format!(
                "{place}: recurring schedule `{id}` is for the kind `{}`, which is not registered",
                schedule.kind
            ));
        }
        if let Err(error) = Schedule::parse(schedule.cron, schedule.tz) {
            problems.push(format!("{place}: recurring schedule `{id}`: {error}"));
        }
        self.recurring.push(schedule);
    }

    pub(crate) fn kind(&self, name: &str) -> Option<&Kind> {
        self.by_name.get(name).and_then(|position| self.kinds.get(*position))
    }

    pub(crate) fn recurring(&self) -> &[RecurringRegistration] {
        &self.recurring
    }

    /// A kind that encrypts something, if there is one.
    pub(crate) fn encrypting(&self) -> Option<&'static str> {
        let kind = self.kinds.iter().find(|kind| kind.registration.encrypts_output)?;
        Some(kind.registration.name)
    }

    /// All names under which jobs of these kinds are stored.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.by_name.keys().cloned().collect();
        names.sort_unstable();
        names
    }

    /// The queues that these kinds go to, and those that the arguments of a schedule make of one
    /// with parameters, each once.
    pub(crate) fn queues(&self) -> Vec<String> {
        let made = |schedule: &RecurringRegistration| {
            // One that is wrong is told when the schedule is declared.
            let args = (schedule.args)().ok()?;
            let made = (self.kind(schedule.kind)?.registration.made_of)(&args).ok()?;
            Some(made.queue.into_owned())
        };
        let named = self.kinds.iter().map(|kind| kind.registration.queue.to_owned());
        let mut queues: Vec<String> = named.chain(self.recurring.iter().filter_map(made)).collect();
        queues.sort_unstable();
        queues.dedup();
        queues
    }

    /// What is announced to the other servers.
    pub(crate) fn announced(&self) -> Vec<KindRow> {
        let row = |(name, position): (&String, &usize)| {
            let kind = &self.kinds[*position];
            let on_exhausted: OnExhausted = kind.policy.on_exhausted;
            KindRow {
                name: name.clone(),
                queue: kind.registration.queue.to_owned(),
                retries: kind.policy.retries,
                on_exhausted,
            }
        };
        self.by_name.iter().map(row).collect()
    }
}
