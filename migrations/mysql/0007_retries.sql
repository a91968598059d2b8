-- Jobs that wait for another attempt are listed by themselves. There are no indexes of some rows
-- only, so that delayed jobs have an entry here as well.
ALTER TABLE {p}job_schedule ADD KEY job_schedule_retry (reason, due_at, seq);
