-- A schedule is of a guild, a kind and a subject; and what comes once, as the end of a goal does, is one like Monday's post.
-- Which outcomes and which policies there are is no longer a list of the database's.
CREATE TABLE schedule_of_a_subject (
    id         BIGINT PRIMARY KEY,
    guild_id   BIGINT NOT NULL REFERENCES guild (id),
    kind       TEXT   NOT NULL,
    subject    BIGINT NOT NULL DEFAULT 0, -- the id of what it is about; 0: the guild
    cron       TEXT,   -- five fields, on the guild's wall clock; null: it comes once
    once_at    BIGINT, -- when that is: the microseconds since 1970 that the guild's wall clock shows
    channel_id BIGINT, -- null: the guild's channel for this kind
    late       TEXT   NOT NULL,
    paused_at  BIGINT,
    next_due   BIGINT, -- null: paused, or never again
    next_local TEXT,   -- of one that comes again and again
    retry_at   BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    UNIQUE (guild_id, kind, subject),
    CHECK ((cron IS NULL) <> (once_at IS NULL))
);
INSERT INTO schedule_of_a_subject
       (id, guild_id, kind, cron, channel_id, late, paused_at, next_due, next_local, retry_at, created_at)
SELECT id, guild_id, kind, cron, channel_id, late, paused_at, next_due, next_local, retry_at, created_at FROM schedule;

CREATE TABLE occurrence_of_any_outcome (
    schedule_id BIGINT NOT NULL REFERENCES schedule_of_a_subject (id),
    local_time  TEXT   NOT NULL,
    due         BIGINT NOT NULL,
    outcome     TEXT   NOT NULL,
    post_id     BIGINT REFERENCES post (id),
    decided_at  BIGINT NOT NULL,
    PRIMARY KEY (schedule_id, local_time)
);
INSERT INTO occurrence_of_any_outcome
SELECT schedule_id, local_time, due, outcome, post_id, decided_at FROM occurrence;

DROP TABLE occurrence;
DROP TABLE schedule;
ALTER TABLE schedule_of_a_subject RENAME TO schedule;
ALTER TABLE occurrence_of_any_outcome RENAME TO occurrence;
CREATE INDEX schedule_due ON schedule (next_due, id) WHERE next_due IS NOT NULL;
CREATE INDEX schedule_put_off ON schedule (retry_at) WHERE retry_at <> 0;

-- The end of each open goal. The ids that the app makes are positive, so these are nobody else's.
INSERT INTO schedule (id, guild_id, kind, subject, once_at, late, next_due, created_at)
SELECT -goal.id, goal.guild_id, 'goal_end', goal.id, goal.until_day * 86400000000, 'post',
       CASE WHEN guild.left_at IS NULL THEN COALESCE(goal.ends_at, goal.until_day * 86400000000 + 43200000000) END,
       goal.set_at
  FROM goal JOIN guild ON guild.id = goal.guild_id
 WHERE goal.closed_at IS NULL AND goal.cancelled_at IS NULL;
DROP INDEX goal_ends;
ALTER TABLE goal DROP COLUMN ends_at;
