-- A set of jobs and batches with one end. The counters move once for each transaction in which
-- members settle; state follows from them: 0 awaiting, 1 open, 2 succeeded, 3 failed, 4 deleted,
-- 5 skipped. finishes: Failed members end it. A batch that awaits has a row in job_awaiting too.
CREATE TABLE {p}batch (
    id blob PRIMARY KEY,
    -- The batch around it.
    parent_id blob,
    seq integer NOT NULL,
    name text NOT NULL,
    description text,
    finishes integer NOT NULL,
    keep_us integer,
    opened integer NOT NULL,
    state integer NOT NULL,
    total integer NOT NULL,
    pending integer NOT NULL,
    succeeded integer NOT NULL DEFAULT 0,
    failed integer NOT NULL DEFAULT 0,
    deleted integer NOT NULL DEFAULT 0,
    skipped integer NOT NULL DEFAULT 0,
    -- Whose end left it without hope.
    cause blob,
    cancelled integer NOT NULL DEFAULT 0,
    created_at integer NOT NULL,
    ended_at integer,
    expires_at integer
) STRICT, WITHOUT ROWID;
CREATE INDEX {p}batch_parent ON {p}batch (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX {p}batch_newest ON {p}batch (seq) WHERE parent_id IS NULL;
CREATE INDEX {p}batch_cause ON {p}batch (cause) WHERE cause IS NOT NULL;
CREATE INDEX {p}batch_expiry ON {p}batch (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX {p}batch_cancelled ON {p}batch (id) WHERE cancelled = 1;

-- Its members, in the order in which they were added. A job names its batch in its options.
CREATE TABLE {p}batch_member (
    batch_id blob NOT NULL,
    position integer NOT NULL,
    node_id blob NOT NULL,
    is_batch integer NOT NULL,
    PRIMARY KEY (batch_id, position)
) STRICT, WITHOUT ROWID;
