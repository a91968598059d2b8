-- Limits that hold across all servers, and the turns that keys take in one queue.

-- scope: '' for a throttle, whose key is the user's; the queue, for the turns of a key in it.
-- kind: 0 concurrency, 1 fixed, 2 sliding, 3 bucket, 4 turns.
-- wake_at is set for as long as jobs wait here: when somebody has to look whether there is room,
-- at the latest. `called` of them have been put back into their lines since called_at.
CREATE TABLE {p}throttle (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    scope text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    kind smallint NOT NULL,
    -- What the code says, and what was set instead of it.
    declared bigint NOT NULL,
    own_limit bigint,
    per_us bigint NOT NULL,
    -- Slots that are taken; starts in the present window; places that the key has in the line.
    used bigint NOT NULL DEFAULT 0,
    -- Of a bucket.
    tokens double precision NOT NULL DEFAULT 0,
    -- The beginning of the window; when the bucket was last looked into.
    window_at timestamptz,
    called bigint NOT NULL DEFAULT 0,
    called_at timestamptz,
    wake_at timestamptz,
    touched_at timestamptz NOT NULL,
    UNIQUE (scope, key)
) WITH (
    -- Room to change a row in place.
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 1000
);
CREATE INDEX throttle_wake ON {p}throttle (wake_at) WHERE wake_at IS NOT NULL;

-- A job that is Enqueued, and waits until its throttle calls it back into the line of its queue.
CREATE TABLE {p}throttle_wait (
    job_id uuid PRIMARY KEY,
    throttle bigint NOT NULL,
    queue text NOT NULL,
    rank smallint NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    run integer NOT NULL,
    charged integer NOT NULL,
    solo boolean NOT NULL
) WITH (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 20000
);
CREATE INDEX throttle_wait_line ON {p}throttle_wait (throttle, rank, seq);

-- A slot that a run has taken. It goes with its lease, so that a server that died frees it.
CREATE TABLE {p}throttle_slot (
    lease bigint NOT NULL,
    job_id uuid NOT NULL,
    throttle bigint NOT NULL,
    PRIMARY KEY (lease, job_id, throttle)
);
CREATE INDEX throttle_slot_throttle ON {p}throttle_slot (throttle);

-- What a sliding limit has let through, a row for each claim; kept for a minute at least.
CREATE TABLE {p}throttle_admission (
    throttle bigint NOT NULL,
    at timestamptz NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (throttle, at)
);
