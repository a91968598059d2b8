//! Ending a job inside a transaction of its own function, with what the function has written.

use std::any::{TypeId, type_name};
use std::pin::Pin;
use std::time::Duration;

use serde::Serialize;

use super::JobContext;
use crate::error::Error;
use crate::job::{JobId, encode_output};
use crate::protect::Part;
use crate::storage::{Complete, Completion, Count, Effects, Member, Outcome, Transaction};

/// How long the lease of the job's batch is waited for. Only a transaction that hung something onto
/// a job of that batch keeps it so long, and it may be the caller's, who waits here.
const LEASE_WITHIN: Duration = Duration::from_secs(10);

/// What a running job asks of its server to end in a transaction of its own.
pub(crate) trait Lessor: Send + Sync {
    /// The id under which the server is announced.
    fn server(&self) -> i64;

    /// Moves the job to a lease of its own, and gives that; `None` if the server has lost the job.
    /// It may hold slots of throttles, which then go along.
    fn set_apart(&self, lease: i64, member: Member, holds_slot: bool) -> SetApart<'_>;
}

pub(crate) type SetApart<'s> =
    Pin<Box<dyn Future<Output = Result<Option<i64>, Error>> + Send + 's>>;

/// What a run has done about its end.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    /// The lease that the job has to itself.
    pub(crate) own_lease: Option<i64>,
    /// Its end may have been written, if a transaction of the function's was committed.
    pub(crate) tried: bool,
    /// What that transaction did that others wait for.
    pub(crate) effects: Option<Effects>,
    /// The run is over.
    closed: bool,
}

impl Ending {
    /// Whether the end of the job is as it would be without any of this.
    pub(crate) fn is_ordinary(&self) -> bool {
        self.own_lease.is_none() && !self.tried
    }

    fn check(&self, job: JobId) -> Result<(), Error> {
        match self.closed || self.effects.is_some() {
            true => Err(Error::AlreadyCompleted { job }),
            false => Ok(()),
        }
    }
}

impl JobContext {
    /// Ends the job as succeeded inside a transaction of the function's own: its success commits
    /// together with what else the transaction has written, or not at all. So these effects happen
    /// exactly once, however often the job is run.
    ///
    /// ```no_run
    /// use jobs_runtime::prelude::*;
    ///
    /// #[job]
    /// async fn transfer(
    ///     amount: i64,
    ///     ctx: JobContext,
    ///     #[inject] bank: State<sqlx::SqlitePool>,
    /// ) -> anyhow::Result<()> {
    ///     let mut tx = bank.begin_with("BEGIN IMMEDIATE").await?;
    ///     sqlx::query("INSERT INTO transfer VALUES (?)").bind(amount).execute(&mut *tx).await?;
    ///     ctx.complete_in(&mut tx, &()).await?;
    ///     tx.commit().await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// - Call it last, and commit at once: until then, other writers of an SQLite file wait.
    /// - When the function returns, what the database holds decides. If the transaction was
    ///   committed, the job has succeeded with `output`, whatever the function returns after that.
    ///   If it was rolled back, the job ends as it would have without this call.
    /// - Continuations start, and waiters are told, when the function has returned.
    ///
    /// # Errors
    /// After an error, roll the transaction back: nothing in it belongs to a job that is still this
    /// run's. [`Error::LeaseLost`] if the job was taken from its server, or deleted or requeued,
    /// meanwhile; [`Error::AlreadyCompleted`] at a second call; [`Error::ForeignTransaction`] if
    /// the transaction is of another database than the job; [`Error::OutputType`] if `output` is
    /// not what the job's function returns; [`Error::OutputTooLarge`]; [`Error::LeaseHeld`];
    /// [`Error::Storage`].
    pub async fn complete_in<'t, T: Serialize + 'static>(
        &self,
        transaction: impl Into<Transaction<'t>>,
        output: &T,
    ) -> Result<(), Error> {
        let transaction = transaction.into();
        let output = self.output_of(output)?;
        let lease = self.lease_for_ending().await?;
        let mut ending = self.0.ending.lock().await;
        ending.check(self.0.id)?;
        let now = self.0.begun.elapsed();
        let completion = Completion {
            job: self.0.id,
            lease,
            seq: self.0.seq,
            count: self.count(),
            outcome: Outcome::Succeeded { output },
            age: now,
            took: now,
            keep: self.0.keep,
            batch: self.0.batch,
            // It is free when the function has returned.
            holds_slot: false,
        };
        let (client, own_lease) = (self.client(), ending.own_lease);
        let params = Complete {
            server: self.lessor()?.server(),
            completions: std::slice::from_ref(&completion),
            drained: own_lease.as_slice(),
            again: false,
            retention: client.retention(),
        };
        ending.tried = true;
        let done = client.storage().complete_in(transaction, &params).await?;
        if !done.refused.is_empty() {
            return Err(Error::LeaseLost { job: self.0.id });
        }
        ending.effects = Some(done.effects);
        Ok(())
    }

    /// The lease under which the job ends in a transaction of its function: one that no other job
    /// is in, where such a transaction locks it.
    async fn lease_for_ending(&self) -> Result<i64, Error> {
        // A task of its own, so that the move is known to its end even if the caller is dropped.
        let ctx = self.clone();
        let moved = tokio::spawn(async move {
            let mut ending = ctx.0.ending.lock().await;
            ending.check(ctx.0.id)?;
            if !ctx.client().storage().locks_leases() {
                return Ok(ctx.0.lease);
            }
            if let Some(own) = ending.own_lease {
                return Ok(own);
            }
            if ctx.0.solo {
                ending.own_lease = Some(ctx.0.lease);
                return Ok(ctx.0.lease);
            }
            let lessor = ctx.lessor()?;
            let member = Member { job: ctx.0.id, seq: ctx.0.seq, count: ctx.count() };
            let apart = lessor.set_apart(ctx.0.lease, member, ctx.0.holds_slot);
            let own = tokio::time::timeout(LEASE_WITHIN, apart).await;
            let own = own.unwrap_or(Err(Error::LeaseHeld { job: ctx.0.id }))?;
            ending.own_lease = own;
            own.ok_or(Error::LeaseLost { job: ctx.0.id })
        });
        // Only a runtime that is going takes the task along.
        moved.await.unwrap_or(Err(Error::LeaseLost { job: self.0.id }))
    }

    fn output_of<T: Serialize + 'static>(&self, output: &T) -> Result<Option<String>, Error> {
        let (kind, returned) = (self.0.kind, self.0.output);
        if returned.id != TypeId::of::<T>() {
            let (expected, found) = ((returned.name)(), type_name::<T>());
            return Err(Error::OutputType { kind, expected, found });
        }
        let json = encode_output(output)
            .map_err(|error| Error::EncodeOutput { kind, source: error.into() })?;
        let json = json.map(|json| self.sealed(json, Part::Output)).transpose();
        let json = json.map_err(Error::Setting)?;
        let (bytes, limit) =
            (json.as_ref().map_or(0, String::len), self.client().limits().largest_output());
        match bytes <= limit {
            true => Ok(json),
            false => Err(Error::OutputTooLarge { kind, bytes, limit }),
        }
    }

    fn lessor(&self) -> Result<std::sync::Arc<dyn Lessor>, Error> {
        self.0.lessor.upgrade().ok_or(Error::LeaseLost { job: self.0.id })
    }

    fn count(&self) -> Count {
        let charged = i32::try_from(self.0.attempt.saturating_sub(1)).unwrap_or(i32::MAX);
        Count { run: self.0.run, charged }
    }

    /// Ends the run: what it has done about its end, which nothing is added to any more.
    pub(crate) async fn close(&self) -> Ending {
        let mut ending = self.0.ending.lock().await;
        std::mem::replace(&mut *ending, Ending { closed: true, ..Ending::default() })
    }
}
