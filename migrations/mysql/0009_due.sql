-- When a job was due that came off the schedule last, written with its place in the line: what it
-- then waited for a worker counts from there.
ALTER TABLE {p}job ADD COLUMN due_at bigint;
