-- Who is erased is called otherwise now.
UPDATE person SET name = 'a former teammate' WHERE erased_at IS NOT NULL AND name = 'somebody who left';
