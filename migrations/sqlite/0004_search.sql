-- The tags of jobs, for those that have some. `seq` gives each tag its order: what was tagged last
-- is found first.
CREATE TABLE {p}job_tag (
    job_id blob NOT NULL,
    tag text NOT NULL,
    seq integer NOT NULL,
    PRIMARY KEY (job_id, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX {p}job_tag_newest ON {p}job_tag (tag, seq, job_id);

-- Lists of what ended are walked by time.
DROP INDEX {p}job_failed_seq;
CREATE INDEX {p}job_failed_at ON {p}job_failed (at, seq);
DROP INDEX {p}job_deleted_seq;
CREATE INDEX {p}job_deleted_at ON {p}job_deleted (at, seq);
CREATE INDEX {p}job_awaiting_seq ON {p}job_awaiting (seq);

-- What waits for a throttle is listed with the line of its queue.
CREATE INDEX {p}throttle_wait_queue ON {p}throttle_wait (queue, rank, seq);

-- Of a job that has succeeded and is kept for a time of its own: when that was written, and its
-- place among others of that time. Those that are kept for the default time are in job_finished.
ALTER TABLE {p}job_expiry ADD COLUMN succeeded_at integer;
ALTER TABLE {p}job_expiry ADD COLUMN seq integer;
CREATE INDEX {p}job_expiry_succeeded ON {p}job_expiry (succeeded_at, seq)
    WHERE succeeded_at IS NOT NULL;

-- The same as job_finished for members of a batch, which are kept as long as that: a row names
-- members of one batch, and goes with it. Its ids are negative, so that no row of the other table
-- has the same key.
CREATE TABLE {p}batch_finished (
    at integer NOT NULL,
    id integer NOT NULL,
    batch_id blob NOT NULL,
    jobs blob NOT NULL,
    PRIMARY KEY (at, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX {p}batch_finished_batch ON {p}batch_finished (batch_id);
