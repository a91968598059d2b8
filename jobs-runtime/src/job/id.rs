//! The names of jobs and of batches.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Declares a name that is a UUIDv7.
macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id, different from every other.
            #[must_use]
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// The id as a UUID.
            #[must_use]
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// The id of a job: a UUIDv7 that the client makes, so that a job has a name before it is
    /// stored.
    ///
    /// It is a name and nothing else: jobs are never ordered by it.
    ///
    /// ```
    /// # use jobs_runtime::JobId;
    /// let id: JobId = "0199c9a4-7a3c-7d60-8f6b-1d2c3b4a5968".parse()?;
    /// assert_eq!(id.to_string(), "0199c9a4-7a3c-7d60-8f6b-1d2c3b4a5968");
    /// # Ok::<(), uuid::Error>(())
    /// ```
    JobId;
    /// The id of a batch or a workflow, made by the client as those of jobs are.
    BatchId;
}

impl BatchId {
    /// The same among the ids of jobs: what is waited for, and what waits, may be either.
    pub(crate) const fn node(self) -> JobId {
        JobId(self.0)
    }

    /// The batch that a node is, if it is one.
    pub(crate) const fn of(node: JobId) -> Self {
        Self(node.0)
    }
}
