### Expectations: what, by when, for whom, and what follows either way.

# A line or lines of /help.
expectations-help = /expect list: what's expected of you, and by when.
# A line or lines of /help, for managers.
expectations-help-managers = /expect set, /expect end: what you expect, by when, and what happens either way. /expect list: also shows who hasn't confirmed yet.
# The name of a post that comes by itself.
expectations-post-weekly-expectations = Weekly expectations

## The week's post, and its button

# $week: "week of Apr 6"
expectations-week-title = Expectations for the { $week }
expectations-week-intro = Here's what's expected this week, and what follows. Tap to confirm.
# One expectation, below its name. $due: "Friday, April 10, 2026 5:00 PM" or "Fridays at 5:00 PM"; $whose: "everyone", "Ana"
expectations-contract =
    Due { $due } for { $whose }
    If met: { $met }
    If missed: { $missed }
# When it is due, where that is every week. $weekday is one of "mon" to "sun".
expectations-every-week =
    { $weekday ->
        [mon] Mondays
        [tue] Tuesdays
        [wed] Wednesdays
        [thu] Thursdays
        [fri] Fridays
        [sat] Saturdays
       *[sun] Sundays
    } at { $time }
expectations-confirm-button = I've got it
# To whoever pressed the button. $lines are lines as the next message has them.
expectations-acknowledged =
    Thanks! On your plate this week:
    { $lines }
# $due: "Friday, April 10, 2026 5:00 PM"
expectations-acknowledged-line = • **{ $what }** by { $due }
expectations-none-of-yours = Nothing here is for you this week. Thanks for checking.

## The list

expectations-list-title = Expectations
expectations-list-empty = Nothing on your plate this week. Enjoy.
expectations-list-empty-for-managers = No expectations this week. Add one with /expect set.
expectations-all-confirmed = Everyone has confirmed.
# $count is how many there are in $names: "Ana and Ben"
expectations-not-confirmed =
    { $count ->
        [one] Hasn't confirmed yet: { $names }. Only managers can see this.
       *[other] Haven't confirmed yet: { $names }. Only managers can see this.
    }

## What whoever set or ended one is told

# $channel is a link to it.
expectations-goes-out = It goes out with the next weekly post in { $channel }. Until then, see it with /expect list.
expectations-no-channel = It won't be posted yet: no expectations channel is set. Pick one with /setup.
expectations-ended = Ended **{ $what }**. It won't be posted again.

## What can't be done

# Names of fields, as a sentence begins: "The expectation is too long".
expectations-field-what = The expectation
expectations-field-if-met = The outcome if met
expectations-field-if-missed = The outcome if missed
expectations-time-unreadable = I couldn't read the time in { $typed }. Try `friday 5pm`.
expectations-in-the-past = { $typed } is in the past. Enter a future time, like `friday 5pm`.
expectations-unknown = I can't find an expectation called { $typed }. Pick one from the list.
expectations-already-ended = That expectation has already ended. See the current ones with /expect list.
expectations-older-post = That button is from an older post. See what's current with /expect list.

## What is stored, as /privacy show lists it

expectations-trace-personal-expectations = Personal expectations
expectations-trace-expectations-set = Expectations set
expectations-trace-weeks-of-expectations-confirmed = Weeks of expectations confirmed

## Commands: what each says of itself and of its options. At most 100 characters.

command-expect = Who's expected to do what, and by when
command-expect-set = Set what you expect, by when, and what happens either way (managers)
    .what = What you expect, like 10 demos booked
    .by = When it's due, like Friday 5pm or April 30 5pm (default time: 5pm)
    .if-met = What happens if it's met
    .if-missed = What happens if it's missed
    .repeat = How often (default: every week)
    .who = Who it's for (default: everyone)
    .team = Which team it's for
command-expect-list = See what's expected of you; managers see who hasn't confirmed yet
command-expect-end = End an expectation (managers)
    .which = Which expectation to end

## What can be chosen as an option. At most 100 characters.

choice-repeat =
    .weekly = every week
    .once = once
