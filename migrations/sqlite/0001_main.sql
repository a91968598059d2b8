-- {p} is the prefix of the tables: jobs_. Instants are microseconds since 1970, UTC.

-- The order of places, and the key of every row that places a job.
CREATE TABLE {p}seq (
    last integer NOT NULL
) STRICT;
INSERT INTO {p}seq (last) VALUES (0);

-- The record: written once, when the job is stored. Only `seq` (on a retry or promotion) and
-- `input` (at a release) change later, and no index names them.
CREATE TABLE {p}job (
    id blob PRIMARY KEY,
    kind text NOT NULL,
    queue text NOT NULL,
    priority integer NOT NULL,
    args text NOT NULL,
    options text,
    input text,
    created_at integer NOT NULL,
    expires_at integer,
    -- The place in the line that it has or had last.
    seq integer
) STRICT;

-- The line: a row for each job that waits for a worker, deleted by the claim.
-- `rank` is minus the priority, so that the key ascends in the order of claims.
CREATE TABLE {p}job_queue (
    queue text NOT NULL,
    rank integer NOT NULL,
    seq integer NOT NULL,
    job_id blob NOT NULL,
    kind text NOT NULL,
    run integer NOT NULL DEFAULT 0,
    charged integer NOT NULL DEFAULT 0,
    solo integer NOT NULL DEFAULT 0,
    PRIMARY KEY (queue, rank, seq)
) STRICT, WITHOUT ROWID;

-- A batch of jobs that a server has. `members` packs for each job its id (16 bytes), its place
-- (8), its run (4) and charged (4) in network order; `revoked` and `started` pack ids.
CREATE TABLE {p}lease (
    id integer PRIMARY KEY,
    server integer NOT NULL,
    solo integer NOT NULL,
    members blob NOT NULL,
    revoked blob NOT NULL DEFAULT x'',
    started blob NOT NULL DEFAULT x'',
    started_at integer,
    claimed_at integer NOT NULL
) STRICT;

-- A row for each finished run, appended and but for `superseded` never changed.
-- ended: 0 succeeded, 1 failed, 2 snoozed.
CREATE TABLE {p}job_attempt (
    job_id blob NOT NULL,
    run integer NOT NULL,
    ended integer NOT NULL,
    -- A success that was requeued since.
    superseded integer NOT NULL DEFAULT 0,
    -- The job has a time of its own in job_expiry.
    keeps integer NOT NULL DEFAULT 0,
    server integer,
    started_at integer NOT NULL,
    ended_at integer NOT NULL,
    output text,
    failure text,
    PRIMARY KEY (job_id, run)
) STRICT, WITHOUT ROWID;

-- What has succeeded and is kept for the default time, in the order in which it ended: a row for
-- each written batch, so that an attempt needs no key of its own by time. `jobs` packs ids.
CREATE TABLE {p}job_finished (
    id integer PRIMARY KEY AUTOINCREMENT,
    at integer NOT NULL,
    jobs blob NOT NULL
) STRICT;
CREATE INDEX {p}job_finished_at ON {p}job_finished (at);

-- What attempts cannot tell.
CREATE TABLE {p}job_event (
    id integer PRIMARY KEY AUTOINCREMENT,
    job_id blob NOT NULL,
    at integer NOT NULL,
    event integer NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    reason text NOT NULL,
    server integer
) STRICT;
CREATE INDEX {p}job_event_job ON {p}job_event (job_id);

-- reason: 0 delayed, 1 retry, 2 snoozed.
CREATE TABLE {p}job_schedule (
    job_id blob PRIMARY KEY,
    seq integer NOT NULL,
    due_at integer NOT NULL,
    run integer NOT NULL,
    charged integer NOT NULL,
    reason integer NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX {p}job_schedule_due ON {p}job_schedule (due_at, seq);

-- hand_over: 0 nothing, 1 the one parent's output, 2 a tuple. The time after the release is
-- delay_us, or due_at, or at once.
CREATE TABLE {p}job_awaiting (
    job_id blob PRIMARY KEY,
    seq integer NOT NULL,
    pending integer NOT NULL,
    hand_over integer NOT NULL,
    delay_us integer,
    due_at integer
) STRICT, WITHOUT ROWID;

CREATE TABLE {p}job_edge (
    child_id blob NOT NULL,
    position integer NOT NULL,
    parent_id blob NOT NULL,
    -- succeeded, failed, finished, deleted
    on_end text NOT NULL,
    as_result integer NOT NULL,
    released integer NOT NULL,
    output text,
    PRIMARY KEY (child_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX {p}job_edge_parent ON {p}job_edge (parent_id);

-- reason: 0 exhausted, 1 unknown kind, 2 undecodable.
CREATE TABLE {p}job_failed (
    job_id blob PRIMARY KEY,
    seq integer NOT NULL,
    at integer NOT NULL,
    reason integer NOT NULL,
    failure text NOT NULL,
    run integer NOT NULL,
    charged integer NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX {p}job_failed_seq ON {p}job_failed (seq);

CREATE TABLE {p}job_deleted (
    job_id blob PRIMARY KEY,
    seq integer NOT NULL,
    at integer NOT NULL,
    reason text NOT NULL,
    cause blob,
    failure text,
    run integer NOT NULL,
    charged integer NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX {p}job_deleted_seq ON {p}job_deleted (seq);
CREATE INDEX {p}job_deleted_cause ON {p}job_deleted (cause) WHERE cause IS NOT NULL;

-- When settled jobs go whose time is not the default.
CREATE TABLE {p}job_expiry (
    job_id blob PRIMARY KEY,
    expires_at integer NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX {p}job_expiry_at ON {p}job_expiry (expires_at);

CREATE TABLE {p}job_unique (
    kind text NOT NULL,
    key text NOT NULL,
    job_id blob NOT NULL,
    held_since integer NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX {p}job_unique_job ON {p}job_unique (job_id);

CREATE TABLE {p}job_step (
    job_id blob NOT NULL,
    name text NOT NULL,
    output text NOT NULL,
    at integer NOT NULL,
    PRIMARY KEY (job_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE {p}job_log (
    id integer PRIMARY KEY AUTOINCREMENT,
    job_id blob NOT NULL,
    run integer NOT NULL,
    at integer NOT NULL,
    line text NOT NULL
) STRICT;
CREATE INDEX {p}job_log_job ON {p}job_log (job_id, id);

CREATE TABLE {p}job_progress (
    job_id blob PRIMARY KEY,
    done integer NOT NULL,
    total integer NOT NULL
) STRICT, WITHOUT ROWID;

-- queues and kinds are JSON arrays. gone_at: departed, or declared dead.
CREATE TABLE {p}server (
    id integer PRIMARY KEY AUTOINCREMENT,
    name text NOT NULL,
    queues text NOT NULL,
    kinds text NOT NULL,
    workers integer NOT NULL,
    started_at integer NOT NULL,
    -- Since when no gap between its heartbeats was so long that it counted as dead.
    live_since integer NOT NULL,
    heartbeat_at integer NOT NULL,
    gone_at integer,
    paused integer NOT NULL DEFAULT 0
) STRICT;

-- What servers have announced; seen_at is refreshed about once a minute.
CREATE TABLE {p}kind (
    name text PRIMARY KEY,
    queue text NOT NULL,
    retries integer NOT NULL,
    on_exhausted text NOT NULL,
    seen_at integer NOT NULL
) STRICT, WITHOUT ROWID;

-- Queues that are paused.
CREATE TABLE {p}queue_pause (
    queue text PRIMARY KEY,
    paused_at integer NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE {p}recurring (
    id text PRIMARY KEY,
    kind text NOT NULL,
    queue text NOT NULL,
    priority integer NOT NULL,
    args text NOT NULL,
    options text,
    expires_us integer,
    cron text NOT NULL,
    tz text NOT NULL,
    misfire text NOT NULL,
    overlap text NOT NULL,
    jitter_us integer NOT NULL,
    paused integer NOT NULL,
    declared text,
    next_at integer,
    last_at integer,
    last_job blob,
    error text
) STRICT, WITHOUT ROWID;

-- Each occurrence once.
CREATE TABLE {p}recurring_fire (
    recurring_id text NOT NULL,
    at integer NOT NULL,
    job_id blob,
    PRIMARY KEY (recurring_id, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX {p}recurring_fire_at ON {p}recurring_fire (at);

-- One row: the name of this storage, and what servers watch for changes.
CREATE TABLE {p}control (
    storage blob NOT NULL,
    recurring_version integer NOT NULL
) STRICT;
INSERT INTO {p}control (storage, recurring_version) VALUES (randomblob(16), 0);
