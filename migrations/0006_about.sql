-- Whom what is kept is about, by id and not by name: names in texts say whose they are (kernel::name).

-- For whom alone a message is; null: for everyone in a channel.
ALTER TABLE post ADD COLUMN person_id BIGINT REFERENCES person (id);
UPDATE post SET person_id = (SELECT person.id FROM person
        WHERE person.guild_id = post.guild_id AND post.post_key LIKE 'inbox:' || person.id || ':%')
    WHERE post_key LIKE 'inbox:%';
CREATE INDEX post_person ON post (person_id) WHERE person_id IS NOT NULL;

-- Whether the names in a text say whose they are. What was written before doesn't: it is in nobody's export, and when
-- somebody is erased, their name is looked for in it as a word.
ALTER TABLE post ADD COLUMN names_by_id BIGINT NOT NULL DEFAULT 1 CHECK (names_by_id IN (0, 1));
ALTER TABLE inbox ADD COLUMN names_by_id BIGINT NOT NULL DEFAULT 1 CHECK (names_by_id IN (0, 1));
ALTER TABLE folded ADD COLUMN names_by_id BIGINT NOT NULL DEFAULT 1 CHECK (names_by_id IN (0, 1));
UPDATE post SET names_by_id = 0;
UPDATE inbox SET names_by_id = 0;
UPDATE folded SET names_by_id = 0;
