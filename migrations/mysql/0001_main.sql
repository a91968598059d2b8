-- {p} is the prefix of the tables: jobs_. {table} ends each: engine, character set, and the one
-- collation of either database that tells all texts apart, those with blanks at the end as well.
--
-- A CREATE TABLE commits by itself, so that a migration may be left half-way, and is run again from
-- its beginning: what is there already is passed over. Instants are microseconds since 1970.

-- The order of places, and the key of every row that places a job, counts on the numbers that this
-- table gives out; it is empty between statements.
CREATE TABLE {p}seq (
    id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY
) {table};

-- The record: written once, when the job is stored. Only `seq` (on a retry or promotion) and
-- `input` (at a release) change later, and no index names them.
CREATE TABLE {p}job (
    id binary(16) NOT NULL PRIMARY KEY,
    kind varchar(200) NOT NULL,
    queue varchar(50) NOT NULL,
    priority smallint NOT NULL,
    args longtext NOT NULL,
    options longtext,
    input longtext,
    created_at bigint NOT NULL,
    expires_at bigint,
    -- The place in the line that it has or had last.
    seq bigint
) {table};

-- The line: a row for each job that waits for a worker, deleted by the claim.
-- `rank` is minus the priority, so that the key ascends in the order of claims.
CREATE TABLE {p}job_queue (
    queue varchar(50) NOT NULL,
    `rank` int NOT NULL,
    seq bigint NOT NULL,
    job_id binary(16) NOT NULL,
    kind varchar(200) NOT NULL,
    run int NOT NULL DEFAULT 0,
    charged int NOT NULL DEFAULT 0,
    solo boolean NOT NULL DEFAULT false,
    PRIMARY KEY (queue, `rank`, seq)
) {table};

-- A batch of jobs that a server has. `members` packs for each job its id (16 bytes), its place
-- (8), its run (4) and charged (4) in network order; `revoked` and `started` pack ids.
CREATE TABLE {p}lease (
    id bigint NOT NULL PRIMARY KEY,
    server bigint NOT NULL,
    solo boolean NOT NULL,
    members longblob NOT NULL,
    revoked longblob NOT NULL,
    started longblob NOT NULL,
    started_at bigint,
    claimed_at bigint NOT NULL,
    KEY lease_server (server)
) {table};

-- A row for each finished run, appended and but for `superseded` never changed.
-- ended: 0 succeeded, 1 failed, 2 snoozed.
CREATE TABLE {p}job_attempt (
    job_id binary(16) NOT NULL,
    run int NOT NULL,
    ended smallint NOT NULL,
    -- A success that was requeued since.
    superseded boolean NOT NULL DEFAULT false,
    -- The job has a time of its own in job_expiry.
    keeps boolean NOT NULL DEFAULT false,
    server bigint,
    started_at bigint NOT NULL,
    ended_at bigint NOT NULL,
    output longtext,
    failure longtext,
    PRIMARY KEY (job_id, run)
) {table};

-- What has succeeded and is kept for the default time, in the order in which it ended: a row for
-- each written batch, so that an attempt needs no key of its own by time. `jobs` packs ids.
CREATE TABLE {p}job_finished (
    at bigint NOT NULL,
    id bigint NOT NULL AUTO_INCREMENT,
    jobs longblob NOT NULL,
    PRIMARY KEY (at, id),
    KEY job_finished_id (id)
) {table};

-- What attempts cannot tell.
CREATE TABLE {p}job_event (
    id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    job_id binary(16) NOT NULL,
    at bigint NOT NULL,
    event smallint NOT NULL,
    from_state varchar(20) NOT NULL,
    to_state varchar(20) NOT NULL,
    reason longtext NOT NULL,
    server bigint,
    KEY job_event_job (job_id)
) {table};

-- reason: 0 delayed, 1 retry, 2 snoozed.
CREATE TABLE {p}job_schedule (
    job_id binary(16) NOT NULL PRIMARY KEY,
    seq bigint NOT NULL,
    due_at bigint NOT NULL,
    run int NOT NULL,
    charged int NOT NULL,
    reason smallint NOT NULL,
    KEY job_schedule_due (due_at, seq)
) {table};

-- hand_over: 0 nothing, 1 the one parent's output, 2 a tuple. The time after the release is
-- delay_us, or due_at, or at once.
CREATE TABLE {p}job_awaiting (
    job_id binary(16) NOT NULL PRIMARY KEY,
    seq bigint NOT NULL,
    pending int NOT NULL,
    hand_over smallint NOT NULL,
    delay_us bigint,
    due_at bigint
) {table};

CREATE TABLE {p}job_edge (
    child_id binary(16) NOT NULL,
    position int NOT NULL,
    parent_id binary(16) NOT NULL,
    -- succeeded, failed, finished, deleted
    on_end varchar(20) NOT NULL,
    as_result boolean NOT NULL,
    released boolean NOT NULL,
    output longtext,
    PRIMARY KEY (child_id, position),
    KEY job_edge_parent (parent_id)
) {table};

-- reason: 0 exhausted, 1 unknown kind, 2 undecodable.
CREATE TABLE {p}job_failed (
    job_id binary(16) NOT NULL PRIMARY KEY,
    seq bigint NOT NULL,
    at bigint NOT NULL,
    reason smallint NOT NULL,
    failure longtext NOT NULL,
    run int NOT NULL,
    charged int NOT NULL,
    KEY job_failed_seq (seq)
) {table};

CREATE TABLE {p}job_deleted (
    job_id binary(16) NOT NULL PRIMARY KEY,
    seq bigint NOT NULL,
    at bigint NOT NULL,
    reason longtext NOT NULL,
    cause binary(16),
    failure longtext,
    run int NOT NULL,
    charged int NOT NULL,
    KEY job_deleted_seq (seq),
    KEY job_deleted_cause (cause)
) {table};

-- When settled jobs go whose time is not the default.
CREATE TABLE {p}job_expiry (
    job_id binary(16) NOT NULL PRIMARY KEY,
    expires_at bigint NOT NULL,
    KEY job_expiry_at (expires_at)
) {table};

CREATE TABLE {p}job_unique (
    kind varchar(200) NOT NULL,
    `key` varchar(200) NOT NULL,
    job_id binary(16) NOT NULL,
    held_since bigint NOT NULL,
    PRIMARY KEY (kind, `key`),
    KEY job_unique_job (job_id)
) {table};

-- A name may be longer than a key: `hash` is the SHA-256 of it.
CREATE TABLE {p}job_step (
    job_id binary(16) NOT NULL,
    hash binary(32) NOT NULL,
    name longtext NOT NULL,
    output longtext NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (job_id, hash)
) {table};

CREATE TABLE {p}job_log (
    id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    job_id binary(16) NOT NULL,
    run int NOT NULL,
    at bigint NOT NULL,
    line longtext NOT NULL,
    KEY job_log_job (job_id, id)
) {table};

CREATE TABLE {p}job_progress (
    job_id binary(16) NOT NULL PRIMARY KEY,
    done bigint NOT NULL,
    total bigint NOT NULL
) {table};

-- queues and kinds are JSON arrays. gone_at: departed, or declared dead.
CREATE TABLE {p}server (
    id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name longtext NOT NULL,
    queues longtext NOT NULL,
    kinds longtext NOT NULL,
    workers bigint NOT NULL,
    started_at bigint NOT NULL,
    -- Since when no gap between its heartbeats was so long that it counted as dead.
    live_since bigint NOT NULL,
    heartbeat_at bigint NOT NULL,
    gone_at bigint,
    paused boolean NOT NULL DEFAULT false
) {table};

-- What servers have announced; seen_at is refreshed about once a minute.
CREATE TABLE {p}kind (
    name varchar(200) NOT NULL PRIMARY KEY,
    queue varchar(50) NOT NULL,
    retries bigint NOT NULL,
    on_exhausted varchar(20) NOT NULL,
    seen_at bigint NOT NULL
) {table};

-- Queues that are paused.
CREATE TABLE {p}queue_pause (
    queue varchar(50) NOT NULL PRIMARY KEY,
    paused_at bigint NOT NULL
) {table};

CREATE TABLE {p}recurring (
    id varchar(200) NOT NULL PRIMARY KEY,
    kind varchar(200) NOT NULL,
    queue varchar(50) NOT NULL,
    priority smallint NOT NULL,
    args longtext NOT NULL,
    options longtext,
    expires_us bigint,
    cron longtext NOT NULL,
    tz longtext NOT NULL,
    misfire varchar(20) NOT NULL,
    overlap varchar(20) NOT NULL,
    jitter_us bigint NOT NULL,
    paused boolean NOT NULL,
    declared longtext,
    next_at bigint,
    last_at bigint,
    last_job binary(16),
    error longtext
) {table};

-- Each occurrence once.
CREATE TABLE {p}recurring_fire (
    recurring_id varchar(200) NOT NULL,
    at bigint NOT NULL,
    job_id binary(16),
    PRIMARY KEY (recurring_id, at),
    KEY recurring_fire_at (at)
) {table};

-- One row: the name of this storage, and what servers watch for changes.
CREATE TABLE {p}control (
    id tinyint NOT NULL PRIMARY KEY,
    storage binary(16) NOT NULL,
    recurring_version bigint NOT NULL
) {table};
INSERT IGNORE INTO {p}control (id, storage, recurring_version)
VALUES (1, UNHEX(REPLACE(UUID(), '-', '')), 0);
