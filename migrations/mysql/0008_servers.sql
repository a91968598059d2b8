-- What a server last told of itself: bytes of memory, and thousandths of a processor's time. And
-- whether somebody has asked it to stop, which it hears by its next heartbeat.
ALTER TABLE {p}server
    ADD COLUMN memory bigint,
    ADD COLUMN cpu int,
    ADD COLUMN stopping boolean NOT NULL DEFAULT FALSE;
