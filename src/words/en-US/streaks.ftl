### Streaks: how many weeks in a row, as a profile and /me show it.

# Above somebody's streak on their profile.
streaks-on-profile = Streak

# Where no longest streak stands behind it.
streaks-weeks =
    { $weeks ->
        [one] { $weeks } week
       *[other] { $weeks } weeks
    }
# The same as a sentence, before the longest streak.
streaks-weeks-before-best =
    { $weeks ->
        [one] { $weeks } week.
       *[other] { $weeks } weeks.
    }
streaks-repaired =
    { $weeks ->
        [one] { $weeks } week, with one missed week repaired.
       *[other] { $weeks } weeks, with one missed week repaired.
    }
streaks-hangs =
    { $weeks ->
        [one] { $weeks } week, with one week missed. A win or a personal goal this week repairs it.
       *[other] { $weeks } weeks, with one week missed. A win or a personal goal this week repairs it.
    }
streaks-none = No streak right now. A win or a personal goal starts one.
# $streak is one of those above.
streaks-and-best =
    { $streak } Longest so far: { $weeks ->
        [one] { $weeks } week
       *[other] { $weeks } weeks
    }.
