//! What the application registers for its jobs.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A value that the application registered with
/// [`RuntimeBuilder::state`](crate::RuntimeBuilder::state), lent to a job by `#[inject]`.
///
/// ```
/// use jobs_runtime::prelude::*;
///
/// struct Mailer;
///
/// #[job]
/// async fn send(to: String, #[inject] mailer: State<Mailer>) {
///     let _mailer: &Mailer = &mailer;
///     drop(to);
/// }
/// ```
pub struct State<T: ?Sized>(Arc<T>);

impl<T> State<T> {
    /// Wraps a value, so that a test can call a job's function.
    pub fn new(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T: ?Sized> Clone for State<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: ?Sized> Deref for State<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for State<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// All registered values, by their types.
#[derive(Default)]
pub struct States(HashMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl States {
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, value: T) {
        self.0.insert(TypeId::of::<T>(), Arc::new(value));
    }

    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Option<State<T>> {
        let value = Arc::clone(self.0.get(&TypeId::of::<T>())?);
        value.downcast().ok().map(State)
    }

    pub(crate) fn require<T: Send + Sync + 'static>(&self) -> Result<(), MissingState> {
        match self.0.contains_key(&TypeId::of::<T>()) {
            true => Ok(()),
            false => Err(MissingState { type_name: type_name::<T>() }),
        }
    }
}

impl fmt::Debug for States {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("States").field("len", &self.0.len()).finish()
    }
}

/// A job injects `State<T>`, and nothing of that type was registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("State<{type_name}> is injected, but no value of that type was given to `.state(…)`")]
pub struct MissingState {
    pub(crate) type_name: &'static str,
}
