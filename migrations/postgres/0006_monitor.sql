-- Runs that failed, a row for each written batch that has some: `jobs` packs their ids. What is
-- counted in `throughput` is kept for a day.
CREATE TABLE {p}run_failed (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    jobs bytea NOT NULL
);
CREATE INDEX run_failed_at ON {p}run_failed (at);
ALTER TABLE {p}run_failed ALTER COLUMN jobs SET STORAGE EXTERNAL;

-- How many runs ended in ten minutes that have passed, from `at` on. A time without any has no row.
CREATE TABLE {p}throughput (
    at timestamptz PRIMARY KEY,
    succeeded bigint NOT NULL,
    failed bigint NOT NULL
);
