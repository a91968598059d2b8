-- {p} is the schema with its dot: "jobs".

-- The order of places, and the key of every row that places a job.
CREATE SEQUENCE {p}seq AS bigint CACHE 1;

-- The record: written once, when the job is stored. Only `seq` (on a retry or promotion) and
-- `input` (at a release) change later, and no index names them.
CREATE TABLE {p}job (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    queue text NOT NULL,
    priority smallint NOT NULL,
    args text NOT NULL,
    options text,
    input text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    -- The place in the line that it has or had last.
    seq bigint
);

-- The line: a row for each job that waits for a worker, deleted by the claim.
-- `rank` is minus the priority, so that the key ascends in the order of claims.
CREATE TABLE {p}job_queue (
    queue text NOT NULL,
    rank smallint NOT NULL,
    seq bigint NOT NULL,
    job_id uuid NOT NULL,
    kind text NOT NULL,
    run integer NOT NULL DEFAULT 0,
    charged integer NOT NULL DEFAULT 0,
    solo boolean NOT NULL DEFAULT false,
    PRIMARY KEY (queue, rank, seq)
) WITH (
    -- By numbers of rows, not by shares of a table that is now empty, now a million long.
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 20000,
    -- To give pages back takes a lock that stops all claims, and they are needed again at once.
    vacuum_truncate = off
);

-- A batch of jobs that a server has. `members` packs for each job its id (16 bytes), its place
-- (8), its run (4) and charged (4) in network order; `revoked` and `started` pack ids.
CREATE TABLE {p}lease (
    id bigint PRIMARY KEY,
    server bigint NOT NULL,
    solo boolean NOT NULL,
    members bytea NOT NULL,
    revoked bytea NOT NULL DEFAULT '',
    started bytea NOT NULL DEFAULT '',
    started_at timestamptz,
    claimed_at timestamptz NOT NULL
) WITH (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 500,
    toast.autovacuum_vacuum_scale_factor = 0,
    toast.autovacuum_vacuum_threshold = 5000,
    vacuum_truncate = off,
    toast.vacuum_truncate = off
);
-- Ids do not compress.
ALTER TABLE {p}lease ALTER COLUMN members SET STORAGE EXTERNAL;

-- A row for each finished run, appended and but for `superseded` never changed.
-- ended: 0 succeeded, 1 failed, 2 snoozed.
CREATE TABLE {p}job_attempt (
    job_id uuid NOT NULL,
    run integer NOT NULL,
    ended smallint NOT NULL,
    -- A success that was requeued since.
    superseded boolean NOT NULL DEFAULT false,
    -- The job has a time of its own in job_expiry.
    keeps boolean NOT NULL DEFAULT false,
    server bigint,
    started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    output text,
    failure text,
    PRIMARY KEY (job_id, run)
);

-- What has succeeded and is kept for the default time, in the order in which it ended: a row for
-- each written batch, so that an attempt needs no key of its own by time. `jobs` packs ids.
CREATE TABLE {p}job_finished (
    at timestamptz NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    jobs bytea NOT NULL,
    PRIMARY KEY (at, id)
);
ALTER TABLE {p}job_finished ALTER COLUMN jobs SET STORAGE EXTERNAL;

-- What attempts cannot tell.
CREATE TABLE {p}job_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id uuid NOT NULL,
    at timestamptz NOT NULL,
    event smallint NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    reason text NOT NULL,
    server bigint
);
CREATE INDEX job_event_job ON {p}job_event (job_id);

-- reason: 0 delayed, 1 retry, 2 snoozed.
CREATE TABLE {p}job_schedule (
    job_id uuid PRIMARY KEY,
    seq bigint NOT NULL,
    due_at timestamptz NOT NULL,
    run integer NOT NULL,
    charged integer NOT NULL,
    reason smallint NOT NULL
);
CREATE INDEX job_schedule_due ON {p}job_schedule (due_at, seq);

-- hand_over: 0 nothing, 1 the one parent's output, 2 a tuple. The time after the release is
-- delay_us, or due_at, or at once.
CREATE TABLE {p}job_awaiting (
    job_id uuid PRIMARY KEY,
    seq bigint NOT NULL,
    pending integer NOT NULL,
    hand_over smallint NOT NULL,
    delay_us bigint,
    due_at timestamptz
);

CREATE TABLE {p}job_edge (
    child_id uuid NOT NULL,
    position integer NOT NULL,
    parent_id uuid NOT NULL,
    -- succeeded, failed, finished, deleted
    on_end text NOT NULL,
    as_result boolean NOT NULL,
    released boolean NOT NULL,
    output text,
    PRIMARY KEY (child_id, position)
);
CREATE INDEX job_edge_parent ON {p}job_edge (parent_id);

-- reason: 0 exhausted, 1 unknown kind, 2 undecodable.
CREATE TABLE {p}job_failed (
    job_id uuid PRIMARY KEY,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    reason smallint NOT NULL,
    failure text NOT NULL,
    run integer NOT NULL,
    charged integer NOT NULL
);
CREATE INDEX job_failed_seq ON {p}job_failed (seq);

CREATE TABLE {p}job_deleted (
    job_id uuid PRIMARY KEY,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    reason text NOT NULL,
    cause uuid,
    failure text,
    run integer NOT NULL,
    charged integer NOT NULL
);
CREATE INDEX job_deleted_seq ON {p}job_deleted (seq);
CREATE INDEX job_deleted_cause ON {p}job_deleted (cause) WHERE cause IS NOT NULL;

-- When settled jobs go whose time is not the default.
CREATE TABLE {p}job_expiry (
    job_id uuid PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
CREATE INDEX job_expiry_at ON {p}job_expiry (expires_at);

CREATE TABLE {p}job_unique (
    kind text NOT NULL,
    key text NOT NULL,
    job_id uuid NOT NULL,
    held_since timestamptz NOT NULL,
    PRIMARY KEY (kind, key)
);
CREATE INDEX job_unique_job ON {p}job_unique (job_id);

CREATE TABLE {p}job_step (
    job_id uuid NOT NULL,
    name text NOT NULL,
    output text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (job_id, name)
);

CREATE TABLE {p}job_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id uuid NOT NULL,
    run integer NOT NULL,
    at timestamptz NOT NULL,
    line text NOT NULL
);
CREATE INDEX job_log_job ON {p}job_log (job_id, id);

CREATE TABLE {p}job_progress (
    job_id uuid PRIMARY KEY,
    done bigint NOT NULL,
    total bigint NOT NULL
);

-- queues and kinds are JSON arrays. gone_at: departed, or declared dead.
CREATE TABLE {p}server (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    queues text NOT NULL,
    kinds text NOT NULL,
    workers integer NOT NULL,
    started_at timestamptz NOT NULL,
    -- Since when no gap between its heartbeats was so long that it counted as dead.
    live_since timestamptz NOT NULL,
    heartbeat_at timestamptz NOT NULL,
    gone_at timestamptz,
    paused boolean NOT NULL DEFAULT false
);

-- What servers have announced; seen_at is refreshed about once a minute.
CREATE TABLE {p}kind (
    name text PRIMARY KEY,
    queue text NOT NULL,
    retries integer NOT NULL,
    on_exhausted text NOT NULL,
    seen_at timestamptz NOT NULL
);

-- Queues that are paused.
CREATE TABLE {p}queue_pause (
    queue text PRIMARY KEY,
    paused_at timestamptz NOT NULL
);

CREATE TABLE {p}recurring (
    id text PRIMARY KEY,
    kind text NOT NULL,
    queue text NOT NULL,
    priority smallint NOT NULL,
    args text NOT NULL,
    options text,
    expires_us bigint,
    cron text NOT NULL,
    tz text NOT NULL,
    misfire text NOT NULL,
    overlap text NOT NULL,
    jitter_us bigint NOT NULL,
    paused boolean NOT NULL,
    declared text,
    next_at timestamptz,
    last_at timestamptz,
    last_job uuid,
    error text
);

-- Each occurrence once.
CREATE TABLE {p}recurring_fire (
    recurring_id text NOT NULL,
    at timestamptz NOT NULL,
    job_id uuid,
    PRIMARY KEY (recurring_id, at)
);
CREATE INDEX recurring_fire_at ON {p}recurring_fire (at);

-- One row: the name of this storage, and what servers watch for changes.
CREATE TABLE {p}control (
    storage uuid NOT NULL,
    recurring_version bigint NOT NULL
);
INSERT INTO {p}control (storage, recurring_version) VALUES (gen_random_uuid(), 0);
