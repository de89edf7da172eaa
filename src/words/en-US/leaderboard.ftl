### The leaderboard: what everyone sees of it, the image beside it, one's own place in private, and its settings.

# A line or lines of /help.
leaderboard-help = /leaderboard: see where you stand, or post the leaderboard to the channel.
# A line or lines of /help, for managers.
leaderboard-help-managers = /board show, /board set: choose what everyone sees on leaderboards, and whether they come with an image.

## What everyone sees

# $metric is what is counted, as a heading begins: "Revenue, week of Apr 6"
leaderboard-title = { $metric }, { $period }
leaderboard-empty = Nothing logged for this period yet.
# Above the best of a group of people of a like level.
leaderboard-league = **League { $number }**
# A line: "🥇 Ana · $500". $medal is a medal, or the next message; $names is one or several.
leaderboard-place = { $medal } { $names } · { $quantity }
leaderboard-number = { $place }.
# How much, where each of several has it.
leaderboard-each = { $quantity } each
# Who it is, where the name isn't known.
leaderboard-someone = someone
# The heading of the teams, and a line of them.
leaderboard-teams = Teams
leaderboard-team = { $bar } { $team } · { $sum }
# The heading of what all have together.
leaderboard-total = Total
# Below it. $sum is from $people people.
leaderboard-total-of =
    { $sum } from { $people ->
        [one] { $people } person
       *[other] { $people } people
    }
# The same beside what it was in the period before, of the same length. $span is "week", "month", "quarter", "year" or
# "custom": so many $days.
leaderboard-total-compared =
    { $bar } { $sum } from { $people ->
        [one] { $people } person
       *[other] { $people } people
    } (the { $span ->
        [week] week
        [month] month
        [quarter] quarter
        [year] year
       *[custom] { $days ->
            [one] { $days } day
           *[other] { $days } days
        }
    } before: { $earlier })
leaderboard-most-improved = Most improved
# Below it. $names is one; $span and $days as above.
leaderboard-improved =
    { $names }, up { $gain } from the { $span ->
        [week] week
        [month] month
        [quarter] quarter
        [year] year
       *[custom] { $days ->
            [one] { $days } day
           *[other] { $days } days
        }
    } before
# The same of several.
leaderboard-improved-each =
    { $names }, up { $gain } each from the { $span ->
        [week] week
        [month] month
        [quarter] quarter
        [year] year
       *[custom] { $days ->
            [one] { $days } day
           *[other] { $days } days
        }
    } before
leaderboard-most-helpful = Most helpful
# Below it. $names is one; $count is how many deals of others.
leaderboard-helped =
    { $names }, who helped close { $count ->
        [one] { $count } deal
       *[other] { $count } deals
    }
# The same of several.
leaderboard-helped-each =
    { $names }, who each helped close { $count ->
        [one] { $count } deal
       *[other] { $count } deals
    }
# The button with which whoever presses it sees their own place.
leaderboard-where-am-i-button = Where am I?

# At the foot of a week's leaderboard: when it changes no more.
leaderboard-footer-final-on = Final on { $weekday } at { $time }
# The same once it changes no more, and what was logged too late for it.
leaderboard-footer-final = Final
leaderboard-footer-final-without =
    Final · { $count ->
        [one] { $count } later entry isn't included
       *[other] { $count } later entries aren't included
    }
# In place of a final leaderboard that has nobody on it any more.
leaderboard-nothing-left = There's nothing left on this leaderboard.

# On the image, beside "Most improved", where there is little room: of one, and of several.
leaderboard-card-improved = { $names }, up { $gain }
leaderboard-card-improved-each = { $names }, up { $gain } each

## One's own place, in private

# $metric as people wrote it: "Your revenue, week of Apr 6"
leaderboard-own-title = Your { $metric }, { $period }
# In place of the others' names, where a leaderboard names nobody.
leaderboard-a-teammate = a teammate
# In place of $name in what follows, where a leaderboard names nobody.
leaderboard-person-ahead = the person ahead of you

# What is missing to whoever is next, $name. $metric is what is counted: a "call" in the first of each, several "calls" in
# the second.
leaderboard-one-puts-ahead = One more { $metric } puts you ahead of { $name }.
leaderboard-more-put-ahead = { $count } more { $metric } put you ahead of { $name }.
leaderboard-one-ties = One more { $metric } ties you with { $name }.
leaderboard-more-tie = { $count } more { $metric } tie you with { $name }.
# $missing and $usual are amounts.
leaderboard-behind-by-one-deal = You're { $missing } behind { $name }. One more typical deal ({ $usual }) closes the gap.
leaderboard-behind-by-deals = You're { $missing } behind { $name }. { $count } more typical deals ({ $usual } each) close the gap.
leaderboard-behind = You're { $missing } behind { $name }.
# Of a period that is over.
leaderboard-was-behind = You finished { $missing } behind { $name }.

# To whom nobody is ahead of.
leaderboard-first = You're in first place.
leaderboard-first-tied = You're tied for first place.
# Of a period that is over.
leaderboard-was-first = You finished in first place.
leaderboard-was-first-tied = You tied for first place.

# $next is one of the sentences above, from "One more"; $before is what one had in the period before.
leaderboard-and-last =
    { $next } { $span ->
        [week] Last week you had { $before }.
        [month] Last month you had { $before }.
        [quarter] Last quarter you had { $before }.
       *[year] Last year you had { $before }.
    }
# The same of a period that is over or that the calendar doesn't have. $span and $days as above.
leaderboard-and-before =
    { $next } In the { $span ->
        [week] week
        [month] month
        [quarter] quarter
        [year] year
       *[custom] { $days ->
            [one] { $days } day
           *[other] { $days } days
        }
    } before, you had { $before }.

# To whoever has nothing on it: of a period that is over, of the last days, and of the present period.
leaderboard-nothing-then = No { $metric } for this period.
leaderboard-nothing-lately =
    No { $metric } in the last { $days ->
        [one] { $days } day
       *[other] { $days } days
    }.
leaderboard-nothing-yet =
    No { $metric } yet this { $span ->
        [week] week
        [month] month
        [quarter] quarter
       *[year] year
    }.
# $nothing is one of the three above.
leaderboard-nothing-of-total = { $nothing } Team total: { $sum }.

# The heading of a line of blocks, one for each of eight weeks.
leaderboard-own-weeks-heading = Your last 8 weeks
# $blocks is that line; $quantity is what one has in the present week.
leaderboard-own-weeks = `{ $blocks }` { $quantity } this week
# The heading of what follows.
leaderboard-own-alias-heading = Your alias
leaderboard-own-alias = Others see you as **{ $alias }**.
# At its foot.
leaderboard-own-footer = Only you can see this
leaderboard-own-footer-final = Final since { $day } · Only you can see this

## Settings

leaderboard-settings = Leaderboard settings
leaderboard-settings-saved = Leaderboard settings saved
# What everyone sees, by the style that a manager has chosen.
leaderboard-style-podium = **Podium**: top three, teams, most improved and most helpful.
leaderboard-style-full = **Full**: everyone on the board.
leaderboard-style-top-ten = **Top ten**: the top ten.
leaderboard-style-leagues = **Leagues**: similar performers grouped together, top three in each.
leaderboard-style-teams = **Teams**: team totals only, no names.
leaderboard-style-pseudonyms = **Pseudonyms**: everyone on the board, under aliases only they know.
leaderboard-image-on = Image: on
leaderboard-image-off = Image: off
leaderboard-own-rank-stays = Whatever the style, everyone can check their own rank in private.
leaderboard-nothing-to-set = Pick a style, cards or both. See the current settings with /board show.

## Posts that come by themselves

# The name of a post that comes by itself.
leaderboard-post-weekly-leaderboard = Weekly leaderboard
# The name of a post that comes by itself.
leaderboard-post-final-weekly-leaderboard = Final weekly leaderboard
# Where the final leaderboard goes, after a time: "Mondays at 9:00 AM, on the weekly leaderboard post"
leaderboard-on-the-weekly-post = on the weekly leaderboard post

## The currency, and what is stored

# To whoever would change the currency. $currency is its code.
leaderboard-in-money = Your final leaderboards are in { $currency }, and I can't convert currencies. The currency has to stay as it is.
# As /privacy show lists it.
leaderboard-trace-ranks-on-final-leaderboards = Ranks on final leaderboards

## Commands: what each says of itself and of its options. At most 100 characters.

command-leaderboard = See where you stand, or post the leaderboard to this channel
    .metric = Metric (default: revenue)
    .period = Time frame (default: this week)
    .show = Who sees it (default: just you)
command-board = Leaderboard settings (managers)
command-board-show = See the leaderboard settings (managers)
command-board-set = Choose what everyone sees on leaderboards, and whether they come with an image (managers)
    .style = What everyone sees on the leaderboard
    .cards = Include an image

## What can be chosen as an option. At most 100 characters.

choice-audience =
    .me = just me: my rank and who's around me
    .channel = this channel: the leaderboard everyone sees

choice-style =
    .podium = podium: top three, teams, most improved, most helpful
    .full = full: everyone on the board
    .top-ten = top ten
    .leagues = leagues: similar performers, top three in each
    .teams = teams: totals only, no names
    .pseudonyms = pseudonyms: aliases only their owners know
