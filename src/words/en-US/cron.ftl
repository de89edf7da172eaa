### When something comes by itself, and what is said of a time that can't be read.

cron-every-day = Every day at { $time }
cron-weekdays = Weekdays at { $time }
# $days: "Mondays, Wednesdays and Fridays"
cron-weekly = { $days } at { $time }
# $weekday is one of "mon" to "sun".
cron-day =
    { $weekday ->
        [mon] Mondays
        [tue] Tuesdays
        [wed] Wednesdays
        [thu] Thursdays
        [fri] Fridays
        [sat] Saturdays
       *[sun] Sundays
    }
cron-monthly = The 1st of every month at { $time }
cron-other = cron { $fields }

cron-unreadable = I couldn't read { $typed } as a schedule. Try `mondays 9am`, `weekdays 5pm`, or cron like `0 9 * * mon`.
cron-never = { $typed } never happens. Check the day and month.
cron-too-often = { $typed } would post more than once an hour. Pick one minute, like `0 9 * * mon`.
