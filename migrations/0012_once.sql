-- Deeds that are asked for from outside of Discord, each done once: which id the deed of a key has.
CREATE TABLE once (
    guild_id BIGINT NOT NULL REFERENCES guild (id),
    source   TEXT   NOT NULL, -- who asks
    once_key TEXT   NOT NULL, -- what they call it
    id       BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    PRIMARY KEY (guild_id, source, once_key)
);
