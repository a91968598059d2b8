-- The tags of jobs, for those that have some. `seq` gives each tag its order: what was tagged last
-- is found first.
CREATE TABLE {p}job_tag (
    job_id binary(16) NOT NULL,
    tag varchar(50) NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (job_id, tag),
    KEY job_tag_newest (tag, seq, job_id)
) {table};

-- Lists of what ended are walked by time.
ALTER TABLE {p}job_failed ADD KEY job_failed_at (at, seq);
ALTER TABLE {p}job_failed DROP KEY job_failed_seq;
ALTER TABLE {p}job_deleted ADD KEY job_deleted_at (at, seq);
ALTER TABLE {p}job_deleted DROP KEY job_deleted_seq;
ALTER TABLE {p}job_awaiting ADD KEY job_awaiting_seq (seq);

-- What waits for a throttle is listed with the line of its queue.
ALTER TABLE {p}throttle_wait ADD KEY throttle_wait_queue (queue, `rank`, seq);

-- Of a job that has succeeded and is kept for a time of its own: when that was written, and its
-- place among others of that time. Those that are kept for the default time are in job_finished.
ALTER TABLE {p}job_expiry ADD COLUMN succeeded_at bigint;
ALTER TABLE {p}job_expiry ADD COLUMN seq bigint;
ALTER TABLE {p}job_expiry ADD KEY job_expiry_succeeded (succeeded_at, seq);

-- The same as job_finished for members of a batch, which are kept as long as that: a row names
-- members of one batch, and goes with it. Its ids are negative, so that no row of the other table
-- has the same key.
CREATE TABLE {p}batch_finished (
    at bigint NOT NULL,
    id bigint NOT NULL,
    batch_id binary(16) NOT NULL,
    jobs longblob NOT NULL,
    PRIMARY KEY (at, id),
    KEY batch_finished_batch (batch_id)
) {table};
