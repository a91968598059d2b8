-- Limits that hold across all servers, and the turns that keys take in one queue.

-- scope: '' for a throttle, whose key is the user's; the queue, for the turns of a key in it.
-- kind: 0 concurrency, 1 fixed, 2 sliding, 3 bucket, 4 turns.
-- wake_at is set for as long as jobs wait here: when somebody has to look whether there is room,
-- at the latest. `called` of them have been put back into their lines since called_at.
CREATE TABLE {p}throttle (
    id integer PRIMARY KEY,
    scope text NOT NULL,
    key text NOT NULL,
    kind integer NOT NULL,
    -- What the code says, and what was set instead of it.
    declared integer NOT NULL,
    own_limit integer,
    per_us integer NOT NULL,
    -- Slots that are taken; starts in the present window; places that the key has in the line.
    used integer NOT NULL DEFAULT 0,
    -- Of a bucket.
    tokens real NOT NULL DEFAULT 0,
    -- The beginning of the window; when the bucket was last looked into.
    window_at integer,
    called integer NOT NULL DEFAULT 0,
    called_at integer,
    wake_at integer,
    touched_at integer NOT NULL,
    UNIQUE (scope, key)
) STRICT;
CREATE INDEX {p}throttle_wake ON {p}throttle (wake_at) WHERE wake_at IS NOT NULL;

-- A job that is Enqueued, and waits until its throttle calls it back into the line of its queue.
CREATE TABLE {p}throttle_wait (
    job_id blob PRIMARY KEY,
    throttle integer NOT NULL,
    queue text NOT NULL,
    rank integer NOT NULL,
    seq integer NOT NULL,
    kind text NOT NULL,
    run integer NOT NULL,
    charged integer NOT NULL,
    solo integer NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX {p}throttle_wait_line ON {p}throttle_wait (throttle, rank, seq);

-- A slot that a run has taken. It goes with its lease, so that a server that died frees it.
CREATE TABLE {p}throttle_slot (
    lease integer NOT NULL,
    job_id blob NOT NULL,
    throttle integer NOT NULL,
    PRIMARY KEY (lease, job_id, throttle)
) STRICT, WITHOUT ROWID;
CREATE INDEX {p}throttle_slot_throttle ON {p}throttle_slot (throttle);

-- What a sliding limit has let through, a row for each claim; kept for a minute at least.
CREATE TABLE {p}throttle_admission (
    throttle integer NOT NULL,
    at integer NOT NULL,
    count integer NOT NULL,
    PRIMARY KEY (throttle, at)
) STRICT, WITHOUT ROWID;
