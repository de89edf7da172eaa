### As CLDR has it for British English: the day before the month, and 24 hours.

calendar-full-day = { $weekday }, { $day } { $month } { $year }
calendar-near-day = { $weekday }, { $day } { $month }
calendar-time = { $hour24 }:{ $minute }
calendar-week-of = week of { $day } { $month }
calendar-week-of-heading = Week of { $day } { $month }
calendar-past-unreadable = I couldn't read { $typed } as a date. Try `yesterday`, `friday`, `3 april` or `{ $iso }`.
calendar-future-unreadable = I couldn't read { $typed } as a date. Try `tomorrow`, `friday`, `3 april` or `{ $iso }`.
calendar-slashes = I don't read dates like { $typed }. Type it like `{ $iso }` or `3 april`.
