-- An entry may come from anything that a feature writes: which sources there are is no longer a list of the database's.
CREATE TABLE entry_of_any_source (
    id          BIGINT PRIMARY KEY,
    guild_id    BIGINT NOT NULL REFERENCES guild (id),
    metric_id   BIGINT NOT NULL REFERENCES metric (id),
    person_id   BIGINT NOT NULL REFERENCES person (id),
    quantity    BIGINT NOT NULL,
    day         BIGINT NOT NULL,
    source      TEXT   NOT NULL,
    source_id   BIGINT NOT NULL,
    reverses    BIGINT UNIQUE REFERENCES entry_of_any_source (id), -- unique: nothing is reversed twice
    recorded_at BIGINT NOT NULL
);
INSERT INTO entry_of_any_source
    SELECT id, guild_id, metric_id, person_id, quantity, day, source, source_id, reverses, recorded_at FROM entry ORDER BY id;
DROP TABLE entry;
ALTER TABLE entry_of_any_source RENAME TO entry;
CREATE INDEX entry_rows ON entry (guild_id, metric_id, person_id, day);
CREATE INDEX entry_days ON entry (guild_id, metric_id, day);
CREATE UNIQUE INDEX entry_once ON entry (source, source_id, metric_id, person_id) WHERE reverses IS NULL;

-- What changes a number is told by the ledger alone now. Facts of before that nothing has reacted to, or that a feature owes a
-- reaction to, are told again as what was counted since; they themselves are done with.
UPDATE fact SET reacted_at = NULL, retry_at = 0
 WHERE id IN (SELECT fact_id FROM reaction)
   AND (body LIKE '{"kind":"win_%' OR body LIKE '{"kind":"activity_%' OR body LIKE '{"kind":"kudos_%');
DELETE FROM reaction WHERE fact_id IN (SELECT id FROM fact WHERE reacted_at IS NULL);
INSERT INTO fact (id, guild_id, body, happened)
SELECT entry.id, entry.guild_id,
       '{"kind":"counted","metrics":[' || entry.metric_id || '],"persons":[' || entry.person_id
       || '],"first":' || entry.day || ',"last":' || entry.day || '}',
       entry.recorded_at
  FROM entry JOIN (
       SELECT guild_id, MIN(happened) AS since FROM fact
        WHERE reacted_at IS NULL
          AND (body LIKE '{"kind":"win_%' OR body LIKE '{"kind":"activity_%' OR body LIKE '{"kind":"kudos_%')
        GROUP BY guild_id
       ) AS waiting ON waiting.guild_id = entry.guild_id
 -- An entry is written a moment before its fact.
 WHERE entry.recorded_at >= waiting.since - 60000000;
UPDATE fact SET reacted_at = happened
 WHERE reacted_at IS NULL
   AND (body LIKE '{"kind":"win_%' OR body LIKE '{"kind":"activity_%' OR body LIKE '{"kind":"kudos_%');
