recognition-goal-early = **{ $name }** hit their goal of { $goal } with { $days ->
        [one] a day
       *[other] { $days } working days
    } to spare.
recognition-gone = That one isn't in the running any more. Run /shoutout preview again.
