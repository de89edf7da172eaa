### Days and times. The patterns are CLDR's for this language: medium with the weekday, and short for times.

# "Mon, Apr 6, 2026"; $weekday and $month are short.
calendar-full-day = { $weekday }, { $month } { $day }, { $year }
# A day that is near, without its year.
calendar-near-day = { $weekday }, { $month } { $day }
# "9:00 AM". $hour24 has two digits and runs from 00 to 23, $hour12 from 1 to 12; $half is "am" or "pm".
# Arguments: $hour12, $hour24, $minute, $half
calendar-time =
    { $hour12 }:{ $minute } { $half ->
        [am] AM
       *[pm] PM
    }
calendar-day-and-time = { $day } at { $time }

# $weekday is one of "mon", "tue", "wed", "thu", "fri", "sat", "sun".
calendar-weekday =
    { $weekday ->
        [mon] Monday
        [tue] Tuesday
        [wed] Wednesday
        [thu] Thursday
        [fri] Friday
        [sat] Saturday
       *[sun] Sunday
    }
calendar-short-weekday =
    { $weekday ->
        [mon] Mon
        [tue] Tue
        [wed] Wed
        [thu] Thu
        [fri] Fri
        [sat] Sat
       *[sun] Sun
    }
# $month runs from 1 to 12.
calendar-month =
    { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    }
calendar-short-month =
    { $month ->
        [1] Jan
        [2] Feb
        [3] Mar
        [4] Apr
        [5] May
        [6] Jun
        [7] Jul
        [8] Aug
        [9] Sep
        [10] Oct
        [11] Nov
       *[12] Dec
    }

# Periods, within a sentence: "week of Apr 6"; $month is short in the first and long in the second.
calendar-week-of = week of { $month } { $day }
calendar-month-of = { $month } { $year }
calendar-quarter-of = Q{ $quarter } { $year }
calendar-year-of = { $year }
calendar-from-to = { $first } to { $last }
# The same as the first words of a heading.
calendar-week-of-heading = Week of { $month } { $day }

# Days that can't be read. $iso is today as "2026-04-06", which is read in every language.
calendar-past-unreadable = I couldn't read { $typed } as a date. Try `yesterday`, `friday`, `april 3` or `{ $iso }`.
calendar-future-unreadable = I couldn't read { $typed } as a date. Try `tomorrow`, `friday`, `april 3` or `{ $iso }`.
calendar-slashes = I don't read dates like { $typed }. Type it like `{ $iso }` or `april 3`.
calendar-no-such-day = There's no { $typed }. Check the day and month.
calendar-other-weekday = { $day } is a { $weekday }, not a { $typed }. Check the date.
calendar-not-yet = That date hasn't come yet. Log it once it's happened.
calendar-too-long-ago = That's more than a year ago. Check the date.
