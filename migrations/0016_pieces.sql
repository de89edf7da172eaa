-- What goes, goes in pieces, each a transaction of its own, and whoever writes meanwhile waits for one of them at most. A row that goes is
-- looked for in whatever may refer to it. So every reference has an index here, or the whole table would be read for each row.

-- Since when a guild's data are being erased. From then on it is unknown, and one that is met again is met as new once nothing is left.
ALTER TABLE guild ADD COLUMN erasing_at BIGINT;
CREATE INDEX guild_left ON guild (left_at) WHERE left_at IS NOT NULL;

-- An entry's guild is that of its metric and of its person, so it refers to these alone, and its indexes need not begin with the guild. Most
-- entries reverse none. The index of those that do has no others any more: SQLite has read all others by it where it was to find a few.
CREATE TABLE entry_of_a_person (
    id          BIGINT PRIMARY KEY,
    guild_id    BIGINT NOT NULL,
    metric_id   BIGINT NOT NULL REFERENCES metric (id),
    person_id   BIGINT NOT NULL REFERENCES person (id),
    quantity    BIGINT NOT NULL,
    day         BIGINT NOT NULL,
    source      TEXT   NOT NULL,
    source_id   BIGINT NOT NULL,
    reverses    BIGINT REFERENCES entry_of_a_person (id),
    recorded_at BIGINT NOT NULL
);
INSERT INTO entry_of_a_person
    SELECT id, guild_id, metric_id, person_id, quantity, day, source, source_id, reverses, recorded_at FROM entry ORDER BY id;
-- Without its indexes the old one goes sooner: SQLite takes it down row by row.
DROP INDEX entry_rows;
DROP INDEX entry_days;
DROP INDEX entry_once;
DROP TABLE entry;
ALTER TABLE entry_of_a_person RENAME TO entry;
CREATE INDEX entry_rows ON entry (person_id, metric_id, day);
CREATE INDEX entry_days ON entry (metric_id, day);
CREATE UNIQUE INDEX entry_once ON entry (source, source_id, metric_id, person_id) WHERE reverses IS NULL;
CREATE UNIQUE INDEX entry_reverses ON entry (reverses) WHERE reverses IS NOT NULL; -- unique: nothing is reversed twice

-- What refers to a guild.
CREATE INDEX away_guild ON away (guild_id);
CREATE INDEX badge_guild ON badge (guild_id);
CREATE INDEX channel_day_guild ON channel_day (guild_id);
CREATE INDEX fact_guild ON fact (guild_id);
CREATE INDEX inbox_guild ON inbox (guild_id);

-- What refers to a person. By these a person's latest win is found, too, and which of their goals they have reached.
CREATE INDEX win_person ON win (person_id, id);
CREATE INDEX win_undone_by ON win (undone_by) WHERE undone_by IS NOT NULL;
CREATE INDEX kudos_undone_by ON kudos (undone_by) WHERE undone_by IS NOT NULL;
CREATE INDEX kudos_second_person ON kudos_second (person_id);
CREATE INDEX goal_person ON goal (person_id, reached_at) WHERE person_id IS NOT NULL;
CREATE INDEX goal_set_by ON goal (set_by);
CREATE INDEX goal_version_changed_by ON goal_version (changed_by);
CREATE INDEX goal_cheer_person ON goal_cheer (person_id);
CREATE INDEX expectation_person ON expectation (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX expectation_set_by ON expectation (set_by);
CREATE INDEX expectation_ack_person ON expectation_ack (person_id);
CREATE INDEX final_place_person ON final_place (person_id);
CREATE INDEX shoutout_person ON shoutout (person_id);
CREATE INDEX moment_person ON moment (person_id);
CREATE INDEX moment_nominated_by ON moment (nominated_by) WHERE nominated_by IS NOT NULL;

-- What refers to anything else.
CREATE INDEX occurrence_post ON occurrence (post_id) WHERE post_id IS NOT NULL;
CREATE INDEX goal_metric ON goal (metric_id);
CREATE INDEX goal_team ON goal (team_id) WHERE team_id IS NOT NULL;
CREATE INDEX expectation_team ON expectation (team_id) WHERE team_id IS NOT NULL;
CREATE INDEX kudos_value ON kudos (value_id) WHERE value_id IS NOT NULL;

-- Which goals of a guild were reached in a period, however many there ever were.
CREATE INDEX goal_reached ON goal (guild_id, reached_at) WHERE reached_at IS NOT NULL;

-- How large a guild's latest wins are, for each win that rings: read from the index alone.
CREATE INDEX win_amounts ON win (guild_id, id, amount, logged_at) WHERE amount IS NOT NULL AND undone_at IS NULL;

-- The first new message of each channel that is open: edits, which hold up nothing, are no longer among them.
DROP INDEX post_open;
CREATE INDEX post_open ON post (channel_id, id) WHERE state IN ('waiting', 'claimed') AND message_id IS NULL;
-- What waits, by when.
CREATE INDEX post_due ON post (not_before) WHERE state = 'waiting';

-- A moment that no longer holds is not found, so it needs no state of its own.
DELETE FROM moment WHERE state = 'void';
