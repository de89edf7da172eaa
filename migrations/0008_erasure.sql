-- Microseconds since 1970 before which the erasure of a guild that was left is not tried again, where it has failed.
ALTER TABLE guild ADD COLUMN erase_after BIGINT;
