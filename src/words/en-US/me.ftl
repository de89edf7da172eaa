### What is one's own: how one wants to be praised, when one is away, what others see, and the balance of one's work.

# A line or lines of /help.
me-help = /me show, praise, away, back, sharing, messages, dates: your activity mix, streak and preferences.

## What somebody sees of themselves

me-title = You
me-unread =
    { $count ->
        [one] { $count } new message in your /inbox
       *[other] { $count } new messages in your /inbox
    }
me-footer = Only you can see this
me-mix-title = Your activity mix
# How many of all entries built pipeline. $leaning is what most of them did: "closing", "pipeline" or "both".
me-mix =
    { $bar } { $pipeline } of { $entries ->
        [one] { $entries } entry
       *[other] { $entries } entries
    } in the last 4 weeks built pipeline, { $forecast } closed business. { $leaning ->
        [closing] That's mostly closing. What's feeding next month's pipeline?
        [pipeline] That's mostly pipeline. What can you close now?
       *[both] That's a good mix.
    }
me-mix-empty = Nothing logged in the last 4 weeks.
me-streak-title = Your streak

# Preferences, a line each, with the command that changes them.
me-preferences-title = Your preferences
me-praise =
    { $praise ->
        [public] Praise: in public (/me praise)
        [private] Praise: in private, in your inbox (/me praise)
       *[none] Praise: off (/me praise)
    }
me-profile-shared = Your profile: shared with the team (/me sharing)
me-profile-private = Your profile: private (/me sharing)
me-messages-on = Direct messages: on (/me messages)
me-messages-off = Direct messages: off (/me messages)
me-birthday = Birthday: { $birthday } (/me dates)
me-first-day = First day at work: { $day } (/me dates)
# $days are one day or more, or several times of days.
me-time-off = Time off: { $days } (/me away)
me-time-off-none = Time off: none (/me away)
# Times off, one after the other.
me-days-and-more = { $days }, { $more }
# A day of the year. $month is long: "March 14"
me-day-of-the-year = { $month } { $day }
# In place of a birthday, and of a first day at work.
me-birthday-not-set = not set
me-first-day-not-set = not set

## What somebody is told who has changed something

me-praised-in-public = You'll get your praise in public.
me-praised-in-private = Praise goes to your /inbox, where only you can see it.
me-praised-nowhere = I won't praise you anywhere, and badges only show on your /profile. Your wins still ring, and thanks from others go to your /inbox.
me-away-day = You're off { $day }. Your streak will wait. Back early? Use /me back.
me-away-days = You're off { $first } to { $last }. Your streak will wait. Back early? Use /me back.
me-back = Welcome back.
me-sharing-on = Your /profile is shared: records, badges, streak, public thanks and public goals.
me-sharing-off = Your /profile is private. Only you can see it.
me-inbox-sent = You'll get your /inbox as direct messages, too.
me-inbox-kept = Direct messages are off. Everything for you is in your /inbox.
# The first direct message.
me-hello = Your direct messages from me will come here. Turn them off anytime with /me messages.
me-dates = Birthday: { $birthday }. First day at work: { $first-day }.
me-dates-footer = Shout-outs may mention these if you get your praise in public

## What can't be done

me-away-is-over = Those days are already over. Pick a last day that's today or later.
me-away-backwards = The last day is before the first. Swap them.
me-away-too-long = That's more than a year. Enter up to a year at a time.
me-unreachable = I can't message you. Allow direct messages from this server's members in your privacy settings, then try again.
# Days of the year are read as "march 14" and "14 march".
me-birthday-unreadable = I couldn't read { $typed } as a birthday. Try `march 14`.
me-first-day-not-yet = That day hasn't come yet. Add it once you've started.

## Commands: what each says of itself and of its options. At most 100 characters.

command-me = Your activity mix, streak and preferences
command-me-show = See your activity mix, streak and preferences
command-me-praise = Choose how you get praised
    .how = In public, in your inbox, or not at all
command-me-away = Set time off: your streak waits, and your goals don't count those days
    .until = Last day off, like Friday or June 30
    .from = First day off (default: today)
command-me-back = You're back: end your time off
command-me-sharing = Share your profile with the team, or keep it private
    .profile = True lets others see your profile, false keeps it private
command-me-messages = Get your inbox as direct messages, too
    .direct = True to get direct messages from me, false to stop them
command-me-dates = Add your birthday or first day at work if you'd like a mention
    .birthday = Month and day, like March 14; none to clear
    .first-day = Start date, like September 1, 2023; none to clear

## What can be chosen as an option. At most 100 characters.

choice-praise =
    .public = in public
    .private = in private
    .none = not at all
