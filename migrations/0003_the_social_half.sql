-- Kudos, recognition, shared goals, the board's style, the noise budget, private things that wait, and leaving without
-- a trace.

-- People ---------------------------------------------------------------------------------------------------------------

ALTER TABLE person ADD COLUMN manages BIGINT NOT NULL DEFAULT 0 CHECK (manages IN (0, 1)); -- as last seen
ALTER TABLE person ADD COLUMN praise TEXT NOT NULL DEFAULT 'public' CHECK (praise IN ('public', 'private', 'none'));
ALTER TABLE person ADD COLUMN shares_profile BIGINT NOT NULL DEFAULT 0 CHECK (shares_profile IN (0, 1));
ALTER TABLE person ADD COLUMN dm_channel BIGINT; -- where private things go as well, if asked for
ALTER TABLE person ADD COLUMN birthday BIGINT; -- month times 100 and day: no year is kept
ALTER TABLE person ADD COLUMN first_day BIGINT; -- at work
ALTER TABLE person ADD COLUMN erased_at BIGINT; -- name and user are gone, totals stay

CREATE TABLE away (
    id        BIGINT PRIMARY KEY,
    guild_id  BIGINT NOT NULL REFERENCES guild (id),
    person_id BIGINT NOT NULL REFERENCES person (id),
    from_day  BIGINT NOT NULL,
    until_day BIGINT NOT NULL, -- not in it
    CHECK (from_day < until_day)
);
CREATE INDEX away_person ON away (person_id, until_day);

-- What waits for one person, and for nobody else.
CREATE TABLE inbox (
    id         BIGINT PRIMARY KEY,
    guild_id   BIGINT NOT NULL REFERENCES guild (id),
    person_id  BIGINT NOT NULL REFERENCES person (id),
    item_key   TEXT   NOT NULL, -- what it is about; a second item of the same key is not made
    body       TEXT   NOT NULL, -- JSON
    created_at BIGINT NOT NULL,
    read_at    BIGINT,
    UNIQUE (person_id, item_key)
);

-- An occurrence may lead to private things instead of a post, or be overtaken by a change of its schedule.
CREATE TABLE occurrence_with_private (
    schedule_id BIGINT NOT NULL REFERENCES schedule (id),
    local_time  TEXT   NOT NULL,
    due         BIGINT NOT NULL,
    outcome     TEXT   NOT NULL CHECK (outcome IN ('posted', 'told', 'quiet', 'skipped', 'folded', 'blocked', 'changed', 'kept')),
    post_id     BIGINT REFERENCES post (id),
    decided_at  BIGINT NOT NULL,
    PRIMARY KEY (schedule_id, local_time)
);
INSERT INTO occurrence_with_private SELECT schedule_id, local_time, due, outcome, post_id, decided_at FROM occurrence;
DROP TABLE occurrence;
ALTER TABLE occurrence_with_private RENAME TO occurrence;

-- How a guild works ----------------------------------------------------------------------------------------------------

ALTER TABLE guild ADD COLUMN kudos_allowance BIGINT NOT NULL DEFAULT 10 CHECK (kudos_allowance BETWEEN 0 AND 1000);
ALTER TABLE guild ADD COLUMN manager_allowance BIGINT NOT NULL DEFAULT 20 CHECK (manager_allowance BETWEEN 0 AND 1000);
ALTER TABLE guild ADD COLUMN board_style TEXT NOT NULL DEFAULT 'podium';
ALTER TABLE guild ADD COLUMN board_cards BIGINT NOT NULL DEFAULT 1 CHECK (board_cards IN (0, 1)); -- whether boards come as pictures, too
ALTER TABLE guild ADD COLUMN noise_small BIGINT; -- minor units: less folds into the day's message; null: by the guild's own history
ALTER TABLE guild ADD COLUMN noise_large BIGINT; -- minor units: this and more notifies
ALTER TABLE guild ADD COLUMN noise_most BIGINT NOT NULL DEFAULT 20 CHECK (noise_most BETWEEN 1 AND 1000); -- messages a day in a channel
ALTER TABLE guild ADD COLUMN left_at BIGINT; -- when the bot was removed

-- The ledger takes kudos -----------------------------------------------------------------------------------------------

CREATE TABLE entry_with_kudos (
    id          BIGINT PRIMARY KEY,
    guild_id    BIGINT NOT NULL REFERENCES guild (id),
    metric_id   BIGINT NOT NULL REFERENCES metric (id),
    person_id   BIGINT NOT NULL REFERENCES person (id),
    quantity    BIGINT NOT NULL,
    day         BIGINT NOT NULL,
    source      TEXT   NOT NULL CHECK (source IN ('win', 'activity', 'kudos', 'second')),
    source_id   BIGINT NOT NULL,
    reverses    BIGINT UNIQUE REFERENCES entry_with_kudos (id), -- unique: nothing is reversed twice
    recorded_at BIGINT NOT NULL
);
INSERT INTO entry_with_kudos
    SELECT id, guild_id, metric_id, person_id, quantity, day, source, source_id, reverses, recorded_at FROM entry ORDER BY id;
DROP TABLE entry;
ALTER TABLE entry_with_kudos RENAME TO entry;
CREATE INDEX entry_rows ON entry (guild_id, metric_id, person_id, day);
CREATE INDEX entry_days ON entry (guild_id, metric_id, day);
CREATE UNIQUE INDEX entry_once ON entry (source, source_id, metric_id, person_id) WHERE reverses IS NULL;

-- A guild's own metric of such a name is still theirs, under another.
UPDATE metric SET name = name || ' (by hand)', name_key = name_key || ' (by hand)'
    WHERE built_in = 0 AND name_key IN ('kudos', 'kudos given');
INSERT INTO metric (id, guild_id, name, name_key, unit, horizon, built_in, created_at)
    SELECT (SELECT COALESCE(MAX(id), 0) FROM metric) + ROW_NUMBER() OVER (ORDER BY id), id, 'kudos', 'kudos', 'count', 'pipeline', 1, created_at
    FROM guild;
INSERT INTO metric (id, guild_id, name, name_key, unit, horizon, built_in, created_at)
    SELECT (SELECT COALESCE(MAX(id), 0) FROM metric) + ROW_NUMBER() OVER (ORDER BY id), id, 'kudos given', 'kudos given', 'count', 'pipeline', 1, created_at
    FROM guild;

-- Kudos ----------------------------------------------------------------------------------------------------------------

CREATE TABLE team_value (
    id         BIGINT PRIMARY KEY,
    guild_id   BIGINT NOT NULL REFERENCES guild (id),
    name       TEXT   NOT NULL,
    name_key   TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at   BIGINT, -- not to be chosen any more
    UNIQUE (guild_id, name_key)
);

CREATE TABLE kudos (
    id         BIGINT PRIMARY KEY, -- the interaction's: a repeat changes nothing
    guild_id   BIGINT NOT NULL REFERENCES guild (id),
    giver_id   BIGINT NOT NULL REFERENCES person (id),
    reason     TEXT   NOT NULL,
    value_id   BIGINT REFERENCES team_value (id),
    is_private BIGINT NOT NULL CHECK (is_private IN (0, 1)),
    day        BIGINT NOT NULL,
    given_at   BIGINT NOT NULL,
    undone_at  BIGINT,
    undone_by  BIGINT REFERENCES person (id)
);
CREATE INDEX kudos_guild ON kudos (guild_id, id);
CREATE INDEX kudos_giver ON kudos (giver_id, id);

CREATE TABLE kudos_receiver (
    kudos_id  BIGINT NOT NULL REFERENCES kudos (id),
    person_id BIGINT NOT NULL REFERENCES person (id),
    is_public BIGINT NOT NULL CHECK (is_public IN (0, 1)), -- as the person wanted praise when thanked
    PRIMARY KEY (kudos_id, person_id)
);
CREATE INDEX kudos_receiver_person ON kudos_receiver (person_id, kudos_id);

CREATE TABLE kudos_second (
    id          BIGINT NOT NULL UNIQUE, -- the interaction's
    kudos_id    BIGINT NOT NULL REFERENCES kudos (id),
    person_id   BIGINT NOT NULL REFERENCES person (id),
    seconded_at BIGINT NOT NULL,
    PRIMARY KEY (kudos_id, person_id)
);

-- How many kudos a person has given in a week; the check is what holds when two are given at once.
CREATE TABLE allowance (
    person_id BIGINT NOT NULL REFERENCES person (id),
    week_day  BIGINT NOT NULL, -- the week's first day
    granted   BIGINT NOT NULL,
    given     BIGINT NOT NULL,
    PRIMARY KEY (person_id, week_day),
    CHECK (given <= granted)
);

-- Recognition ----------------------------------------------------------------------------------------------------------

-- What may be praised: found by reactions to facts, or nominated.
CREATE TABLE moment (
    id           BIGINT PRIMARY KEY,
    guild_id     BIGINT NOT NULL REFERENCES guild (id),
    person_id    BIGINT NOT NULL REFERENCES person (id),
    moment_key   TEXT   NOT NULL, -- what it is about; a second one of the same key is not made
    kind         TEXT   NOT NULL,
    strength     BIGINT NOT NULL, -- 0 to 100
    reason       TEXT   NOT NULL,
    day          BIGINT NOT NULL,
    nominated_by BIGINT REFERENCES person (id),
    state        TEXT   NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'praised', 'vetoed', 'void')),
    created_at   BIGINT NOT NULL,
    UNIQUE (guild_id, moment_key)
);
CREATE INDEX moment_day ON moment (guild_id, day);

ALTER TABLE shoutout ADD COLUMN kind TEXT NOT NULL DEFAULT '';

CREATE TABLE badge (
    guild_id  BIGINT NOT NULL REFERENCES guild (id),
    person_id BIGINT NOT NULL REFERENCES person (id),
    badge     TEXT   NOT NULL,
    day       BIGINT NOT NULL,
    PRIMARY KEY (person_id, badge)
);

-- Goals ----------------------------------------------------------------------------------------------------------------

ALTER TABLE goal ADD COLUMN is_public BIGINT NOT NULL DEFAULT 0 CHECK (is_public IN (0, 1)); -- a person's own, shown to others
ALTER TABLE goal ADD COLUMN stretch BIGINT CHECK (stretch > 0); -- more than the target
ALTER TABLE goal ADD COLUMN repeats BIGINT NOT NULL DEFAULT 0 CHECK (repeats IN (0, 1));
ALTER TABLE goal ADD COLUMN follows BIGINT REFERENCES goal (id); -- of a repeating goal: the one before
ALTER TABLE goal ADD COLUMN turn BIGINT NOT NULL DEFAULT 0; -- of a repeating goal: how many periods after its first
ALTER TABLE goal ADD COLUMN ramp TEXT; -- shares of the whole target by turn, in percent: "25,50,75"
ALTER TABLE goal ADD COLUMN whole BIGINT NOT NULL DEFAULT 0; -- the target without the ramp
ALTER TABLE goal ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE goal ADD COLUMN stretched_at BIGINT; -- when the stretch was reached
ALTER TABLE goal ADD COLUMN ends_at BIGINT; -- the instant at which its last day is over
ALTER TABLE goal ADD COLUMN closed_at BIGINT; -- when that was noted
UPDATE goal SET whole = target, ends_at = until_day * 86400000000 + 43200000000; -- midnight everywhere
CREATE INDEX goal_ends ON goal (ends_at) WHERE closed_at IS NULL AND cancelled_at IS NULL;
CREATE UNIQUE INDEX goal_follows ON goal (follows) WHERE follows IS NOT NULL;

-- What a goal was before it was changed.
CREATE TABLE goal_version (
    goal_id    BIGINT NOT NULL REFERENCES goal (id),
    version    BIGINT NOT NULL,
    target     BIGINT NOT NULL,
    stretch    BIGINT,
    until_day  BIGINT NOT NULL,
    changed_by BIGINT NOT NULL REFERENCES person (id), -- who made the next one of it
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (goal_id, version)
);

CREATE TABLE goal_cheer (
    goal_id    BIGINT NOT NULL REFERENCES goal (id),
    person_id  BIGINT NOT NULL REFERENCES person (id),
    cheered_at BIGINT NOT NULL,
    PRIMARY KEY (goal_id, person_id)
);

-- Boards ---------------------------------------------------------------------------------------------------------------

-- Weeks whose board is final, and is kept as it was then.
CREATE TABLE final_week (
    guild_id BIGINT NOT NULL REFERENCES guild (id),
    week_day BIGINT NOT NULL, -- its first day
    kept_at  BIGINT NOT NULL,
    PRIMARY KEY (guild_id, week_day)
);

CREATE TABLE final_place (
    guild_id  BIGINT NOT NULL REFERENCES guild (id),
    metric_id BIGINT NOT NULL REFERENCES metric (id),
    week_day  BIGINT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    place     BIGINT NOT NULL,
    quantity  BIGINT NOT NULL,
    PRIMARY KEY (metric_id, week_day, person_id)
);
CREATE INDEX final_place_guild ON final_place (guild_id, week_day);

-- The noise budget -----------------------------------------------------------------------------------------------------

-- What is told in the day's message of a channel, instead of in one of its own.
CREATE TABLE folded (
    id         BIGINT PRIMARY KEY,
    guild_id   BIGINT NOT NULL REFERENCES guild (id),
    channel_id BIGINT NOT NULL,
    day        BIGINT NOT NULL,
    line_key   TEXT   NOT NULL,
    line       TEXT   NOT NULL,
    UNIQUE (guild_id, line_key)
);
CREATE INDEX folded_day ON folded (channel_id, day);

-- How many messages a channel has had on a day.
CREATE TABLE channel_day (
    guild_id   BIGINT NOT NULL REFERENCES guild (id),
    channel_id BIGINT NOT NULL,
    day        BIGINT NOT NULL,
    messages   BIGINT NOT NULL,
    PRIMARY KEY (channel_id, day)
);
