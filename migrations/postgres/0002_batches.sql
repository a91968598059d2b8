-- A set of jobs and batches with one end. The counters move once for each transaction in which
-- members settle; state follows from them: 0 awaiting, 1 open, 2 succeeded, 3 failed, 4 deleted,
-- 5 skipped. finishes: Failed members end it. A batch that awaits has a row in job_awaiting too.
CREATE TABLE {p}batch (
    id uuid PRIMARY KEY,
    -- The batch around it.
    parent_id uuid,
    seq bigint NOT NULL,
    name text NOT NULL,
    description text,
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
    cause uuid,
    cancelled boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    expires_at timestamptz
) WITH (
    -- Room on its page for the next version of a row whose counters move.
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 1000
);
CREATE INDEX batch_parent ON {p}batch (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX batch_newest ON {p}batch (seq) WHERE parent_id IS NULL;
CREATE INDEX batch_cause ON {p}batch (cause) WHERE cause IS NOT NULL;
CREATE INDEX batch_expiry ON {p}batch (expires_at) WHERE expires_at IS NOT NULL;
-- Without the state, which moves: a cancelled batch ends soon.
CREATE INDEX batch_cancelled ON {p}batch (id) WHERE cancelled;

-- Its members, in the order in which they were added. A job names its batch in its options.
CREATE TABLE {p}batch_member (
    batch_id uuid NOT NULL,
    position bigint NOT NULL,
    node_id uuid NOT NULL,
    is_batch boolean NOT NULL,
    PRIMARY KEY (batch_id, position)
);
