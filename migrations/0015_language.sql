-- The language that a guild's posts are written in: a folder of src/words.
ALTER TABLE guild ADD COLUMN language TEXT NOT NULL DEFAULT 'en-US';
