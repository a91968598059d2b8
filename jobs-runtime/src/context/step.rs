//! Durable steps: parts of a job that a retry does not run again.

use std::error::Error as StdError;
use std::future::Future;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::JobContext;
use crate::error::Error;
use crate::protect::{Part, open_outputs};

/// A step of a job did not give its output.
#[derive(Debug, thiserror::Error)]
#[error("step `{step}` failed")]
pub struct StepError {
    step: String,
    source: Box<dyn StdError + Send + Sync>,
}

impl JobContext {
    /// Runs a part of the job once: its output is stored under `name`, and a later attempt gets
    /// the stored output instead of running the part again.
    ///
    /// ```
    /// use jobs_runtime::prelude::*;
    ///
    /// #[job]
    /// async fn order(ctx: JobContext) -> anyhow::Result<()> {
    ///     let receipt: u64 = ctx.step("charge", || async { anyhow::Ok(42) }).await?;
    ///     ctx.log(format!("charged, receipt {receipt}")).await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// The step's own error, with its marks; that its output does not encode, or that what an
    /// earlier attempt stored does not decode into `T`; [`Error::Storage`]. Each names the step.
    pub async fn step<T, E, F, Fut>(&self, name: &str, step: F) -> Result<T, StepError>
    where
        T: Serialize + DeserializeOwned,
        E: Into<Box<dyn StdError + Send + Sync>>,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let failed = |source| StepError { step: name.to_owned(), source };
        let storage = self.client().storage();
        let stored = storage.step_output(self.0.id, name).await;
        if let Some(json) = stored.map_err(|error| failed(error.into()))? {
            let json = open_outputs(json, Part::Step(name), storage.keys())
                .map_err(|unopened| failed(format!("its output {unopened}").into()))?;
            return serde_json::from_str(&json).map_err(|error| failed(error.into()));
        }
        let output = step().await.map_err(|error| failed(error.into()))?;
        let json = serde_json::to_string(&output).map_err(|error| failed(error.into()))?;
        let json = self.sealed(json, Part::Step(name)).map_err(|problem| failed(problem.into()))?;
        let kept = storage.keep_step(self.0.id, name, json).await;
        kept.map_err(|error: Error| failed(error.into()))?;
        Ok(output)
    }
}
