schedules-nothing-left = Nothing to report here any more.
