-- The neutral subset of SQLite and PostgreSQL: BIGINT and TEXT only. Flags are 0 or 1; times are microseconds since
-- 1970 in UTC; days are days since 1 January 1970 on the guild's calendar; ids are snowflakes made by the app.

-- Guilds and the people in them ------------------------------------------------------------------------------------

CREATE TABLE guild (
    id                   BIGINT PRIMARY KEY,
    zone                 TEXT   NOT NULL,
    currency             TEXT   NOT NULL,
    week_start           BIGINT NOT NULL CHECK (week_start BETWEEN 0 AND 6), -- 0 is Monday
    wins_channel         BIGINT,
    recognition_channel  BIGINT,
    expectations_channel BIGINT,
    manager_role         BIGINT,
    set_up_at            BIGINT,
    created_at           BIGINT NOT NULL
);

CREATE TABLE person (
    id         BIGINT PRIMARY KEY,
    guild_id   BIGINT NOT NULL REFERENCES guild (id),
    user_id    BIGINT, -- null: not linked yet, or erased
    name       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (guild_id, user_id)
);

CREATE TABLE team (
    id         BIGINT PRIMARY KEY,
    guild_id   BIGINT NOT NULL REFERENCES guild (id),
    name       TEXT   NOT NULL,
    name_key   TEXT   NOT NULL, -- lower case, so that a name is taken however it is written
    created_at BIGINT NOT NULL,
    UNIQUE (guild_id, name_key)
);

CREATE TABLE team_member (
    team_id   BIGINT NOT NULL REFERENCES team (id),
    person_id BIGINT NOT NULL REFERENCES person (id),
    PRIMARY KEY (team_id, person_id)
);
CREATE INDEX team_member_person ON team_member (person_id);

-- The ledger -------------------------------------------------------------------------------------------------------

CREATE TABLE metric (
    id         BIGINT PRIMARY KEY,
    guild_id   BIGINT NOT NULL REFERENCES guild (id),
    name       TEXT   NOT NULL,
    name_key   TEXT   NOT NULL,
    unit       TEXT   NOT NULL CHECK (unit IN ('count', 'money')),
    horizon    TEXT   NOT NULL CHECK (horizon IN ('pipeline', 'forecast')),
    built_in   BIGINT NOT NULL CHECK (built_in IN (0, 1)), -- written by a feature, not by /activity log
    created_at BIGINT NOT NULL,
    UNIQUE (guild_id, name_key)
);

-- Append-only. Quantities are minor units of money, or hundredths of a count (a shared win counts in parts).
CREATE TABLE entry (
    id          BIGINT PRIMARY KEY,
    guild_id    BIGINT NOT NULL REFERENCES guild (id),
    metric_id   BIGINT NOT NULL REFERENCES metric (id),
    person_id   BIGINT NOT NULL REFERENCES person (id),
    quantity    BIGINT NOT NULL,
    day         BIGINT NOT NULL,
    source      TEXT   NOT NULL CHECK (source IN ('win', 'activity')),
    source_id   BIGINT NOT NULL,
    reverses    BIGINT UNIQUE REFERENCES entry (id), -- unique: nothing is reversed twice
    recorded_at BIGINT NOT NULL
);
CREATE INDEX entry_rows ON entry (guild_id, metric_id, person_id, day);
CREATE INDEX entry_days ON entry (guild_id, metric_id, day);
-- An interaction delivered twice records once.
CREATE UNIQUE INDEX entry_once ON entry (source, source_id, metric_id, person_id) WHERE reverses IS NULL;

-- Sums of entries by person over a day or a month, kept in the transaction that writes the entry, so that a year's
-- leaderboard reads some thousands of rows however many entries there are.
CREATE TABLE total (
    guild_id  BIGINT NOT NULL,
    metric_id BIGINT NOT NULL,
    grain     TEXT   NOT NULL CHECK (grain IN ('day', 'month')),
    start_day BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    quantity  BIGINT NOT NULL,
    PRIMARY KEY (metric_id, grain, start_day, person_id)
);

-- Facts and posts: committed with the state that caused them ------------------------------------------------------

CREATE TABLE fact (
    id         BIGINT PRIMARY KEY,
    guild_id   BIGINT NOT NULL REFERENCES guild (id),
    body       TEXT   NOT NULL, -- JSON
    happened   BIGINT NOT NULL,
    reacted_at BIGINT
);
CREATE INDEX fact_unreacted ON fact (id) WHERE reacted_at IS NULL;

CREATE TABLE post (
    id            BIGINT PRIMARY KEY,
    guild_id      BIGINT NOT NULL REFERENCES guild (id),
    channel_id    BIGINT NOT NULL,
    post_key      TEXT   NOT NULL, -- what it is about; a second post of the same key is not made
    body          TEXT   NOT NULL, -- JSON
    state         TEXT   NOT NULL CHECK (state IN ('waiting', 'claimed', 'sent', 'held', 'failed')),
    not_before    BIGINT NOT NULL,
    lease_until   BIGINT, -- of a claim: after it, another worker may take over
    attempts      BIGINT NOT NULL DEFAULT 0,
    first_attempt BIGINT, -- of the sending whose outcome is unknown; null once it is known
    revision      BIGINT NOT NULL DEFAULT 1, -- of the body
    message_id    BIGINT, -- set once sent; a later revision is an edit of it
    failure       TEXT,
    created_at    BIGINT NOT NULL,
    sent_at       BIGINT,
    UNIQUE (guild_id, post_key)
);
CREATE INDEX post_open ON post (channel_id, id) WHERE state IN ('waiting', 'claimed');
CREATE INDEX post_trouble ON post (guild_id, id) WHERE state IN ('held', 'failed');

-- Schedules ----------------------------------------------------------------------------------------------------------

CREATE TABLE schedule (
    id         BIGINT PRIMARY KEY,
    guild_id   BIGINT NOT NULL REFERENCES guild (id),
    kind       TEXT   NOT NULL,
    cron       TEXT   NOT NULL, -- five fields, on the guild's wall clock
    channel_id BIGINT, -- null: the guild's channel for this kind
    late       TEXT   NOT NULL CHECK (late IN ('post', 'skip', 'fold')),
    paused_at  BIGINT,
    next_due   BIGINT, -- null: paused, or never again
    next_local TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (guild_id, kind)
);
CREATE INDEX schedule_due ON schedule (next_due) WHERE next_due IS NOT NULL;

CREATE TABLE occurrence (
    schedule_id BIGINT NOT NULL REFERENCES schedule (id),
    local_time  TEXT   NOT NULL,
    due         BIGINT NOT NULL,
    outcome     TEXT   NOT NULL CHECK (outcome IN ('posted', 'quiet', 'skipped', 'folded', 'blocked')),
    post_id     BIGINT REFERENCES post (id),
    decided_at  BIGINT NOT NULL,
    PRIMARY KEY (schedule_id, local_time)
);

-- Wins and activities ---------------------------------------------------------------------------------------------

CREATE TABLE win (
    id         BIGINT PRIMARY KEY, -- the interaction's: a repeat changes nothing
    guild_id   BIGINT NOT NULL REFERENCES guild (id),
    person_id  BIGINT NOT NULL REFERENCES person (id), -- who logged it
    amount     BIGINT CHECK (amount > 0),
    customer   TEXT,
    kind       TEXT,
    note       TEXT,
    day        BIGINT NOT NULL,
    logged_at  BIGINT NOT NULL,
    undone_at  BIGINT,
    undone_by  BIGINT REFERENCES person (id)
);
CREATE INDEX win_guild ON win (guild_id, id);

CREATE TABLE win_share (
    win_id    BIGINT NOT NULL REFERENCES win (id),
    person_id BIGINT NOT NULL REFERENCES person (id),
    percent   BIGINT NOT NULL CHECK (percent BETWEEN 1 AND 100),
    PRIMARY KEY (win_id, person_id)
);
CREATE INDEX win_share_person ON win_share (person_id, win_id);

-- Goals --------------------------------------------------------------------------------------------------------------

CREATE TABLE goal (
    id           BIGINT PRIMARY KEY,
    guild_id     BIGINT NOT NULL REFERENCES guild (id),
    metric_id    BIGINT NOT NULL REFERENCES metric (id),
    person_id    BIGINT REFERENCES person (id), -- at most one of person and team; neither: the guild's
    team_id      BIGINT REFERENCES team (id),
    target       BIGINT NOT NULL CHECK (target > 0),
    span         TEXT   NOT NULL,
    from_day     BIGINT NOT NULL,
    until_day    BIGINT NOT NULL, -- not in it
    set_by       BIGINT NOT NULL REFERENCES person (id),
    set_at       BIGINT NOT NULL,
    cancelled_at BIGINT,
    reached_at   BIGINT,
    CHECK (person_id IS NULL OR team_id IS NULL)
);
CREATE INDEX goal_guild ON goal (guild_id, until_day);

-- Expectations -------------------------------------------------------------------------------------------------------

CREATE TABLE expectation (
    id        BIGINT PRIMARY KEY,
    guild_id  BIGINT NOT NULL REFERENCES guild (id),
    what      TEXT   NOT NULL,
    weekly    BIGINT NOT NULL CHECK (weekly IN (0, 1)),
    first_due TEXT   NOT NULL, -- local time; a weekly one comes round every seven days from it
    person_id BIGINT REFERENCES person (id),
    team_id   BIGINT REFERENCES team (id),
    if_met    TEXT   NOT NULL,
    if_missed TEXT   NOT NULL,
    set_by    BIGINT NOT NULL REFERENCES person (id),
    set_at    BIGINT NOT NULL,
    ended_at  BIGINT,
    CHECK (person_id IS NULL OR team_id IS NULL)
);
CREATE INDEX expectation_guild ON expectation (guild_id, id);

-- Who pressed "I've got it", by week.
CREATE TABLE expectation_ack (
    guild_id  BIGINT NOT NULL REFERENCES guild (id),
    week_day  BIGINT NOT NULL, -- the week's first day
    person_id BIGINT NOT NULL REFERENCES person (id),
    acked_at  BIGINT NOT NULL,
    PRIMARY KEY (guild_id, week_day, person_id)
);

-- Shout-outs ---------------------------------------------------------------------------------------------------------

CREATE TABLE shoutout (
    guild_id  BIGINT NOT NULL REFERENCES guild (id),
    week_day  BIGINT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES person (id),
    reason    TEXT   NOT NULL,
    PRIMARY KEY (guild_id, week_day, person_id)
);
