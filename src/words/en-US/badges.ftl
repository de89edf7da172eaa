badges-trace-badges = Badges
