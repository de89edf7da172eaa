goals-ended-cancelled = Cancelled. Everything logged stays on record.
goals-cancelled = Cancelled the goal for { $name }. Everything logged stays on record.
goals-cancelled-team = Cancelled the goal for team { $team }. Everything logged stays on record.
goals-cancelled-everyone = Cancelled the goal for everyone. Everything logged stays on record.
