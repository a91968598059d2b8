//! Whether there is room, and when there will be: arithmetic on one locked row.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::storage::throttles::{Measure, Passed, ThrottleRow};

/// How many jobs of a key stand in the line of their queue at a time. Enough for the claims of
/// quick jobs, and few enough for the next key's turn to come soon.
pub(super) const TURN: i64 = 100;

/// A called job that has not been claimed by then lets the next ones be called: it may have gone
/// back to a queue that no server takes jobs from.
const ANSWER: TimeDelta = TimeDelta::seconds(2);

/// Servers ask about once in this time when they have to look.
const ASKED: TimeDelta = TimeDelta::seconds(1);

/// While jobs wait, somebody looks at least this often whether something went amiss.
const LOOK: TimeDelta = TimeDelta::seconds(5);

/// A throttle whose row is locked, at one moment.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) row: ThrottleRow,
    now: DateTime<Utc>,
    /// What a sliding limit has let through, with what is let through now.
    passed: i64,
    oldest: Option<DateTime<Utc>>,
    /// How many were let through now.
    pub(super) admitted: i64,
    /// How long nobody had touched it.
    still: TimeDelta,
}

impl Gate {
    pub(super) fn new(mut row: ThrottleRow, passed: Option<&Passed>, now: DateTime<Utc>) -> Self {
        let still = now - row.touched_at;
        row.touched_at = now;
        if row.called_at.is_none_or(|called| now - called >= ANSWER) {
            row.called = 0;
        }
        let mut gate = Self {
            row,
            now,
            passed: passed.map_or(0, |passed| passed.count),
            oldest: passed.map(|passed| passed.oldest),
            admitted: 0,
            still,
        };
        match gate.row.declared.measure {
            Measure::Fixed => gate.turn_window(),
            Measure::Bucket => gate.refill(),
            Measure::Concurrency | Measure::Sliding | Measure::Turns => {}
        }
        gate
    }

    /// How many more may pass now.
    pub(super) fn room(&self) -> i64 {
        let limit = self.row.limit();
        let room = match self.row.declared.measure {
            Measure::Concurrency | Measure::Fixed | Measure::Turns => limit - self.row.used,
            Measure::Sliding => limit - self.passed,
            Measure::Bucket => self.row.tokens as i64,
        };
        room.max(0)
    }

    /// Room for which nobody has been called.
    pub(super) fn free(&self) -> i64 {
        (self.room() - self.row.called).max(0)
    }

    /// Lets one pass.
    pub(super) fn admit(&mut self) {
        self.admitted += 1;
        self.row.called = (self.row.called - 1).max(0);
        match self.row.declared.measure {
            Measure::Concurrency | Measure::Fixed | Measure::Turns => self.row.used += 1,
            Measure::Sliding => {
                self.passed += 1;
                self.oldest.get_or_insert(self.now);
            }
            Measure::Bucket => self.row.tokens -= 1.0,
        }
    }

    /// One that may have been called has not come through, for want of room elsewhere.
    pub(super) fn miss(&mut self) {
        self.row.called = (self.row.called - 1).max(0);
    }

    /// So many have left what is counted.
    pub(super) fn leave(&mut self, count: i64) {
        self.row.used = (self.row.used - count).max(0);
    }

    /// Notes that so many have been called back into their lines.
    pub(super) fn call(&mut self, count: i64) {
        match self.row.declared.measure {
            Measure::Turns => self.row.used += count,
            _ if count > 0 => {
                self.row.called += count;
                self.row.called_at = Some(self.now);
            }
            _ => {}
        }
    }

    pub(super) fn waits(&self) -> bool {
        self.row.wake_at.is_some()
    }

    /// Whether nobody has touched it for longer than this.
    pub(super) fn is_still_for(&self, time: TimeDelta) -> bool {
        self.still > time
    }

    /// Whether nobody has touched it before in the present one of such spans of time.
    pub(super) fn is_first_in(&self, span: Duration) -> bool {
        window(self.now, span) > self.now - self.still
    }

    /// In how long somebody has to look, if that is sooner than servers ask by themselves.
    pub(super) fn wakes_soon(&self) -> Option<Duration> {
        let wait = self.row.wake_at? - self.now;
        (wait < ASKED).then(|| wait.to_std().unwrap_or_default())
    }

    /// Notes when somebody has to look again, if jobs wait.
    pub(super) fn set_wake(&mut self, waits: bool) {
        self.row.wake_at = waits.then(|| self.next_look());
    }

    /// The same, for jobs that cannot be called now though there is room.
    pub(super) fn set_wake_in(&mut self, pause: Duration) {
        self.row.wake_at = Some(self.now + pause);
    }

    /// The same, for jobs that are all in paused queues.
    pub(super) fn set_wake_late(&mut self) {
        self.row.wake_at = Some(self.now + LOOK);
    }

    fn next_look(&self) -> DateTime<Utc> {
        if self.free() > 0 && self.row.declared.measure != Measure::Turns {
            return self.now;
        }
        let unanswered = self.row.called_at.filter(|_| self.row.called > 0);
        let unanswered = unanswered.map(|called| called + ANSWER);
        let next = [self.next_room(), unanswered].into_iter().flatten().min();
        next.unwrap_or(self.now + LOOK).max(self.now)
    }

    /// When time alone makes room.
    fn next_room(&self) -> Option<DateTime<Utc>> {
        let per = self.row.declared.per;
        match self.row.declared.measure {
            Measure::Concurrency | Measure::Turns => None,
            Measure::Fixed => self.row.window_at.map(|begin| begin + per),
            Measure::Sliding => self.oldest.map(|oldest| oldest + per),
            Measure::Bucket => {
                let limit = self.row.limit().max(1) as f64;
                let missing = (self.worth_a_look() - self.row.tokens.fract()).max(0.0);
                Some(self.now + per.mul_f64(missing / limit))
            }
        }
    }

    /// So many tokens that looking for them twenty times a second finds all.
    fn worth_a_look(&self) -> f64 {
        let limit = self.row.limit().max(1) as f64;
        let often = limit * 0.05 / self.row.declared.per.as_secs_f64().max(1e-6);
        often.floor().clamp(1.0, limit)
    }

    fn turn_window(&mut self) {
        let begin = window(self.now, self.row.declared.per);
        if self.row.window_at != Some(begin) {
            self.row.window_at = Some(begin);
            self.row.used = 0;
        }
    }

    fn refill(&mut self) {
        let limit = self.row.limit().max(0) as f64;
        let per = self.row.declared.per.as_secs_f64().max(1e-6);
        self.row.tokens = match self.row.window_at {
            None => limit,
            Some(before) => {
                let passed = (self.now - before).to_std().unwrap_or_default().as_secs_f64();
                (self.row.tokens + passed * limit / per).min(limit)
            }
        };
        self.row.window_at = Some(self.now);
    }

    /// How much of the limit is used.
    pub(super) fn used(&self) -> i64 {
        match self.row.declared.measure {
            Measure::Concurrency | Measure::Fixed | Measure::Turns => self.row.used,
            Measure::Sliding => self.passed,
            Measure::Bucket => self.row.limit() - self.row.tokens as i64,
        }
    }
}

/// The beginning of the window of this length, counted from 1970, in which this moment is.
fn window(now: DateTime<Utc>, per: Duration) -> DateTime<Utc> {
    let per = i64::try_from(per.as_micros()).unwrap_or(i64::MAX).max(1);
    let now = now.timestamp_micros();
    DateTime::from_timestamp_micros(now - now.rem_euclid(per)).unwrap_or(DateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::throttles::Declared;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::milliseconds(millis)
    }

    fn row(measure: Measure, limit: i64) -> ThrottleRow {
        let (scope, key) = (String::new(), "k".to_owned());
        ThrottleRow {
            id: 1,
            declared: Declared { scope, key, measure, limit, per: Duration::from_secs(1) },
            own_limit: None,
            used: 0,
            tokens: 0.0,
            window_at: None,
            called: 0,
            called_at: None,
            wake_at: None,
            touched_at: at(0),
            read_at: at(0),
        }
    }

    fn admit_all(gate: &mut Gate) -> i64 {
        while gate.room() > 0 {
            gate.admit();
        }
        gate.admitted
    }

    #[test]
    fn a_fixed_window_has_its_room_anew_when_the_next_begins() {
        let mut gate = Gate::new(row(Measure::Fixed, 3), None, at(900));
        assert_eq!(admit_all(&mut gate), 3);
        gate.set_wake(true);
        assert_eq!(gate.row.wake_at, Some(at(1_000)));
        assert_eq!(Gate::new(gate.row.clone(), None, at(999)).room(), 0);
        assert_eq!(Gate::new(gate.row, None, at(1_000)).room(), 3);
    }

    #[test]
    fn a_bucket_begins_full_and_is_refilled_evenly() {
        let mut gate = Gate::new(row(Measure::Bucket, 10), None, at(0));
        assert_eq!(admit_all(&mut gate), 10);
        gate.set_wake(true);
        assert_eq!(gate.row.wake_at, Some(at(100)));
        let half = Gate::new(gate.row.clone(), None, at(550));
        assert_eq!(half.room(), 5);
        assert_eq!(Gate::new(half.row, None, at(60_000)).room(), 10);
    }

    #[test]
    fn a_sliding_window_has_room_when_its_oldest_start_leaves_it() {
        let passed = Passed { throttle: 1, count: 7, oldest: at(250) };
        let mut gate = Gate::new(row(Measure::Sliding, 10), Some(&passed), at(1_000));
        assert_eq!(admit_all(&mut gate), 3);
        gate.set_wake(true);
        assert_eq!(gate.row.wake_at, Some(at(1_250)));
    }

    #[test]
    fn room_is_kept_for_those_who_were_called_until_they_do_not_come() {
        let mut gate = Gate::new(row(Measure::Concurrency, 3), None, at(0));
        gate.call(2);
        assert_eq!((gate.room(), gate.free()), (3, 1));
        gate.admit();
        assert_eq!((gate.room(), gate.free()), (2, 1));
        assert_eq!(Gate::new(gate.row.clone(), None, at(1_999)).free(), 1);
        assert_eq!(Gate::new(gate.row, None, at(2_000)).free(), 2);
    }

    #[test]
    fn a_limit_set_at_run_time_wins() {
        let mut row = row(Measure::Concurrency, 3);
        row.used = 2;
        row.own_limit = Some(5);
        assert_eq!(Gate::new(row.clone(), None, at(0)).room(), 3);
        row.own_limit = Some(1);
        assert_eq!(Gate::new(row, None, at(0)).room(), 0);
    }
}
