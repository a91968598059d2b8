-- A set of jobs and batches with one end. The counters move once for each transaction in which
-- members settle; state follows from them: 0 awaiting, 1 open, 2 succeeded, 3 failed, 4 deleted,
-- 5 skipped. finishes: Failed members end it. A batch that awaits has a row in job_awaiting too.
CREATE TABLE {p}batch (
    id binary(16) NOT NULL PRIMARY KEY,
    -- The batch around it.
    parent_id binary(16),
    seq bigint NOT NULL,
    name longtext NOT NULL,
    description longtext,
    finishes boolean NOT NULL,
    keep_us bigint,
    opened boolean NOT NULL,
    state smallint NOT NULL,
    total bigint NOT NULL,
    pending bigint NOT NULL,
    succeeded bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    deleted bigint NOT NULL DEFAULT 0,
    skipped bigint NOT NULL DEFAULT 0,
    -- Whose end left it without hope.
    cause binary(16),
    cancelled boolean NOT NULL DEFAULT false,
    created_at bigint NOT NULL,
    ended_at bigint,
    expires_at bigint,
    KEY batch_newest (parent_id, seq),
    KEY batch_cause (cause),
    KEY batch_expiry (expires_at),
    -- Without the state, which moves: a cancelled batch ends soon.
    KEY batch_cancelled (cancelled)
) {table};

-- Its members, in the order in which they were added. A job names its batch in its options.
CREATE TABLE {p}batch_member (
    batch_id binary(16) NOT NULL,
    position bigint NOT NULL,
    node_id binary(16) NOT NULL,
    is_batch boolean NOT NULL,
    PRIMARY KEY (batch_id, position)
) {table};
