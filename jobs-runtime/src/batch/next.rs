//! What can be stored together with the batch that it waits for.

use super::body::Member;
use super::{Batch, Node};
use crate::job::{Job, NoInput};
use crate::request::{HandsOver, JobRequest, Needs, Parents, Trigger};

/// A job or a batch that can come after a batch whose jobs hand over an `I`: any request or
/// batch, and the request of a job whose `#[from_parent]` parameter takes it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot come after a batch that hands over `{I}`",
    label = "takes something else from its parent",
    note = "the `#[from_parent]` parameter must be the `Vec` of what the batch's jobs return, or `Result<Vec<…>, JobFailure>`"
)]
pub trait Continuation<I> {
    /// With a trigger other than the parent's hand-over implies.
    #[doc(hidden)]
    fn following(self, parent: &Node<I>, trigger: Option<Trigger>) -> Next;
}

/// What is stored beside the batch that it waits for.
#[doc(hidden)]
pub struct Next(pub(super) Member);

fn parents<I>(parent: &Node<I>, trigger: Option<Trigger>) -> Parents {
    let parents = HandsOver::<NoInput>::parents(&parent);
    match trigger {
        Some(trigger) => parents.on(trigger),
        None => parents,
    }
}

impl<I, J: Job<Input = NoInput>> Continuation<I> for JobRequest<J> {
    fn following(self, parent: &Node<I>, trigger: Option<Trigger>) -> Next {
        Next(Member::job(self.hanging_on(parents(parent, trigger))))
    }
}

impl<I, J: Job> Continuation<I> for Needs<J>
where
    for<'n> &'n Node<I>: HandsOver<J::Input>,
{
    fn following(self, parent: &Node<I>, _: Option<Trigger>) -> Next {
        Next(Member::job(self.after(parent)))
    }
}

impl<I, U> Continuation<I> for Batch<U> {
    fn following(mut self, parent: &Node<I>, trigger: Option<Trigger>) -> Next {
        self.body.parents.join(parents(parent, trigger));
        Next(Member::Batch(self.body))
    }
}
