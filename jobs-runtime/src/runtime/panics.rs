//! What a panic says, and where it was.

use std::any::Any;
use std::cell::RefCell;
use std::sync::Once;

use crate::job::{FailureKind, JobFailure};

thread_local! {
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Notes the place of each panic on its thread, and goes on with the hook that was there before:
/// what is caught later does not tell where it came from.
pub(super) fn note_places() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let place = info.location().map(ToString::to_string);
            PLACE.with_borrow_mut(|noted| *noted = place);
            before(info);
        }));
    });
}

/// A panic that was caught on this very thread, as a failure.
pub(crate) fn failure_of(panic: &(dyn Any + Send)) -> JobFailure {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    let message = text.unwrap_or_else(|| "a panic without a message".to_owned());
    let mut failure = JobFailure::new(FailureKind::Panic, message);
    failure.backtrace = PLACE.with_borrow_mut(Option::take);
    failure
}
