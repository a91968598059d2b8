-- What a server last told of itself: bytes of memory, and thousandths of a processor's time. And
-- whether somebody has asked it to stop, which it hears by its next heartbeat.
ALTER TABLE {p}server ADD COLUMN memory integer;
ALTER TABLE {p}server ADD COLUMN cpu integer;
ALTER TABLE {p}server ADD COLUMN stopping integer NOT NULL DEFAULT 0;
