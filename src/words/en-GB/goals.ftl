goals-ended-cancelled = Cancelled. Everything logged stays on record.
goals-cancelled = Cancelled the goal for { $name }. Everything logged stays on record.
goals-cancelled-team = Cancelled the goal for team { $team }. Everything logged stays on record.
goals-cancelled-everyone = Cancelled the goal for everyone. Everything logged stays on record.
goals-cancelled-own = Cancelled your goal. Everything logged stays on record.
goals-unshared = This goal isn't shared any more.
goals-hit-early = **{ $actual } (goal: { $target })**, { $period }, with { $days ->
        [one] a day
       *[other] { $days } working days
    } to spare.
goals-cheer-unshared = That goal isn't shared any more.
