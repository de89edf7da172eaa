teams-removed = Removed { $name } from **{ $team }**. Their numbers no longer count towards it.
