-- Limits that hold across all servers, and the turns that keys take in one queue.

-- scope: '' for a throttle, whose key is the user's; the queue, for the turns of a key in it.
-- kind: 0 concurrency, 1 fixed, 2 sliding, 3 bucket, 4 turns.
-- wake_at is set for as long as jobs wait here: when somebody has to look whether there is room,
-- at the latest. `called` of them have been put back into their lines since called_at.
CREATE TABLE {p}throttle (
    id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    scope varchar(50) NOT NULL,
    `key` varchar(200) NOT NULL,
    kind smallint NOT NULL,
    -- What the code says, and what was set instead of it.
    declared bigint NOT NULL,
    own_limit bigint,
    per_us bigint NOT NULL,
    -- Slots that are taken; starts in the present window; places that the key has in the line.
    used bigint NOT NULL DEFAULT 0,
    -- Of a bucket.
    tokens double NOT NULL DEFAULT 0,
    -- The beginning of the window; when the bucket was last looked into.
    window_at bigint,
    called bigint NOT NULL DEFAULT 0,
    called_at bigint,
    wake_at bigint,
    touched_at bigint NOT NULL,
    UNIQUE KEY throttle_name (scope, `key`),
    KEY throttle_wake (wake_at)
) {table};

-- A job that is Enqueued, and waits until its throttle calls it back into the line of its queue.
CREATE TABLE {p}throttle_wait (
    job_id binary(16) NOT NULL PRIMARY KEY,
    throttle bigint NOT NULL,
    queue varchar(50) NOT NULL,
    `rank` int NOT NULL,
    seq bigint NOT NULL,
    kind varchar(200) NOT NULL,
    run int NOT NULL,
    charged int NOT NULL,
    solo boolean NOT NULL,
    KEY throttle_wait_line (throttle, `rank`, seq)
) {table};

-- A slot that a run has taken. It goes with its lease, so that a server that died frees it.
CREATE TABLE {p}throttle_slot (
    lease bigint NOT NULL,
    job_id binary(16) NOT NULL,
    throttle bigint NOT NULL,
    PRIMARY KEY (lease, job_id, throttle),
    KEY throttle_slot_throttle (throttle)
) {table};

-- What a sliding limit has let through, a row for each claim; kept for a minute at least.
CREATE TABLE {p}throttle_admission (
    throttle bigint NOT NULL,
    at bigint NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (throttle, at)
) {table};
