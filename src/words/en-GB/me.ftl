### The day before the month.

me-day-of-the-year = { $day } { $month }
me-birthday-unreadable = I couldn't read { $typed } as a birthday. Try `14 march`.
