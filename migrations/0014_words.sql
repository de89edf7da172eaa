-- Who is erased is called otherwise now.
UPDATE person SET name = 'a former teammate' WHERE erased_at IS NOT NULL AND name = 'somebody who left';
-- How early a goal was hit counts business days now. What was found before counts others: this week's is found again.
UPDATE moment SET state = 'void' WHERE kind = 'goal_early' AND state = 'open';
