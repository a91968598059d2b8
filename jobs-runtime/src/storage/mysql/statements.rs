//! Every statement that is sent to MySQL, but for the inserts of many rows, which are in `batch`,
//! the opening of transactions, and the migrations.
//!
//! Lists are bound as one JSON array, in which ids are hexadecimal, and read by `JSON_TABLE`.
//! `STRAIGHT_JOIN` makes that the outer table, so that a row is looked up by its key for each
//! element, and locked in the order of the elements, whatever the statistics say. Where rows are
//! locked it stands in a subquery, since MySQL cannot lock what it gives. Comments with a version
//! name the collation, which has another name in each database.
//!
//! In an application's own transaction, `{share}` makes reads see what is committed: its view, by
//! default that of its first read, may be older, and what has moved since would be lost.

use crate::storage::sql::statements;

/// `ids (hex)`, from a JSON array of ids.
macro_rules! ids {
    () => {
        "(SELECT hex FROM JSON_TABLE(?, '$[*]' COLUMNS (hex char(32) PATH '$')) AS list) AS ids"
    };
}

/// `numbers (number)`, from a JSON array of numbers.
macro_rules! numbers {
    () => {
        "(SELECT number FROM JSON_TABLE(?, '$[*]' COLUMNS (number bigint PATH '$')) AS list)
            AS numbers"
    };
}

/// A column of names out of JSON, as they are compared with those in tables.
macro_rules! name_column {
    () => {
        "(name varchar(200) CHARACTER SET utf8mb4 /*M! COLLATE utf8mb4_nopad_bin */ \
         /*!80017 COLLATE utf8mb4_0900_bin */ PATH '$')"
    };
}

/// `names (name)`, from a JSON array of names.
macro_rules! names {
    () => {
        concat!("JSON_TABLE(?, '$[*]' COLUMNS ", name_column!(), ") AS names")
    };
}

/// Whether a name is among those of a JSON array. In a `SELECT STRAIGHT_JOIN` the array is looked
/// into row by row, so that the order of the rows, and of their locks, stays that of their key.
macro_rules! in_names {
    ($name:literal) => {
        concat!($name, " IN (SELECT names.name FROM ", names!(), ")")
    };
}

/// `j`, the records of a list of jobs.
macro_rules! records {
    () => {
        concat!(
            ids!(),
            " STRAIGHT_JOIN {p}job AS j FORCE INDEX (PRIMARY)
                ON j.id = UNHEX(ids.hex)"
        )
    };
}

/// `l`, the leases of a list of ids.
macro_rules! leases {
    () => {
        concat!(
            numbers!(),
            " STRAIGHT_JOIN {p}lease AS l FORCE INDEX (PRIMARY)
                ON l.id = numbers.number"
        )
    };
}

/// `place (queue, rank, seq)`, from a JSON array of keys of the line.
macro_rules! places {
    () => {
        "(SELECT queue, `rank`, seq FROM JSON_TABLE(?, '$[*]' COLUMNS (
            queue varchar(50) CHARACTER SET utf8mb4 /*M! COLLATE utf8mb4_nopad_bin */
                /*!80017 COLLATE utf8mb4_0900_bin */ PATH '$[0]',
            `rank` int PATH '$[1]', seq bigint PATH '$[2]'
        )) AS list) AS place"
    };
}

/// `ended (lease, hex)`, from a JSON array of leases and jobs.
macro_rules! runs {
    () => {
        "(SELECT lease, hex FROM JSON_TABLE(?, '$[*]' COLUMNS (
            lease bigint PATH '$[0]', hex char(32) PATH '$[1]'
        )) AS list) AS ended"
    };
}

/// The rows of a table that belong to the jobs of a list, found by its primary key or by another.
macro_rules! of_ids {
    ($before:literal, $table:literal, $after:literal) => {
        of_ids!($before, $table, "PRIMARY", $after)
    };
    ($before:literal, $table:literal, $key:literal, $after:literal) => {
        concat!(
            $before,
            " FROM ",
            ids!(),
            " STRAIGHT_JOIN ",
            $table,
            " AS t FORCE INDEX (",
            $key,
            ") ON t.job_id = UNHEX(ids.hex) ",
            $after
        )
    };
}

/// `asked (name)`, those of the queues of a JSON array that are not paused and hold a job of the
/// kinds of another. `ready!(more)` selects more columns.
macro_rules! ready {
    ($columns:literal) => {
        concat!(
            "SELECT ", $columns, " FROM (SELECT names.name FROM ", names!(), ") AS asked
            WHERE NOT EXISTS (SELECT 1 FROM {p}queue_pause AS pause WHERE pause.queue = asked.name)
                AND (
                    SELECT STRAIGHT_JOIN 1 FROM {p}job_queue AS q FORCE INDEX (PRIMARY)
                    WHERE q.queue = asked.name AND ", in_names!("q.kind"), " LIMIT 1
                ) IS NOT NULL"
        )
    };
}

macro_rules! edge_columns {
    () => {
        "e.child_id, e.position, e.parent_id, e.on_end, e.as_result, e.released, e.output"
    };
}

macro_rules! batch_columns {
    () => {
        "b.id, b.parent_id, b.name, b.description, b.finishes, b.keep_us, b.opened, b.state,
        b.total, b.pending, b.succeeded, b.failed, b.deleted, b.skipped, b.cause, b.cancelled,
        b.seq, b.created_at, b.ended_at, b.expires_at"
    };
}

/// `b`, the batches of a list.
macro_rules! batches {
    () => {
        concat!(
            ids!(),
            " STRAIGHT_JOIN {p}batch AS b FORCE INDEX (PRIMARY)
                ON b.id = UNHEX(ids.hex)"
        )
    };
}

macro_rules! throttle_columns {
    () => {
        "t.id, t.scope, t.`key`, t.kind, t.declared, t.own_limit, t.per_us, t.used, t.tokens,
        t.window_at, t.called, t.called_at, t.wake_at, t.touched_at, {now}"
    };
}

/// `t`, the throttles of a list of ids.
macro_rules! throttles {
    () => {
        concat!(
            numbers!(),
            " STRAIGHT_JOIN {p}throttle AS t FORCE INDEX (PRIMARY)
                ON t.id = numbers.number"
        )
    };
}

macro_rules! recurring_columns {
    () => {
        "id, kind, queue, priority, args, options, expires_us, cron, tz, misfire, overlap,
        jitter_us, paused, declared, next_at, last_at, last_job, error"
    };
}

/// Ends of runs from then on, which is bound four times; each table is walked by its key by time.
macro_rules! ends_since {
    () => {
        "SELECT at, LENGTH(jobs) DIV 16 AS succeeded, 0 AS failed
            FROM {p}job_finished FORCE INDEX (PRIMARY) WHERE at >= ?
        UNION ALL
        SELECT at, LENGTH(jobs) DIV 16, 0
            FROM {p}batch_finished FORCE INDEX (PRIMARY) WHERE at >= ?
        UNION ALL
        SELECT succeeded_at, 1, 0
            FROM {p}job_expiry FORCE INDEX (job_expiry_succeeded) WHERE succeeded_at >= ?
        UNION ALL
        SELECT at, 0, LENGTH(jobs) DIV 16
            FROM {p}run_failed FORCE INDEX (run_failed_at) WHERE at >= ?"
    };
}

statements! {
    /// The statements, rendered for one prefix.
    Statements {
        now = "SELECT {now}";
        storage = "SELECT storage FROM {p}control";
        /// In a transaction, the number is given out once, whether that commits or not, and nobody
        /// waits for it. The row is of no more use, but has to be written, so that a replica
        /// counts along.
        next_number =
            "INSERT INTO {p}seq () VALUES ();
            SELECT LAST_INSERT_ID();
            DELETE FROM {p}seq WHERE id = LAST_INSERT_ID()";

        // Records and the line.

        /// Whether a server may have a new job of a queue at once: the queue, the server, the queue
        /// and the kinds.
        is_open = concat!(
            "SELECT NOT EXISTS (SELECT 1 FROM {p}queue_pause WHERE queue = ?)
                AND EXISTS (SELECT 1 FROM {p}server WHERE id = ? AND gone_at IS NULL)
                AND (
                    SELECT STRAIGHT_JOIN 1 FROM {p}job_queue FORCE INDEX (PRIMARY)
                    WHERE queue = ? AND ", in_names!("kind"), " LIMIT 1
                ) IS NULL"
        );
        ready = ready!("asked.name");
        /// The head of a line: the queue, the kinds, the queue, the server, the most rows. What is
        /// only asked about is not locked. A server that is declared dead between its claim and
        /// the commit of that leaves a lease, for which `lock_silent` looks.
        line_head = concat!(
            "SELECT STRAIGHT_JOIN `rank`, seq, job_id, kind, run, charged, solo
            FROM {p}job_queue FORCE INDEX (PRIMARY)
            WHERE queue = ? AND ", in_names!("kind"), "
                AND NOT EXISTS (SELECT 1 FROM {p}queue_pause WHERE queue = ?)
                AND EXISTS (SELECT 1 FROM {p}server WHERE id = ? AND gone_at IS NULL)
            ORDER BY `rank`, seq LIMIT ? FOR UPDATE SKIP LOCKED"
        );
        /// By queues, ranks and places.
        delete_line = concat!(
            "DELETE q FROM ", places!(), " STRAIGHT_JOIN {p}job_queue AS q FORCE INDEX (PRIMARY)
                ON q.queue = place.queue AND q.`rank` = place.`rank` AND q.seq = place.seq"
        );
        contents = concat!(
            "SELECT j.id, j.args, j.options, j.input, COALESCE(j.expires_at <= {now}, 0)
            FROM ", records!()
        );
        note_seqs =
            "UPDATE JSON_TABLE(?, '$[*]' COLUMNS (
                hex char(32) PATH '$[0]', seq bigint PATH '$[1]', due bigint PATH '$[2]'
            )) AS new
            STRAIGHT_JOIN {p}job AS j FORCE INDEX (PRIMARY) ON j.id = UNHEX(new.hex)
            SET j.seq = new.seq, j.due_at = COALESCE(new.due, j.due_at)";
        jobs = concat!(
            "SELECT j.id, j.kind, j.queue, j.priority, j.options
            FROM ", records!(), " {share}"
        );
        set_inputs =
            "UPDATE JSON_TABLE(?, '$[*]' COLUMNS (
                hex char(32) PATH '$[0]', input longtext CHARACTER SET utf8mb4 PATH '$[1]'
            )) AS new
            STRAIGHT_JOIN {p}job AS j FORCE INDEX (PRIMARY) ON j.id = UNHEX(new.hex)
            SET j.input = new.input";
        /// While the record still names the former queue and priority.
        rewrite_line =
            "UPDATE {p}job AS j STRAIGHT_JOIN {p}job_queue AS q FORCE INDEX (PRIMARY)
                ON q.queue = j.queue AND q.`rank` = -j.priority AND q.seq = j.seq
                AND q.job_id = j.id
            SET q.queue = ?, q.`rank` = ?
            WHERE j.id = ?";
        rewrite_waiting = "UPDATE {p}throttle_wait SET queue = ?, `rank` = ? WHERE job_id = ?";
        rewrite_job =
            "UPDATE {p}job SET queue = ?, priority = ?, args = ?, options = ?,
                expires_at = {now} + ? WHERE id = ?";

        // Leases.

        lock_leases = concat!(
            "SELECT l.id, l.revoked
            FROM ", leases!(), " FOR UPDATE"
        );
        /// Of servers.
        leases_of = concat!(
            "SELECT l.id, l.server, l.solo, l.members, l.revoked, l.started, l.started_at
            FROM ", numbers!(), " STRAIGHT_JOIN {p}lease AS l FORCE INDEX (lease_server)
                ON l.server = numbers.number
            FOR UPDATE"
        );
        delete_leases = concat!(
            "DELETE l FROM ", leases!()
        );
        lock_lease = "SELECT members, revoked, started FROM {p}lease WHERE id = ? FOR UPDATE";
        revoke = "UPDATE {p}lease SET revoked = CONCAT(revoked, ?) WHERE id = ?";
        lock_started = concat!(
            "SELECT l.id, l.started
            FROM ", leases!(), " FOR UPDATE"
        );
        /// A job that is leased alone keeps the time of its start.
        note_started =
            "UPDATE JSON_TABLE(?, '$[*]' COLUMNS (
                lease bigint PATH '$[0]', hex longtext PATH '$[1]'
            )) AS more
            STRAIGHT_JOIN {p}lease AS l FORCE INDEX (PRIMARY) ON l.id = more.lease
            SET l.started = CONCAT(l.started, UNHEX(more.hex)),
                l.started_at = CASE WHEN l.solo THEN COALESCE(l.started_at, {now}) ELSE {now} END";
        leases_with =
            "SELECT id, members, revoked FROM {p}lease WHERE INSTR(members, ?) > 0 {share}";
        leases = "SELECT id, members, revoked FROM {p}lease {share}";
        share_leases = concat!(
            "SELECT l.id FROM ", leases!(), "
            LOCK IN SHARE MODE"
        );

        // History.

        attempted =
            "SELECT a.job_id
            FROM (SELECT hex, run FROM JSON_TABLE(?, '$[*]' COLUMNS (
                hex char(32) PATH '$[0]', run int PATH '$[1]'
            )) AS list) AS asked
            STRAIGHT_JOIN {p}job_attempt AS a FORCE INDEX (PRIMARY)
                ON a.job_id = UNHEX(asked.hex) AND a.run = asked.run
            {share}";

        // The narrow tables of the rarer states.

        due =
            "SELECT job_id, run, charged, due_at
            FROM {p}job_schedule FORCE INDEX (job_schedule_due)
            WHERE due_at <= {now} ORDER BY due_at, seq LIMIT ? FOR UPDATE SKIP LOCKED";
        delete_schedule = of_ids!("DELETE t", "{p}job_schedule", "");

        // Continuations.

        open_edges = concat!(
            "SELECT ", edge_columns!(), " FROM ", ids!(), "
            STRAIGHT_JOIN {p}job_edge AS e FORCE INDEX (job_edge_parent)
                ON e.parent_id = UNHEX(ids.hex)
            WHERE NOT e.released {share}"
        );
        edges_to = concat!(
            "SELECT ", edge_columns!(), " FROM ", ids!(), "
            STRAIGHT_JOIN {p}job_edge AS e FORCE INDEX (PRIMARY) ON e.child_id = UNHEX(ids.hex)
            {share}"
        );
        release_edges =
            "UPDATE JSON_TABLE(?, '$[*]' COLUMNS (
                hex char(32) PATH '$[0]', position int PATH '$[1]',
                output longtext CHARACTER SET utf8mb4 PATH '$[2]'
            )) AS new
            STRAIGHT_JOIN {p}job_edge AS e FORCE INDEX (PRIMARY)
                ON e.child_id = UNHEX(new.hex) AND e.position = new.position
            SET e.released = true, e.output = new.output";
        count_down =
            "UPDATE JSON_TABLE(?, '$[*]' COLUMNS (
                hex char(32) PATH '$[0]', taken int PATH '$[1]'
            )) AS new
            STRAIGHT_JOIN {p}job_awaiting AS w FORCE INDEX (PRIMARY) ON w.job_id = UNHEX(new.hex)
            SET w.pending = w.pending - new.taken";
        awaiting = of_ids!(
            "SELECT t.job_id, t.pending, t.hand_over, t.delay_us, t.due_at", "{p}job_awaiting",
            "{share}"
        );
        lock_awaiting = of_ids!("SELECT t.job_id, t.seq", "{p}job_awaiting", "FOR UPDATE");
        delete_awaiting = of_ids!("DELETE t", "{p}job_awaiting", "");
        deleted_because_of = concat!(
            "SELECT d.job_id, d.cause FROM ", ids!(), "
            STRAIGHT_JOIN {p}job_deleted AS d FORCE INDEX (job_deleted_cause)
                ON d.cause = UNHEX(ids.hex) {share}"
        );

        caused = of_ids!("SELECT t.job_id", "{p}job_deleted", "WHERE t.cause IS NOT NULL {share}");

        // Batches. Their ids are locked in ascending order.

        batches = concat!("SELECT ", batch_columns!(), " FROM ", batches!(), " {share}");
        lock_batches = concat!("SELECT ", batch_columns!(), " FROM ", batches!(), " FOR UPDATE");
        save_batch =
            "UPDATE {p}batch
            SET opened = ?, state = ?, total = ?, pending = ?, succeeded = ?, failed = ?,
                deleted = ?, skipped = ?, cause = ?, cancelled = ?,
                ended_at = CASE WHEN ? THEN COALESCE(ended_at, {now}) END,
                expires_at = {now} + ?
            WHERE id = ?";
        dropped_batches = concat!(
            "SELECT b.id FROM ", ids!(), "
            STRAIGHT_JOIN {p}batch AS b FORCE INDEX (batch_cause)
                ON b.cause = UNHEX(ids.hex) {share}"
        );
        batch_trees = concat!(
            "WITH RECURSIVE tree (outermost, id, depth) AS (
                SELECT CAST(UNHEX(ids.hex) AS binary(16)), CAST(UNHEX(ids.hex) AS binary(16)), 0
                FROM ", ids!(), "
                UNION ALL
                SELECT tree.outermost, b.id, tree.depth + 1
                FROM tree STRAIGHT_JOIN {p}batch AS b FORCE INDEX (batch_newest)
                    ON b.parent_id = tree.id
            )
            SELECT outermost, id FROM tree ORDER BY depth, id"
        );
        members =
            "SELECT batch_id, position, node_id, is_batch
            FROM {p}batch_member FORCE INDEX (PRIMARY)
            WHERE batch_id = ? AND position > ? ORDER BY position LIMIT ? {share}";
        failed_members =
            "SELECT m.batch_id, m.position, m.node_id, m.is_batch
            FROM {p}batch_member AS m FORCE INDEX (PRIMARY)
            STRAIGHT_JOIN {p}job_failed AS f FORCE INDEX (PRIMARY) ON f.job_id = m.node_id
            WHERE m.batch_id = ? AND m.position > ? ORDER BY m.position LIMIT ? {share}";
        awaiting_members = concat!(
            "SELECT m.batch_id, COUNT(*) FROM ", ids!(), "
            STRAIGHT_JOIN {p}batch_member AS m FORCE INDEX (PRIMARY)
                ON m.batch_id = UNHEX(ids.hex)
            STRAIGHT_JOIN {p}job_awaiting AS w FORCE INDEX (PRIMARY) ON w.job_id = m.node_id
            LEFT JOIN {p}job_deleted AS d FORCE INDEX (PRIMARY) ON d.job_id = m.node_id
            WHERE NOT m.is_batch AND d.job_id IS NULL
            GROUP BY m.batch_id {share}"
        );
        batch_outputs =
            "SELECT a.output
            FROM {p}batch_member AS m FORCE INDEX (PRIMARY)
            STRAIGHT_JOIN {p}job_attempt AS a FORCE INDEX (PRIMARY) ON a.job_id = m.node_id
            WHERE m.batch_id = ? AND a.ended = 0 AND NOT a.superseded
            ORDER BY m.position {share}";
        recent_batches = concat!(
            "SELECT ", batch_columns!(), " FROM {p}batch AS b FORCE INDEX (batch_newest)
            WHERE b.parent_id IS NULL AND b.seq < ? ORDER BY b.seq DESC LIMIT ?"
        );
        cancelled_batches =
            "SELECT id FROM {p}batch FORCE INDEX (batch_cancelled)
            WHERE cancelled = true AND state < 2 LIMIT ?";
        expired_batches =
            "SELECT id FROM {p}batch FORCE INDEX (batch_expiry)
            WHERE expires_at <= {now} ORDER BY expires_at LIMIT ? FOR UPDATE SKIP LOCKED";
        lock_members =
            "SELECT batch_id, position, node_id, is_batch
            FROM {p}batch_member FORCE INDEX (PRIMARY)
            WHERE batch_id = ? ORDER BY position LIMIT ? FOR UPDATE";
        /// The positions, and the batch.
        delete_members = concat!(
            "DELETE m FROM ", numbers!(), "
            STRAIGHT_JOIN {p}batch_member AS m FORCE INDEX (PRIMARY)
                ON m.batch_id = ? AND m.position = numbers.number"
        );
        delete_batches = concat!("DELETE b FROM ", batches!());
        delete_batch_finished = concat!(
            "DELETE f FROM ", ids!(), "
            STRAIGHT_JOIN {p}batch_finished AS f FORCE INDEX (batch_finished_batch)
                ON f.batch_id = UNHEX(ids.hex)"
        );

        // Places of single jobs. Each lock is taken in the order of the list.

        /// Of jobs that are not leased, each with the key of its last place in the line.
        placed = concat!(
            "SELECT STRAIGHT_JOIN j.id,
                CASE WHEN q.seq IS NOT NULL OR t.seq IS NOT NULL THEN 'enqueued'
                    WHEN s.seq IS NOT NULL THEN 'scheduled'
                    WHEN d.seq IS NOT NULL THEN 'deleted' WHEN w.seq IS NOT NULL THEN 'awaiting'
                    WHEN f.seq IS NOT NULL THEN 'failed'
                    WHEN a.ended = 0 AND NOT a.superseded THEN 'succeeded' END,
                COALESCE(q.seq, t.seq, s.seq, d.seq, w.seq, f.seq, a.run),
                COALESCE(q.run, t.run, s.run, d.run, w.seq * 0, f.run, a.run + 1),
                COALESCE(q.charged, t.charged, s.charged, d.charged, w.seq * 0, f.charged, 0),
                a.run, j.queue, j.priority
            FROM ", records!(), "
            LEFT JOIN {p}job_queue AS q FORCE INDEX (PRIMARY)
                ON q.queue = j.queue AND q.`rank` = -j.priority AND q.seq = j.seq
                AND q.job_id = j.id
            LEFT JOIN {p}throttle_wait AS t FORCE INDEX (PRIMARY) ON t.job_id = j.id
            LEFT JOIN {p}job_schedule AS s FORCE INDEX (PRIMARY) ON s.job_id = j.id
            LEFT JOIN {p}job_deleted AS d FORCE INDEX (PRIMARY) ON d.job_id = j.id
            LEFT JOIN {p}job_awaiting AS w FORCE INDEX (PRIMARY) ON w.job_id = j.id
            LEFT JOIN {p}job_failed AS f FORCE INDEX (PRIMARY) ON f.job_id = j.id
            LEFT JOIN {p}job_attempt AS a FORCE INDEX (PRIMARY) ON a.job_id = j.id
                AND a.run = (SELECT MAX(run) FROM {p}job_attempt WHERE job_id = j.id {share})
            {share}"
        );
        /// By queues, ranks and places.
        lock_enqueued = concat!(
            "SELECT q.seq FROM ", places!(), " STRAIGHT_JOIN {p}job_queue AS q FORCE INDEX (PRIMARY)
                ON q.queue = place.queue AND q.`rank` = place.`rank` AND q.seq = place.seq
            FOR UPDATE"
        );
        lock_waiting = of_ids!("SELECT t.seq", "{p}throttle_wait", "FOR UPDATE");
        lock_scheduled = of_ids!("SELECT t.seq", "{p}job_schedule", "FOR UPDATE");
        lock_failed = of_ids!("SELECT t.seq", "{p}job_failed", "FOR UPDATE");
        lock_deleted = of_ids!("SELECT t.seq", "{p}job_deleted", "FOR UPDATE");
        lock_succeeded = of_ids!(
            "SELECT t.run", "{p}job_attempt", "WHERE t.ended = 0 AND NOT t.superseded FOR UPDATE"
        );
        leave_line =
            "DELETE q FROM {p}job AS j STRAIGHT_JOIN {p}job_queue AS q FORCE INDEX (PRIMARY)
                ON q.queue = j.queue AND q.`rank` = -j.priority AND q.seq = j.seq
                AND q.job_id = j.id
            WHERE j.id = ? AND q.seq = ?";
        leave_waiting = "DELETE FROM {p}throttle_wait WHERE job_id = ? AND seq = ?";
        leave_schedule = "DELETE FROM {p}job_schedule WHERE job_id = ? AND seq = ?";
        leave_awaiting = "DELETE FROM {p}job_awaiting WHERE job_id = ? AND seq = ?";
        leave_failed = "DELETE FROM {p}job_failed WHERE job_id = ? AND seq = ?";
        leave_deleted = "DELETE FROM {p}job_deleted WHERE job_id = ? AND seq = ?";
        supersede =
            "UPDATE {p}job_attempt SET superseded = true
            WHERE job_id = ? AND run = ? AND ended = 0 AND NOT superseded";
        /// The job, its run, and the job again. A success is in its list from its end on, but for
        /// the time that two readings of the clock may differ. A row that is locked is being
        /// removed.
        listed_finished =
            "SELECT f.at, f.id, f.jobs FROM {p}job_finished AS f FORCE INDEX (PRIMARY)
            WHERE f.at >= (
                    SELECT a.ended_at - 1000000 FROM {p}job_attempt AS a FORCE INDEX (PRIMARY)
                    WHERE a.job_id = ? AND a.run = ? AND NOT a.keeps
                ) AND INSTR(f.jobs, ?) > 0
            ORDER BY f.at, f.id LIMIT 1 FOR UPDATE SKIP LOCKED";
        set_finished = "UPDATE {p}job_finished SET jobs = ? WHERE at = ? AND id = ?";
        listed_batch_finished =
            "SELECT f.at, f.id, f.jobs FROM {p}batch_finished AS f FORCE INDEX (PRIMARY)
            WHERE f.at >= (
                    SELECT a.ended_at - 1000000 FROM {p}job_attempt AS a FORCE INDEX (PRIMARY)
                    WHERE a.job_id = ? AND a.run = ? AND a.keeps
                ) AND INSTR(f.jobs, ?) > 0
            ORDER BY f.at, f.id LIMIT 1 FOR UPDATE SKIP LOCKED";
        set_batch_finished = "UPDATE {p}batch_finished SET jobs = ? WHERE at = ? AND id = ?";
        drop_expiry = "DELETE FROM {p}job_expiry WHERE job_id = ?";
        known = concat!(
            "SELECT j.id FROM ", records!(), " {share}"
        );
        outputs = of_ids!(
            "SELECT t.job_id, t.output", "{p}job_attempt",
            "WHERE t.ended = 0 AND NOT t.superseded {share}"
        );
        failures = of_ids!("SELECT t.job_id, t.failure", "{p}job_failed", "{share}");
        deletions = of_ids!("SELECT t.job_id, t.reason, t.failure", "{p}job_deleted", "{share}");

        // Unique keys.

        /// An INSERT that fails would leave a weaker lock, and two of them wait for each other.
        take_unique =
            "INSERT INTO {p}job_unique (kind, `key`, job_id, held_since) VALUES (?, ?, ?, {now})
            ON DUPLICATE KEY UPDATE job_id = job_id";
        unique_holder =
            "SELECT job_id, {now} - held_since FROM {p}job_unique
            WHERE kind = ? AND `key` = ? FOR UPDATE";
        set_unique =
            "INSERT INTO {p}job_unique (kind, `key`, job_id, held_since) VALUES (?, ?, ?, {now})
            ON DUPLICATE KEY UPDATE job_id = VALUES(job_id), held_since = VALUES(held_since)";

        // Throttles. They are locked in ascending order of scope and key.

        lock_throttles = concat!(
            "SELECT ", throttle_columns!(), "
            FROM (SELECT scope, `key` FROM JSON_TABLE(?, '$[*]' COLUMNS (
                scope varchar(50) CHARACTER SET utf8mb4 /*M! COLLATE utf8mb4_nopad_bin */
                    /*!80017 COLLATE utf8mb4_0900_bin */ PATH '$[0]',
                `key` varchar(200) CHARACTER SET utf8mb4 /*M! COLLATE utf8mb4_nopad_bin */
                    /*!80017 COLLATE utf8mb4_0900_bin */ PATH '$[1]'
            )) AS list) AS wanted
            STRAIGHT_JOIN {p}throttle AS t FORCE INDEX (throttle_name)
                ON t.scope = wanted.scope AND t.`key` = wanted.`key`
            FOR UPDATE"
        );
        throttle_names = concat!("SELECT t.scope, t.`key`, t.id FROM ", throttles!(), " {share}");
        lock_throttle_ids = concat!(
            "SELECT ", throttle_columns!(), " FROM ", throttles!(), " FOR UPDATE"
        );
        /// Whether turns, and the most rows.
        lock_due_throttles = concat!(
            "SELECT ", throttle_columns!(), " FROM {p}throttle AS t FORCE INDEX (throttle_wake)
            WHERE t.wake_at <= {now} AND (t.scope <> '') = ?
            ORDER BY t.wake_at LIMIT ? FOR UPDATE SKIP LOCKED"
        );
        next_call =
            "SELECT MIN(wake_at) - {now} FROM {p}throttle WHERE wake_at IS NOT NULL";
        save_throttles =
            "UPDATE JSON_TABLE(?, '$[*]' COLUMNS (
                id bigint PATH '$[0]', kind smallint PATH '$[1]', declared bigint PATH '$[2]',
                per_us bigint PATH '$[3]', own_limit bigint PATH '$[4]', used bigint PATH '$[5]',
                tokens double PATH '$[6]', window_at bigint PATH '$[7]',
                called bigint PATH '$[8]', called_at bigint PATH '$[9]',
                wake_at bigint PATH '$[10]', touched_at bigint PATH '$[11]'
            )) AS new
            STRAIGHT_JOIN {p}throttle AS t FORCE INDEX (PRIMARY) ON t.id = new.id
            SET t.kind = new.kind, t.declared = new.declared, t.per_us = new.per_us,
                t.own_limit = new.own_limit, t.used = new.used, t.tokens = new.tokens,
                t.window_at = new.window_at, t.called = new.called,
                t.called_at = new.called_at, t.wake_at = new.wake_at,
                t.touched_at = new.touched_at";
        passed =
            "SELECT a.throttle, CAST(SUM(a.count) AS signed), MIN(a.at)
            FROM (SELECT throttle, after FROM JSON_TABLE(?, '$[*]' COLUMNS (
                throttle bigint PATH '$[0]', after bigint PATH '$[1]'
            )) AS list) AS asked
            STRAIGHT_JOIN {p}throttle_admission AS a FORCE INDEX (PRIMARY)
                ON a.throttle = asked.throttle AND a.at > asked.after
            GROUP BY a.throttle {share}";
        prune_admissions = "DELETE FROM {p}throttle_admission WHERE throttle = ? AND at < ?";
        lock_slots = concat!(
            "SELECT s.throttle FROM ", runs!(), "
            STRAIGHT_JOIN {p}throttle_slot AS s FORCE INDEX (PRIMARY)
                ON s.lease = ended.lease AND s.job_id = UNHEX(ended.hex)
            FOR UPDATE"
        );
        delete_slots = concat!(
            "DELETE s FROM ", runs!(), "
            STRAIGHT_JOIN {p}throttle_slot AS s FORCE INDEX (PRIMARY)
                ON s.lease = ended.lease AND s.job_id = UNHEX(ended.hex)"
        );
        lock_slots_of = concat!(
            "SELECT s.throttle FROM ", numbers!(), "
            STRAIGHT_JOIN {p}throttle_slot AS s FORCE INDEX (PRIMARY) ON s.lease = numbers.number
            FOR UPDATE"
        );
        delete_slots_of = concat!(
            "DELETE s FROM ", numbers!(), "
            STRAIGHT_JOIN {p}throttle_slot AS s FORCE INDEX (PRIMARY) ON s.lease = numbers.number"
        );
        /// To, from, the job.
        move_slots = "UPDATE {p}throttle_slot SET lease = ? WHERE lease = ? AND job_id = ?";
        lock_lost_slots =
            "SELECT s.lease, s.job_id
            FROM {p}throttle_slot AS s FORCE INDEX (throttle_slot_throttle)
            WHERE s.throttle = ?
                AND (SELECT 1 FROM {p}lease AS l WHERE l.id = s.lease LIMIT 1) IS NULL
            FOR UPDATE SKIP LOCKED";
        count_slots = "SELECT COUNT(*) FROM {p}throttle_slot WHERE throttle = ? {share}";
        lock_first_waiting =
            "SELECT w.job_id, w.queue, w.`rank`, w.seq, w.kind, w.run, w.charged, w.solo
            FROM {p}throttle_wait AS w FORCE INDEX (throttle_wait_line)
            WHERE w.throttle = ?
                AND (SELECT 1 FROM {p}queue_pause AS p WHERE p.queue = w.queue LIMIT 1) IS NULL
            ORDER BY w.`rank`, w.seq LIMIT ? FOR UPDATE SKIP LOCKED";
        delete_waiting = of_ids!("DELETE t", "{p}throttle_wait", "");
        /// By the first that waits, and the first in a queue that is not paused.
        waits =
            "SELECT (
                    SELECT 1 FROM {p}throttle_wait FORCE INDEX (throttle_wait_line)
                    WHERE throttle = ? LIMIT 1
                ) IS NOT NULL, (
                    SELECT 1 FROM {p}throttle_wait AS w FORCE INDEX (throttle_wait_line)
                    WHERE w.throttle = ? AND (
                        SELECT 1 FROM {p}queue_pause AS p WHERE p.queue = w.queue LIMIT 1
                    ) IS NULL
                    LIMIT 1
                ) IS NOT NULL";
        throttles_waited_for =
            "SELECT id FROM {p}throttle WHERE wake_at > {now} ORDER BY scope, `key`";
        wake_throttles = concat!("UPDATE ", throttles!(), " SET t.wake_at = {now}
            WHERE t.wake_at > {now}");
        set_members = "UPDATE {p}lease SET members = ? WHERE id = ?";
        line_options =
            "SELECT COALESCE(j.options, '')
            FROM {p}job_queue AS q FORCE INDEX (PRIMARY)
            STRAIGHT_JOIN {p}job AS j FORCE INDEX (PRIMARY) ON j.id = q.job_id
            WHERE q.queue = ? ORDER BY q.`rank`, q.seq LIMIT ?";
        throttles = concat!(
            "SELECT ", throttle_columns!(), ",
                (SELECT COUNT(*) FROM {p}throttle_wait AS w WHERE w.throttle = t.id)
            FROM {p}throttle AS t WHERE t.scope = '' ORDER BY t.`key`"
        );

        // Servers and kinds.

        announce =
            "INSERT INTO {p}server
                (name, queues, kinds, workers, started_at, live_since, heartbeat_at)
            VALUES (?, ?, ?, ?, {now}, {now}, {now})";
        /// The columns are set from left to right, each to be seen by the next.
        beat =
            "UPDATE {p}server SET
                live_since = CASE WHEN heartbeat_at < {now} - ? THEN {now} ELSE live_since END,
                heartbeat_at = {now}, memory = ?, cpu = ?
            WHERE id = ? AND gone_at IS NULL";
        beat_answer =
            "SELECT paused, kinds, EXISTS (SELECT 1 FROM {p}kind WHERE seen_at < {now} - ?),
                stopping
            FROM {p}server WHERE id = ?";
        lock_stale_kinds =
            "SELECT name FROM {p}kind WHERE seen_at < {now} - ? FOR UPDATE SKIP LOCKED";
        see_kinds = concat!(
            "UPDATE ", names!(), " STRAIGHT_JOIN {p}kind AS k FORCE INDEX (PRIMARY)
                ON k.name = names.name
            SET k.seen_at = {now}"
        );
        depart = "UPDATE {p}server SET gone_at = {now} WHERE id = ? AND gone_at IS NULL";
        /// One that is gone already may have claimed jobs before it noticed.
        lock_silent =
            "SELECT id FROM {p}server
            WHERE heartbeat_at < {now} - ? AND (gone_at IS NULL
                OR (SELECT 1 FROM {p}lease WHERE server = {p}server.id LIMIT 1) IS NOT NULL)
            ORDER BY id FOR UPDATE SKIP LOCKED";
        bury = concat!(
            "UPDATE ", numbers!(), " STRAIGHT_JOIN {p}server AS s FORCE INDEX (PRIMARY)
                ON s.id = numbers.number
            SET s.gone_at = COALESCE(s.gone_at, {now})"
        );
        /// Tagged rows, so that one statement answers all questions: the queues, the kinds, the
        /// server.
        poll = concat!(
            ready!("0, asked.name, NULL, NULL"), "
            UNION ALL SELECT 1, NULL, MIN(due_at) - {now}, NULL FROM {p}job_schedule
            UNION ALL SELECT 2, NULL, id, revoked FROM {p}lease
                WHERE server = ? AND LENGTH(revoked) > 0
            UNION ALL SELECT 3, NULL, recurring_version, NULL FROM {p}control
            UNION ALL SELECT 4, NULL, MIN(wake_at) - {now}, NULL FROM {p}throttle
                WHERE wake_at IS NOT NULL"
        );
        servers =
            "SELECT id, name, queues, workers, started_at, live_since, heartbeat_at,
                gone_at IS NOT NULL, paused, kinds, stopping, memory, cpu
            FROM {p}server ORDER BY id";
        kinds = "SELECT name, queue, retries, on_exhausted FROM {p}kind ORDER BY name";
        kinds_seen = "SELECT name FROM {p}kind WHERE seen_at > {now} - ?";
        kinds_of_live =
            "SELECT kinds FROM {p}server WHERE gone_at IS NULL OR gone_at > {now} - ?";
        /// The known kinds, and the least age of a job.
        unknown_in_line = concat!(
            "SELECT STRAIGHT_JOIN q.job_id, 'enqueued', q.seq, q.run, q.charged
            FROM {p}job_queue AS q JOIN {p}job AS j FORCE INDEX (PRIMARY) ON j.id = q.job_id
            WHERE NOT (", in_names!("q.kind"), ") AND j.created_at < {now} - ?
            LIMIT ?"
        );
        unknown_waiting = concat!(
            "SELECT STRAIGHT_JOIN w.job_id, 'enqueued', w.seq, w.run, w.charged
            FROM {p}throttle_wait AS w JOIN {p}job AS j FORCE INDEX (PRIMARY) ON j.id = w.job_id
            WHERE NOT (", in_names!("w.kind"), ") AND j.created_at < {now} - ?
            LIMIT ?"
        );
        unknown_due = concat!(
            "SELECT STRAIGHT_JOIN s.job_id, 'scheduled', s.seq, s.run, s.charged
            FROM {p}job_schedule AS s FORCE INDEX (job_schedule_due)
            JOIN {p}job AS j FORCE INDEX (PRIMARY) ON j.id = s.job_id
            WHERE s.due_at <= {now} AND NOT (", in_names!("j.kind"), ")
                AND j.created_at < {now} - ?
            LIMIT ?"
        );
        pause_queue =
            "INSERT INTO {p}queue_pause (queue, paused_at) VALUES (?, {now})
            ON DUPLICATE KEY UPDATE queue = VALUES(queue)";
        resume_queue = "DELETE FROM {p}queue_pause WHERE queue = ?";
        stop_server = "UPDATE {p}server SET stopping = TRUE WHERE id = ? AND gone_at IS NULL";
        set_server_paused = "UPDATE {p}server SET paused = ? WHERE id = ? AND gone_at IS NULL";

        // Recurring schedules.

        put_recurring = concat!(
            "REPLACE INTO {p}recurring (", recurring_columns!(), ")
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        );
        recurring_changed = "UPDATE {p}control SET recurring_version = recurring_version + 1";
        move_recurring =
            "UPDATE {p}recurring SET next_at = ?, last_at = ?, last_job = ?, error = ?
            WHERE id = ?";
        recurring = concat!("SELECT ", recurring_columns!(), " FROM {p}recurring ORDER BY id");
        lock_recurring = concat!(
            "SELECT ", recurring_columns!(), " FROM {p}recurring WHERE id = ? FOR UPDATE"
        );
        lock_free_recurring = concat!(
            "SELECT ", recurring_columns!(),
            " FROM {p}recurring WHERE id = ? FOR UPDATE SKIP LOCKED"
        );
        delete_recurring = "DELETE FROM {p}recurring WHERE id = ?";
        insert_fire =
            "INSERT IGNORE INTO {p}recurring_fire (recurring_id, at, job_id) VALUES (?, ?, ?)";
        /// The schedules, and how many of each, but one.
        fires = concat!(
            "SELECT STRAIGHT_JOIN f.recurring_id, f.at, f.job_id
            FROM ", names!(), "
            JOIN {p}recurring_fire AS f FORCE INDEX (PRIMARY)
                ON f.recurring_id = names.name AND f.at >= COALESCE((
                    SELECT at FROM {p}recurring_fire FORCE INDEX (PRIMARY)
                    WHERE recurring_id = names.name ORDER BY at DESC LIMIT ?, 1
                ), 0)
            ORDER BY f.recurring_id, f.at DESC"
        );

        // Parts of a running job.

        step_output =
            "SELECT output FROM {p}job_step WHERE job_id = ? AND hash = UNHEX(SHA2(?, 256))";
        /// The name, once for its hash and once as it is. The first output stays: it is what a run
        /// may have gone on with.
        keep_step =
            "INSERT INTO {p}job_step (job_id, hash, name, output, at)
            VALUES (?, UNHEX(SHA2(?, 256)), ?, ?, {now})
            ON DUPLICATE KEY UPDATE output = output";
        count_log = concat!(
            "SELECT UNHEX(ids.hex), COUNT(l.id) FROM ", ids!(), "
            STRAIGHT_JOIN {p}job_log AS l FORCE INDEX (job_log_job) ON l.job_id = UNHEX(ids.hex)
            GROUP BY ids.hex"
        );

        // Retention.

        /// The age, and the most rows.
        finished_sizes =
            "SELECT id, LENGTH(jobs) DIV 16 FROM {p}job_finished FORCE INDEX (PRIMARY)
            WHERE at < {now} - ? ORDER BY at, id LIMIT ?";
        lock_finished_rows = concat!(
            "SELECT f.id, f.jobs FROM ", numbers!(), "
            STRAIGHT_JOIN {p}job_finished AS f FORCE INDEX (job_finished_id)
                ON f.id = numbers.number
            FOR UPDATE SKIP LOCKED"
        );
        delete_finished_rows = concat!(
            "DELETE f FROM ", numbers!(), "
            STRAIGHT_JOIN {p}job_finished AS f FORCE INDEX (job_finished_id)
                ON f.id = numbers.number"
        );
        lock_finished = concat!(
            "SELECT a.job_id FROM ", ids!(), "
            STRAIGHT_JOIN {p}job_attempt AS a FORCE INDEX (PRIMARY) ON a.job_id = UNHEX(ids.hex)
            WHERE a.ended = 0 AND NOT a.superseded AND NOT a.keeps AND a.ended_at < {now} - ?
                AND a.run = (SELECT MAX(run) FROM {p}job_attempt WHERE job_id = UNHEX(ids.hex))
            FOR UPDATE"
        );
        expired =
            "SELECT job_id FROM {p}job_expiry FORCE INDEX (job_expiry_at)
            WHERE expires_at <= {now} ORDER BY expires_at LIMIT ?";
        forget_servers =
            "DELETE FROM {p}server WHERE gone_at < {now} - ?
                AND NOT EXISTS (SELECT 1 FROM {p}lease WHERE server = {p}server.id)";
        /// Those that a schedule which stands still may look for again are kept.
        forget_fires =
            "DELETE FROM {p}recurring_fire WHERE at < {now} - ?
                AND NOT EXISTS (
                    SELECT 1 FROM {p}recurring AS r
                    WHERE r.id = recurring_id AND r.next_at <= {p}recurring_fire.at
                )";
        /// A key holds only as long as its holder is stored.
        forget_keys =
            "DELETE FROM {p}job_unique WHERE held_since < {now} - ?
                AND NOT EXISTS (SELECT 1 FROM {p}job AS j WHERE j.id = job_id)";
        /// Untouched for so long, and for its window; nothing counts on it.
        forget_throttles =
            "DELETE FROM {p}throttle
            WHERE touched_at < {now} - ? - per_us
                AND wake_at IS NULL AND own_limit IS NULL AND (used = 0 OR kind NOT IN (0, 4))";
        forget_admissions =
            "DELETE FROM {p}throttle_admission WHERE throttle NOT IN (SELECT id FROM {p}throttle)";
        delete_places = concat!(
            "DELETE q FROM ", records!(), "
            STRAIGHT_JOIN {p}job_queue AS q FORCE INDEX (PRIMARY)
                ON q.queue = j.queue AND q.`rank` = -j.priority AND q.seq = j.seq
                AND q.job_id = j.id"
        );
        delete_failed = of_ids!("DELETE t", "{p}job_failed", "");
        delete_deleted = of_ids!("DELETE t", "{p}job_deleted", "");
        delete_expiry = of_ids!("DELETE t", "{p}job_expiry", "");
        delete_attempts = of_ids!("DELETE t", "{p}job_attempt", "");
        delete_events = of_ids!("DELETE t", "{p}job_event", "job_event_job", "");
        delete_edges_to = concat!(
            "DELETE e FROM ", ids!(), "
            STRAIGHT_JOIN {p}job_edge AS e FORCE INDEX (PRIMARY) ON e.child_id = UNHEX(ids.hex)"
        );
        /// What a parent handed over stays as long as the child still waits for others.
        delete_edges_from = concat!(
            "DELETE e FROM ", ids!(), "
            STRAIGHT_JOIN {p}job_edge AS e FORCE INDEX (job_edge_parent)
                ON e.parent_id = UNHEX(ids.hex)
            LEFT JOIN {p}job_awaiting AS w FORCE INDEX (PRIMARY) ON w.job_id = e.child_id
            WHERE w.job_id IS NULL"
        );
        delete_keys = of_ids!("DELETE t", "{p}job_unique", "job_unique_job", "");
        delete_steps = of_ids!("DELETE t", "{p}job_step", "");
        delete_log = of_ids!("DELETE t", "{p}job_log", "job_log_job", "");
        delete_progress = of_ids!("DELETE t", "{p}job_progress", "");
        delete_tags = of_ids!("DELETE t", "{p}job_tag", "");
        delete_jobs = concat!(
            "DELETE j FROM ", records!()
        );

        // Looking at it.

        records = concat!(
            "SELECT STRAIGHT_JOIN j.id, j.kind, j.queue, j.priority, j.args, j.options, j.input,
                j.created_at, s.due_at, d.reason, p.done, p.total, f.at, d.at, a.ended_at,
                f.failure, d.failure
            FROM ", records!(), "
            LEFT JOIN {p}job_schedule AS s FORCE INDEX (PRIMARY) ON s.job_id = j.id
            LEFT JOIN {p}job_deleted AS d FORCE INDEX (PRIMARY) ON d.job_id = j.id
            LEFT JOIN {p}job_failed AS f FORCE INDEX (PRIMARY) ON f.job_id = j.id
            LEFT JOIN {p}job_progress AS p FORCE INDEX (PRIMARY) ON p.job_id = j.id
            LEFT JOIN {p}job_attempt AS a FORCE INDEX (PRIMARY) ON a.job_id = j.id
                AND a.run = (SELECT MAX(run) FROM {p}job_attempt WHERE job_id = j.id)"
        );
        tags_of = of_ids!("SELECT t.job_id, t.tag", "{p}job_tag", "ORDER BY t.seq");
        runs =
            "SELECT run, ended, server, started_at, ended_at, output, failure
            FROM {p}job_attempt WHERE job_id = ? ORDER BY run";
        events =
            "SELECT at, from_state, to_state, reason, server
            FROM {p}job_event WHERE job_id = ? ORDER BY id";
        log_lines =
            "SELECT latest.at, latest.run, latest.line, latest.id
            FROM (
                SELECT at, run, line, id FROM {p}job_log FORCE INDEX (job_log_job)
                WHERE job_id = ? AND id > ? ORDER BY job_id DESC, id DESC LIMIT ?
            ) AS latest
            ORDER BY latest.id";
        queues =
            "SELECT line.queue, CAST(SUM(waiting) AS signed), CAST(SUM(throttled) AS signed),
                EXISTS (SELECT 1 FROM {p}queue_pause AS pause WHERE pause.queue = line.queue),
                (
                    SELECT j.created_at
                    FROM {p}job_queue AS q FORCE INDEX (PRIMARY)
                    STRAIGHT_JOIN {p}job AS j FORCE INDEX (PRIMARY) ON j.id = q.job_id
                    WHERE q.queue = line.queue ORDER BY q.`rank`, q.seq LIMIT 1
                )
            FROM (
                SELECT queue, COUNT(*) AS waiting, 0 AS throttled FROM {p}job_queue GROUP BY queue
                UNION ALL
                SELECT queue, 0, COUNT(*) FROM {p}throttle_wait GROUP BY queue
                UNION ALL
                SELECT queue, 0, 0 FROM {p}queue_pause
            ) AS line
            GROUP BY line.queue ORDER BY line.queue";
        /// The length of a span, twice, and since when.
        ends = concat!(
            "SELECT at DIV ? * ? AS span, CAST(SUM(succeeded) AS signed),
                CAST(SUM(failed) AS signed)
            FROM (", ends_since!(), ") AS ended GROUP BY span ORDER BY span"
        );
        counted_ends = "SELECT at, succeeded, failed FROM {p}throughput WHERE at >= ? ORDER BY at";
        last_counted = "SELECT MAX(at) FROM {p}throughput";
        /// As `ends`, and before when.
        count_ends = concat!(
            "INSERT IGNORE INTO {p}throughput (at, succeeded, failed)
            SELECT at DIV ? * ? AS span, SUM(succeeded), SUM(failed)
            FROM (", ends_since!(), ") AS ended WHERE at < ? GROUP BY span"
        );
        forget_counted = "DELETE FROM {p}throughput WHERE at < {now} - ?";
        forget_failed = "DELETE FROM {p}run_failed WHERE at < {now} - ?";
        insert_run_failed = "INSERT INTO {p}run_failed (at, jobs) VALUES ({now}, ?)";
        run_failed = "SELECT jobs FROM {p}run_failed ORDER BY id DESC LIMIT ?";
        /// A join that finds nothing costs half of a MAX for each.
        last_runs = concat!(
            "SELECT j.id, j.kind, j.created_at, a.started_at, a.ended_at, a.server, a.run,
                j.due_at
            FROM ", records!(), "
            STRAIGHT_JOIN {p}job_attempt AS a FORCE INDEX (PRIMARY) ON a.job_id = j.id
            LEFT JOIN {p}job_attempt AS later FORCE INDEX (PRIMARY)
                ON later.job_id = a.job_id AND later.run > a.run
            WHERE later.job_id IS NULL"
        );
        /// The queue and the limit, twice.
        kinds_in_line =
            "SELECT line.kind, COUNT(*)
            FROM (
                (
                    SELECT kind FROM {p}job_queue FORCE INDEX (PRIMARY)
                    WHERE queue = ? ORDER BY `rank`, seq LIMIT ?
                )
                UNION ALL
                (
                    SELECT kind FROM {p}throttle_wait FORCE INDEX (throttle_wait_queue)
                    WHERE queue = ? ORDER BY `rank`, seq LIMIT ?
                )
            ) AS line
            GROUP BY line.kind";
        names_of = concat!("SELECT j.id, j.kind, j.queue FROM ", records!());
        last_failures = concat!(
            "SELECT a.job_id, a.failure
            FROM ", ids!(), "
            STRAIGHT_JOIN {p}job_attempt AS a FORCE INDEX (PRIMARY) ON a.job_id = UNHEX(ids.hex)
                AND a.run = (
                    SELECT MAX(run) FROM {p}job_attempt AS last
                    WHERE last.job_id = UNHEX(ids.hex) AND last.ended = 1
                )"
        );
        steps = "SELECT name, at, output FROM {p}job_step WHERE job_id = ? ORDER BY at, name";
        edges_from = concat!(
            "SELECT ", edge_columns!(), " FROM {p}job_edge AS e FORCE INDEX (job_edge_parent)
            WHERE e.parent_id = ? LIMIT ?"
        );
        unique_key = "SELECT `key` FROM {p}job_unique WHERE job_id = ? LIMIT 1";
        holders = concat!("SELECT l.id, l.server, l.claimed_at FROM ", leases!());
        /// The number of those Enqueued, if it is known.
        counts =
            "SELECT COALESCE(?,
                    (SELECT COUNT(*) FROM {p}job_queue)
                        + (SELECT COUNT(*) FROM {p}throttle_wait)),
                (SELECT COUNT(*) FROM {p}job_schedule),
                (SELECT COUNT(*) FROM {p}job_awaiting AS w
                    LEFT JOIN {p}job_deleted AS d FORCE INDEX (PRIMARY) ON d.job_id = w.job_id
                    WHERE w.hand_over <> 3 AND d.job_id IS NULL),
                (SELECT COALESCE(SUM(LENGTH(jobs)), 0) DIV 16 FROM {p}job_finished)
                    + (SELECT COALESCE(SUM(LENGTH(jobs)), 0) DIV 16 FROM {p}batch_finished)
                    + (SELECT COUNT(*) FROM {p}job_expiry WHERE succeeded_at IS NOT NULL),
                (SELECT COUNT(*) FROM {p}job_failed),
                (SELECT COUNT(*) FROM {p}job_deleted),
                (SELECT COUNT(*) FROM {p}job_schedule FORCE INDEX (job_schedule_retry)
                    WHERE reason = 1)";
        /// The ids carry the clients' clocks, which is good enough to find what may be the newest;
        /// which of them it is, the database's clock says.
        recent =
            "SELECT candidate.id
            FROM (SELECT id, created_at, seq FROM {p}job ORDER BY id DESC LIMIT ?) AS candidate
            ORDER BY candidate.created_at DESC, candidate.seq IS NULL, candidate.seq DESC,
                candidate.id DESC
            LIMIT ?";

        // Searching. A key of two columns is bound as first, first, second: a comparison of both at
        // once would not be looked up.

        /// The queue and a key, twice with their limit, and the limit.
        list_line =
            "SELECT line.job_id, line.`rank`, line.seq
            FROM (
                (
                    SELECT job_id, `rank`, seq FROM {p}job_queue FORCE INDEX (PRIMARY)
                    WHERE queue = ? AND `rank` >= ? AND (`rank` > ? OR seq > ?)
                    ORDER BY `rank`, seq LIMIT ?
                )
                UNION ALL
                (
                    SELECT job_id, `rank`, seq
                    FROM {p}throttle_wait FORCE INDEX (throttle_wait_queue)
                    WHERE queue = ? AND `rank` >= ? AND (`rank` > ? OR seq > ?)
                    ORDER BY `rank`, seq LIMIT ?
                )
            ) AS line
            ORDER BY line.`rank`, line.seq LIMIT ?";
        list_schedule =
            "SELECT job_id, due_at, seq FROM {p}job_schedule FORCE INDEX (job_schedule_due)
            WHERE due_at >= ? AND (due_at > ? OR seq > ?) ORDER BY due_at, seq LIMIT ?";
        list_retries =
            "SELECT job_id, due_at, seq FROM {p}job_schedule FORCE INDEX (job_schedule_retry)
            WHERE reason = 1 AND due_at >= ? AND (due_at > ? OR seq > ?)
            ORDER BY due_at, seq LIMIT ?";
        list_awaiting =
            "SELECT job_id, 0, seq FROM {p}job_awaiting FORCE INDEX (job_awaiting_seq)
            WHERE seq < ? AND hand_over <> 3 ORDER BY seq DESC LIMIT ?";
        list_failed =
            "SELECT job_id, at, seq FROM {p}job_failed FORCE INDEX (job_failed_at)
            WHERE at <= ? AND (at < ? OR seq < ?) ORDER BY at DESC, seq DESC LIMIT ?";
        list_deleted =
            "SELECT job_id, at, seq FROM {p}job_deleted FORCE INDEX (job_deleted_at)
            WHERE at <= ? AND (at < ? OR seq < ?) ORDER BY at DESC, seq DESC LIMIT ?";
        list_kept =
            "SELECT job_id, succeeded_at, seq FROM {p}job_expiry FORCE INDEX (job_expiry_succeeded)
            WHERE succeeded_at <= ? AND (succeeded_at < ? OR seq < ?)
            ORDER BY succeeded_at DESC, seq DESC LIMIT ?";
        list_tagged =
            "SELECT job_id, 0, seq FROM {p}job_tag FORCE INDEX (job_tag_newest)
            WHERE tag = ? AND seq < ? ORDER BY seq DESC LIMIT ?";
        /// A key, twice with its limit, and the limit.
        finished_counts =
            "SELECT LENGTH(listed.jobs) DIV 16
            FROM (
                (
                    SELECT at, id, jobs FROM {p}job_finished FORCE INDEX (PRIMARY)
                    WHERE at <= ? AND (at < ? OR id <= ?) ORDER BY at DESC, id DESC LIMIT ?
                )
                UNION ALL
                (
                    SELECT at, id, jobs FROM {p}batch_finished FORCE INDEX (PRIMARY)
                    WHERE at <= ? AND (at < ? OR id <= ?) ORDER BY at DESC, id DESC LIMIT ?
                )
            ) AS listed
            ORDER BY listed.at DESC, listed.id DESC LIMIT ?";
        finished =
            "SELECT listed.at, listed.id, listed.jobs
            FROM (
                (
                    SELECT at, id, jobs FROM {p}job_finished FORCE INDEX (PRIMARY)
                    WHERE at <= ? AND (at < ? OR id <= ?) ORDER BY at DESC, id DESC LIMIT ?
                )
                UNION ALL
                (
                    SELECT at, id, jobs FROM {p}batch_finished FORCE INDEX (PRIMARY)
                    WHERE at <= ? AND (at < ? OR id <= ?) ORDER BY at DESC, id DESC LIMIT ?
                )
            ) AS listed
            ORDER BY listed.at DESC, listed.id DESC LIMIT ?";
        all_leases =
            "SELECT id, server, solo, members, revoked, started, started_at FROM {p}lease
            ORDER BY id DESC";
        /// The first queue with jobs behind one, which is bound twice.
        next_queue =
            "SELECT line.queue
            FROM (
                (
                    SELECT queue FROM {p}job_queue FORCE INDEX (PRIMARY)
                    WHERE queue > ? ORDER BY queue LIMIT 1
                )
                UNION ALL
                (
                    SELECT queue FROM {p}throttle_wait FORCE INDEX (throttle_wait_queue)
                    WHERE queue > ? ORDER BY queue LIMIT 1
                )
            ) AS line
            ORDER BY line.queue LIMIT 1";
        tag_size =
            "SELECT COUNT(*)
            FROM (
                SELECT 1 FROM {p}job_tag FORCE INDEX (job_tag_newest) WHERE tag = ? LIMIT ?
            ) AS tagged";
        /// The jobs; then for kinds, for queues, for the times, for tags and for the text, first
        /// whether there is nothing to compare. To lower case goes more than ASCII here, on both
        /// sides alike: what goes through is held against what was asked for once more.
        sift = concat!(
            "SELECT j.id FROM ", records!(), "
            WHERE (? OR ", in_names!("j.kind"), ") AND (? OR ", in_names!("j.queue"), ")
                AND (? OR j.created_at >= ?) AND (? OR j.created_at < ?)
                AND (? OR ? = (
                    SELECT COUNT(*) FROM {p}job_tag AS t FORCE INDEX (PRIMARY)
                    WHERE t.job_id = j.id AND ", in_names!("t.tag"), "
                ))
                AND (
                    ? OR INSTR(LOWER(j.args), LOWER(?)) > 0 OR INSTR(LOWER(j.args), LOWER(?)) > 0
                )"
        );
    }
}
