-- Jobs that wait for another attempt are listed by themselves; others have no entry here.
CREATE INDEX {p}job_schedule_retry ON {p}job_schedule (due_at, seq) WHERE reason = 1;
