-- What delivery must know after a crash, whatever the clock did meanwhile; and what failed is put off, so that it holds
-- up nothing behind it.

-- When it was last claimed. In the future, it tells that the clock was set back since.
ALTER TABLE post ADD COLUMN tried_at BIGINT;
-- How often it was claimed since its outcome was last known: more than once, and an earlier try may have made the message.
ALTER TABLE post ADD COLUMN unsettled BIGINT NOT NULL DEFAULT 0;
UPDATE post SET unsettled = 1, tried_at = first_attempt WHERE first_attempt IS NOT NULL;
-- Open posts in their order, however many there are in however many channels.
CREATE INDEX post_queue ON post (id) WHERE state IN ('waiting', 'claimed');

-- Not before this is a fact reacted to, or an occurrence decided: it failed.
ALTER TABLE fact ADD COLUMN retry_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE schedule ADD COLUMN retry_at BIGINT NOT NULL DEFAULT 0;

-- Which is due first is looked up, not sorted, when ten thousand are due at once.
DROP INDEX schedule_due;
CREATE INDEX schedule_due ON schedule (next_due, id) WHERE next_due IS NOT NULL;
