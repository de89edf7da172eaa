### Schedules: when and where posts come by themselves, and what became of them. The posts' names are their features'.

# A line or lines of /help, for managers.
schedules-help-managers = /schedule list, set, pause, resume, preview, explain: when weekly posts go out.

## When, where, and what becomes of one that was missed

schedules-list-title = Schedules
schedules-list-empty = None yet. Run /setup to create them.
# Where it goes, beside when: "Mondays at 8:30 AM · each manager's inbox"
schedules-in-inboxes = each manager's inbox
schedules-no-channel = no channel yet, set one with /setup or /schedule set

# When it is due next, as a line begins. $time: "Mon, Apr 6 at 9:00 AM"; $zone is a time zone's name; $relative: "in 3 days"
schedules-next = Next: { $time } { $zone } ({ $relative })
schedules-paused = Paused
schedules-not-again = Not scheduled again
# The same within a line: "#recognition · next: Mon, Apr 6 at 9:00 AM"
schedules-next-within = next: { $time } { $zone } ({ $relative })
schedules-paused-within = paused
schedules-not-again-within = not scheduled again

# Beside when it is due next. $late is what is done with a missed post.
schedules-late =
    { $late ->
        [post] if missed, posts up to 12 hours late
        [skip] if missed, skipped
       *[fold] if missed, rolled into the next one
    }
# The same as a line of its own.
schedules-late-beginning =
    { $late ->
        [post] If missed, posts up to 12 hours late
        [skip] If missed, skipped
       *[fold] If missed, rolled into the next one
    }

## Preview

# At the foot of a post that is previewed: when it is due next. $time: "Mon, Apr 6 at 9:00 AM"; $zone is a time zone's name.
schedules-preview-next = Preview, only you can see this · next: { $time } { $zone }
schedules-preview-paused = Preview, only you can see this · paused
schedules-preview-not-again = Preview, only you can see this · not scheduled again
# $next says when it is due next, as a line begins.
schedules-preview-nothing = Nothing to post right now. { $next }.

## Explain

# $title is the post's name.
schedules-explained-title = { $title }, explained
# $when: "Mondays at 9:00 AM"; $zone is a time zone's name; $fields: "0 9 * * mon"
schedules-explained-when = { $when } in { $zone }, cron `{ $fields }`
# Above what became of the last ten.
schedules-last-ten = Last 10
schedules-nothing-yet = Nothing yet.

# What became of one, after the time it was due.
schedules-became-posted = posted
# $relative: "3 days ago"
schedules-became-posted-late = posted late, { $relative }
schedules-became-unknown = not posted, and I don't know why
schedules-became-on-its-way = on its way
schedules-became-kept = the week's leaderboard is final
schedules-became-told = delivered to managers' inboxes
schedules-became-quiet = nothing to post
schedules-became-skipped = skipped: I was offline
schedules-became-folded = rolled into the next one
schedules-became-changed = skipped: the schedule changed before I got to it
schedules-became-blocked = not posted: no channel set

## The posts

# At the foot of a post that comes late. $time: "Mon, Apr 6 at 9:00 AM"
schedules-late-by = Late: this was due { $time }, but I was offline
# In place of a post whose news is gone by the time it leaves.
schedules-nothing-left = Nothing to report here anymore.

## What can't be done

schedules-not-yet = No schedules yet. Run /setup to create them.
schedules-takes-no-channel = That one doesn't post in a channel, so leave the channel out.
schedules-already-paused = That post is already paused.
schedules-not-paused = That post isn't paused.

## Commands: what each says of itself and of its options. At most 100 characters.

command-schedule = Weekly posts: when and where they go out (managers)
command-schedule-list = See when and where each post goes out (managers)
command-schedule-set = Change when and where a post goes out (managers)
    .post = Which post
    .when = When, like mondays 9am, weekdays 5pm, or cron 0 9 * * mon
    .channel = Channel to post in (default: the one from /setup)
    .late = What to do with a missed post
command-schedule-pause = Pause a post until you resume it (managers)
    .post = Which post
command-schedule-resume = Resume a paused post (managers)
    .post = Which post
command-schedule-preview = Preview what a post would say right now, just for you (managers)
    .post = Which post
command-schedule-explain = See when a post goes out next, and how the last 10 went (managers)
    .post = Which post

## What can be chosen as an option. At most 100 characters.

choice-late =
    .post = post it late, within 12 hours
    .skip = skip it
    .fold = roll it into the next one

choice-post =
    .expectations = expectations
    .leaderboard = leaderboard
    .final = final leaderboard
    .shoutouts = shout-outs
    .digest = digest
