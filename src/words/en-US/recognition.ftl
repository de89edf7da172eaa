### Shout-outs: what somebody is praised for, the posts that say so, and what managers see beforehand.

# A line or lines of /help, for managers.
recognition-help-managers = /shoutout nominate: nominate someone for a shout-out. /shoutout preview: see who's up next, and veto any of them.
# The name of a post that comes by itself.
recognition-post-weekly-shout-outs = Weekly shout-outs

## What somebody did: a line of a post or of the managers' digest. $name is who. $when is the week that it is about: "this" for the
## one that the post is about, "last" for the one before, and "that" for an earlier one of several that a post is about.

recognition-record-deal = **{ $name }** brought in { $amount } on one deal, their biggest in 3 months.
recognition-record-week = **{ $name }** had their best week in 3 months: { $amount }.
recognition-record-month = **{ $name }** hit { $amount } for the month, their best in 6 months.
recognition-record-streak = **{ $name }** is on a streak of { $weeks } good weeks, a personal record.
recognition-first-win = **{ $name }** rang the bell for the first time. Welcome to the board!
recognition-comeback = **{ $name }** is back on the board. Good to hear that bell again!
recognition-biggest-win = **{ $name }** brought in { $amount } on one deal, the most anyone has so far this quarter.
recognition-improved = **{ $name }** closed { $when ->
        [this] { $now }, up from { $usual } in a typical week.
        [last] { $now } last week, up from { $usual } in a typical one.
       *[that] { $now } that week, up from { $usual } in a typical one.
    }
# $goal: "$10,000 in revenue", "3 calls"
recognition-goal-early = **{ $name }** hit their goal of { $goal } with { $days ->
        [one] a day
       *[other] { $days } business days
    } to spare.
# $deals counts in parts where a deal was shared: "0.5".
recognition-most-help = **{ $name }** helped close { $deals ->
        [one] a deal
       *[other] { $deals } deals
    }. { $when ->
        [this] Nobody had more assists this week.
        [last] Nobody had more assists last week.
       *[that] Nobody had more assists that week.
    }
recognition-assist = **{ $name }** helped close { $deals ->
        [one] a deal
       *[other] { $deals } deals
    }.
# $times is 2 or more.
recognition-most-thanked = **{ $name }** was thanked { $times } times { $when ->
        [this] this week.
        [last] last week.
       *[that] that week.
    }
# $what: "9 calls"
recognition-groundwork = **{ $name }** logged { $what } { $when ->
        [this] this week.
        [last] last week.
       *[that] that week.
    } That's how deals start.
recognition-anniversary = **{ $name }** { $when ->
        [this] is celebrating
       *[other] celebrated
    } { $years ->
        [one] a year
       *[other] { $years } years
    } with the team { $when ->
        [this] this week.
        [last] last week.
       *[that] that week.
    } Here's to many more.
recognition-birthday = **{ $name }** { $when ->
        [this] has a birthday this week. Happy birthday from all of us.
        [last] had a birthday last week. Happy belated birthday from all of us.
       *[that] had a birthday that week. Happy belated birthday from all of us.
    }
# Who it was, where nobody knows any more.
recognition-someone = Someone

## The posts

recognition-title = This week's shout-outs
recognition-title-of = Shout-outs for { $period }
# In the inbox of somebody who wants no praise in public.
recognition-private-title = A shout-out, just for you

## What managers see beforehand

recognition-preview-title = Next shout-outs so far
recognition-preview-none-public = No public shout-outs right now.
recognition-preview-nobody = Nobody's up right now, so nothing would be posted. Nominate someone with /shoutout nominate.
# Above the lines about those who are praised in their inbox.
recognition-preview-private = In their inbox, as they prefer
# Above the lines about what was not chosen.
recognition-preview-rest = Also in the running
recognition-preview-footer = Only you can see this. Veto one to make room for the next
# At most 80 characters; what is longer is cut.
recognition-veto-button =
    Veto { $name }: { $kind ->
        [record_deal] record deal
        [record_week] record week
        [record_month] record month
        [record_streak] record streak
        [first_win] first win
        [comeback] comeback
        [biggest_win] biggest win
        [improved] improvement
        [goal_early] early goal
        [most_help] top assists
        [most_thanked] most thanked
        [assist] assist
        [groundwork] groundwork
        [anniversary] anniversary
        [birthday] birthday
       *[nominated] nomination
    }
recognition-vetoed = Vetoed. It won't be in the shout-outs.
recognition-nominated = { $name } is in the running for the next shout-outs, with your note. See who's up with /shoutout preview.

## The managers' digest

# Above lines about those whom nothing has recognised.
recognition-overlooked-title = No recognition in 2 weeks
# Above lines about personal records.
recognition-records-title = New records
# Of somebody who logged something last week. $what: "9 calls"
recognition-work = **{ $name }** logged { $what } last week.
recognition-work-most = **{ $name }** logged { $what } last week, their most in 4 weeks.
# Of somebody of whom there is nothing to tell.
recognition-check-in = Check in with **{ $name }**.

## What can't be done

recognition-bots = Bots don't need shout-outs. Pick a person instead.
recognition-oneself = You can't nominate yourself. Ask another manager to do it.
recognition-unwanted = They'd rather not get shout-outs. Thank them in person instead.
recognition-gone = That one isn't in the running anymore. Run /shoutout preview again.
recognition-praised-before = It's too late to veto that: the shout-out is already out.
recognition-vetoed-before = That one's already vetoed.

## What is stored, as /privacy show lists it

recognition-trace-shout-outs-received = Shout-outs received
recognition-trace-moments-that-may-get-a-shout-out = Moments that may get a shout-out
recognition-trace-shout-out-nominations-made = Shout-out nominations made

## Commands: what each says of itself and of its options. At most 100 characters.

command-shoutout = Shout-outs: who gets the next ones (managers)
command-shoutout-nominate = Nominate someone for the next shout-outs (managers)
    .who = Who to nominate
    .reason = What they did and how it helped
command-shoutout-preview = See who's up for the next shout-outs, and veto any of them (managers)
