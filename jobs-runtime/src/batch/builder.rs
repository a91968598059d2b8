//! What is set of a batch and of a workflow alike, and how they are stored.

/// The methods of a type with a `body` that is stored as a `BatchHandle` of this output.
macro_rules! builder_methods {
    ($output:ty) => {
        /// The id that it will have.
        #[must_use]
        pub fn id(&self) -> $crate::job::BatchId {
            self.body.id
        }

        /// A sentence or two that is stored and shown with it: up to 2,000 characters.
        pub fn description(mut self, text: impl Into<String>) -> Self {
            self.body.description = Some(text.into());
            self
        }

        /// What becomes of it when all that is left of it are Failed jobs.
        pub fn on_failure(mut self, on_failure: $crate::batch::OnFailure) -> Self {
            self.body.on_failure = on_failure;
            self
        }

        /// How long it and its jobs are kept after its end; the runtime's default is one day.
        pub fn keep(mut self, keep: std::time::Duration) -> Self {
            self.body.keep = Some(keep);
            self
        }

        /// Stores all of it in one transaction, by the process's default client.
        pub fn enqueue(self) -> $crate::batch::EnqueueBatch<$output> {
            $crate::batch::EnqueueBatch::new(self.body, None)
        }

        /// Stores all of it in one transaction, by this client.
        pub fn enqueue_with(
            self,
            client: &$crate::client::Client,
        ) -> $crate::batch::EnqueueBatch<$output> {
            $crate::batch::EnqueueBatch::new(self.body, Some(client.clone()))
        }

        /// Stores it inside the caller's own transaction, on the database of the default client.
        /// Workers see its jobs within a second of the commit, or at once after
        /// [`Client::wake`](crate::Client::wake).
        ///
        /// # Errors
        /// As [`EnqueueBatch`](crate::EnqueueBatch); and
        /// [`Error::ForeignTransaction`](crate::Error::ForeignTransaction) if the transaction is of
        /// another database than the client's.
        pub async fn enqueue_in<'t>(
            self,
            transaction: impl Into<$crate::storage::Transaction<'t>>,
        ) -> Result<$crate::batch::BatchHandle<$output>, $crate::error::Error> {
            let client = $crate::client::Client::current()?;
            self.enqueue_in_with(&client, transaction).await
        }

        /// As [`enqueue_in`](Self::enqueue_in), on the database of this client.
        ///
        /// # Errors
        /// As [`enqueue_in`](Self::enqueue_in).
        pub async fn enqueue_in_with<'t>(
            self,
            client: &$crate::client::Client,
            transaction: impl Into<$crate::storage::Transaction<'t>>,
        ) -> Result<$crate::batch::BatchHandle<$output>, $crate::error::Error> {
            $crate::batch::store::store_in(self.body, client, transaction.into()).await
        }
    };
}

pub(super) use builder_methods;
