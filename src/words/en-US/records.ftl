### Records: of a person, of a team and of all time, and what a bell says of one that fell.

# A line or lines of /help.
records-help = /records: your records, your teams' records, and all-time bests.

## The list

records-title = Records
# Headings of one's own, of a team's, and of everyone's.
records-own = Yours
records-team = Team { $team }
records-all-time = All time
records-biggest-win = Biggest win: **{ $amount }**, { $day }
# The same with who is credited: one or several.
records-biggest-win-by = Biggest win: **{ $amount }** by { $names }, { $day }
# $quantity: "$12,500" or "3 wins"
records-best-day = Best day: **{ $quantity }**, { $day }
# The first day of that week; $month is short.
records-best-week = Best week: **{ $quantity }**, week of { $month } { $day }, { $year }
# $month: "April 2026"
records-best-month = Best month: **{ $quantity }**, { $month }
records-longest-streak =
    Longest streak: **{ $weeks ->
        [one] { $weeks } week
       *[other] { $weeks } weeks
    }**
records-none = No records yet. /win log sets the first one.
# At its foot.
records-footer = Only you can see this

## Records that fell, as a bell says them

records-fallen-of-everyone = 🏆 Biggest win this team's ever had
records-fallen-win = 🏆 { $name }'s biggest win yet
records-fallen-month = 🏆 { $name }'s best month yet: { $amount }
records-fallen-week = 🏆 { $name }'s best week yet: { $amount }
records-fallen-day = 🏆 { $name }'s best day yet: { $amount }

## Commands: what each says of itself and of its options. At most 100 characters.

command-records = Your records, your teams' records, and all-time bests
