-- A claim is taken over by whoever has watched it stand for a lease: it no longer says until when it holds.

ALTER TABLE post DROP COLUMN lease_until;
CREATE INDEX post_claimed ON post (id) WHERE state = 'claimed';
