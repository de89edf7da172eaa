-- Posts, what lies in inboxes and the lines of a day's message keep what they are about, and no text: it is composed when it
-- leaves or is looked at. What was written before can't be told apart from its sentence: it is told once more in it.

ALTER TABLE post RENAME COLUMN body TO subject;
UPDATE post SET subject = '{"kind":"said"}' WHERE state = 'sent';
-- What does not read back stays so.
UPDATE post SET subject = '{"kind":"said","post":' || subject || '}' WHERE state <> 'sent';
-- Whether it arrives without a notification; and which of how many messages that a post takes it is, from 0 on.
ALTER TABLE post ADD COLUMN silent BIGINT NOT NULL DEFAULT 0 CHECK (silent IN (0, 1));
ALTER TABLE post ADD COLUMN page BIGINT NOT NULL DEFAULT 0;
ALTER TABLE post ADD COLUMN pages BIGINT NOT NULL DEFAULT 1;

ALTER TABLE inbox RENAME COLUMN body TO subject;
UPDATE inbox SET subject = '{"kind":"said","post":' || subject || '}';

ALTER TABLE folded RENAME COLUMN line TO subject;
UPDATE folded SET subject = '{"kind":"said","line":"' || REPLACE(REPLACE(subject, '\', '\\'), '"', '\"') || '"}';

-- Why somebody is praised: what was found, not how it was said. What a manager wrote has a line of its own.
UPDATE moment SET reason = '{"said":"' || REPLACE(REPLACE(REPLACE(reason, '\', '\\'), '"', '\"'), '
', '\n') || '"}';
