-- A reaction to a fact that failed, while those of other features have reacted: it is owed, and tried again by itself.
CREATE TABLE reaction (
    fact_id  BIGINT NOT NULL REFERENCES fact (id),
    reactor  TEXT   NOT NULL,           -- whose; one that is no longer there reacts no more
    retry_at BIGINT NOT NULL,           -- microseconds since 1970
    PRIMARY KEY (fact_id, reactor)
);
CREATE INDEX reaction_due ON reaction (retry_at);
