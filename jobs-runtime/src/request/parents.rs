//! What a continuation waits for, and what it is handed.

use serde::{Deserialize, Serialize};

use crate::client::JobHandle;
use crate::job::{JobFailure, JobId, NoInput};

/// The end of a parent that lets a continuation start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trigger {
    /// The parent has succeeded.
    Succeeded,
    /// The parent has failed.
    Failed,
    /// The parent has settled, however it ended.
    Finished,
    /// The parent was deleted.
    Deleted,
}

/// A parent, or several, that hand over an input of the type `I`.
///
/// A `&JobHandle<T>` or a [`&Node<T>`](crate::Node) hands over `T`, a
/// [`&BatchHandle<T>`](crate::BatchHandle) a `Vec<T>`; to a job that takes `Result<T, JobFailure>` it hands over
/// the failure as well; a tuple of handles hands over a tuple. To a job that takes nothing, any
/// handle, id, or list of ids can be the parent.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not hand over `{I}`",
    label = "the output of this parent is not what the `#[from_parent]` parameter takes",
    note = "the parameter's type must be the parent's return type, or `Result<…, JobFailure>` of it, or a tuple for several parents"
)]
pub trait HandsOver<I> {
    #[doc(hidden)]
    fn parents(&self) -> Parents;
}

/// The edges from parents to one continuation.
#[doc(hidden)]
#[derive(Debug, Clone, Default)]
pub struct Parents {
    pub(crate) edges: Vec<ParentEdge>,
    pub(crate) hand_over: HandOver,
}

#[derive(Debug, Clone)]
pub(crate) struct ParentEdge {
    pub(crate) parent: JobId,
    pub(crate) trigger: Trigger,
    /// Hands over a `Result`, so that a failure can be told as well.
    pub(crate) as_result: bool,
}

/// What becomes of the outputs of the parents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum HandOver {
    #[default]
    Nothing,
    /// The output of the only parent is the input.
    One,
    /// The outputs of all parents, in their order, are the input.
    Tuple,
    /// Nothing: it is a batch, whose members begin.
    Members,
}

impl HandOver {
    pub(crate) fn takes_outputs(self) -> bool {
        matches!(self, Self::One | Self::Tuple)
    }

    pub(crate) const fn code(self) -> i16 {
        match self {
            Self::Nothing => 0,
            Self::One => 1,
            Self::Tuple => 2,
            Self::Members => 3,
        }
    }

    pub(crate) fn from_code(code: i16) -> Option<Self> {
        let all = [Self::Nothing, Self::One, Self::Tuple, Self::Members];
        all.into_iter().find(|hand_over| hand_over.code() == code)
    }
}

impl Parents {
    pub(crate) fn one(
        parent: JobId,
        trigger: Trigger,
        as_result: bool,
        hand_over: HandOver,
    ) -> Self {
        Self { edges: vec![ParentEdge { parent, trigger, as_result }], hand_over }
    }

    pub(crate) fn of_ids(ids: impl IntoIterator<Item = JobId>) -> Self {
        let edge = |parent| ParentEdge { parent, trigger: Trigger::Succeeded, as_result: false };
        Self { edges: ids.into_iter().map(edge).collect(), hand_over: HandOver::Nothing }
    }

    pub(crate) fn on(mut self, trigger: Trigger) -> Self {
        for edge in &mut self.edges {
            edge.trigger = trigger;
        }
        self
    }

    /// A parent that is named twice counts once, the first time.
    pub(crate) fn join(&mut self, others: Self) {
        for edge in others.edges {
            let known = self.edges.iter().any(|known| known.parent == edge.parent);
            if !known || others.hand_over == HandOver::Tuple {
                self.edges.push(edge);
            }
        }
        if others.hand_over != HandOver::Nothing {
            self.hand_over = others.hand_over;
        }
    }
}

impl<T: Serialize> HandsOver<T> for &JobHandle<T> {
    fn parents(&self) -> Parents {
        Parents::one(self.id(), Trigger::Succeeded, false, HandOver::One)
    }
}

impl<T: Serialize> HandsOver<Result<T, JobFailure>> for &JobHandle<T> {
    fn parents(&self) -> Parents {
        Parents::one(self.id(), Trigger::Finished, true, HandOver::One)
    }
}

// `NoInput` is not `Serialize`, which keeps this apart from the first of these.
impl<T> HandsOver<NoInput> for &JobHandle<T> {
    fn parents(&self) -> Parents {
        Parents::of_ids([self.id()])
    }
}

impl HandsOver<NoInput> for JobId {
    fn parents(&self) -> Parents {
        Parents::of_ids([*self])
    }
}

impl HandsOver<NoInput> for &JobId {
    fn parents(&self) -> Parents {
        Parents::of_ids([**self])
    }
}

impl HandsOver<NoInput> for &[JobId] {
    fn parents(&self) -> Parents {
        Parents::of_ids(self.iter().copied())
    }
}

impl HandsOver<NoInput> for &Vec<JobId> {
    fn parents(&self) -> Parents {
        Parents::of_ids(self.iter().copied())
    }
}

impl HandsOver<NoInput> for Vec<JobId> {
    fn parents(&self) -> Parents {
        Parents::of_ids(self.iter().copied())
    }
}

macro_rules! tuples {
    ($(($($parent:ident $input:ident),+);)+) => {$(
        impl<$($parent, $input),+> HandsOver<($($input,)+)> for ($($parent,)+)
        where
            $($parent: HandsOver<$input>),+
        {
            fn parents(&self) -> Parents {
                #[allow(non_snake_case)]
                let ($($parent,)+) = self;
                let mut all = Parents { edges: Vec::new(), hand_over: HandOver::Tuple };
                $(all.edges.extend(HandsOver::<$input>::parents($parent).edges);)+
                all
            }
        }

        impl<$($parent),+> HandsOver<NoInput> for ($($parent,)+)
        where
            $($parent: HandsOver<NoInput>),+
        {
            fn parents(&self) -> Parents {
                #[allow(non_snake_case)]
                let ($($parent,)+) = self;
                let mut all = Parents::default();
                $(all.join(HandsOver::<NoInput>::parents($parent));)+
                all
            }
        }
    )+};
}

tuples! {
    (A IA, B IB);
    (A IA, B IB, C IC);
    (A IA, B IB, C IC, D ID);
    (A IA, B IB, C IC, D ID, E IE);
    (A IA, B IB, C IC, D ID, E IE, F IF);
    (A IA, B IB, C IC, D ID, E IE, F IF, G IG);
    (A IA, B IB, C IC, D ID, E IE, F IF, G IG, H IH);
}
