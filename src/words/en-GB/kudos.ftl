kudos-second-too-late = Those thanks aren't there any more.
kudos-second-of-nobody = They've left this server, so you can't +1 this any more.
kudos-too-late-in-private = It's been more than { $minutes } minutes, so this can't be undone any more.
kudos-trace-thanks-that-count-toward-totals = Thanks that count towards totals
