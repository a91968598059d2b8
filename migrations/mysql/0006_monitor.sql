-- Runs that failed, a row for each written batch that has some: `jobs` packs their ids. What is
-- counted in `throughput` is kept for a day.
CREATE TABLE {p}run_failed (
    id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    at bigint NOT NULL,
    jobs longblob NOT NULL,
    KEY run_failed_at (at)
) {table};

-- How many runs ended in ten minutes that have passed, from `at` on. A time without any has no row.
CREATE TABLE {p}throughput (
    at bigint NOT NULL PRIMARY KEY,
    succeeded bigint NOT NULL,
    failed bigint NOT NULL
) {table};
