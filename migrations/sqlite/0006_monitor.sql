-- Runs that failed, a row for each written batch that has some: `jobs` packs their ids. What is
-- counted in `throughput` is kept for a day.
CREATE TABLE {p}run_failed (
    id integer PRIMARY KEY AUTOINCREMENT,
    at integer NOT NULL,
    jobs blob NOT NULL
) STRICT;
CREATE INDEX {p}run_failed_at ON {p}run_failed (at);

-- How many runs ended in ten minutes that have passed, from `at` on. A time without any has no row.
CREATE TABLE {p}throughput (
    at integer PRIMARY KEY,
    succeeded integer NOT NULL,
    failed integer NOT NULL
) STRICT;
