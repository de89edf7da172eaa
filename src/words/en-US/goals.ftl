### Goals: how they stand, what became of them, and what whoever sets or changes one is told.

# A line or lines of /help.
goals-help = /goal set, list, change, history, share, cancel: set your own goals and see how the team's are going.
# A line or lines of /help, for managers.
goals-help-managers = /goal set, /goal change: set or change goals for a person, a team or everyone.

## What every goal is shown with

# Whose goal it is, and its target. $target: "6 demos", "$50,000", "$9,000 in upsells"
goals-headline = { $name }'s goal: { $target }
# To whose it is.
goals-headline-own = Your goal: { $target }
goals-headline-team = Team { $team }'s goal: { $target }
# A goal for everyone.
goals-headline-everyone = Team goal: { $target }
# The period of a goal that ends on a day, within a line and where a line begins with it.
goals-through = through { $day }
goals-through-heading = Through { $day }
# The first line of a goal in a list. $goal: "Ana's goal: 6 demos", or its target alone; $period: "week of Apr 6"
goals-heading = **{ $goal }**, { $period }
# What there is so far. $bar is ten blocks.
goals-standing = { $bar } { $actual } ({ $percent }%)

# How it goes: each within a line, and where a line begins with it.
goals-reached = reached 🎯
goals-reached-heading = Reached 🎯
goals-stretched = reached, stretch included 🎯
goals-stretched-heading = Reached, stretch included 🎯
goals-starts = starts { $day }
goals-starts-heading = Starts { $day }
goals-early = just getting started
goals-early-heading = Just getting started
# $gone: "42% of the week gone"
goals-ahead = ahead of pace, { $gone }
goals-ahead-heading = Ahead of pace, { $gone }
goals-on-pace = on pace, { $gone }
goals-on-pace-heading = On pace, { $gone }
goals-behind-pace = behind pace, { $gone }
goals-behind-pace-heading = Behind pace, { $gone }
# How much of its time has passed.
goals-gone =
    { $percent }% of the { $span ->
        [week] week
        [month] month
        [quarter] quarter
        [year] year
       *[custom] time
    } gone

# What is special about it, side by side behind how it goes.
goals-mark-stretch = stretch { $amount }
# The target of a new hire grows from week to week. $whole is what it grows to.
goals-mark-ramp = ramp week { $week }: { $percent }% of { $whole }
goals-mark-repeats =
    repeats every { $span ->
        [week] week
        [month] month
        [quarter] quarter
       *[year] year
    }
goals-mark-shared = shared

## What is left to do

# The day by which: "today" stands alone, anything else as $day of what follows.
goals-today = today
goals-tomorrow = tomorrow
# $day: "tomorrow", "Thursday", "Mon, Apr 6"
goals-by = by { $day }
# $by: "by Thursday", "today". $metric is in the singular where $count is one.
goals-to-do = { $count } more { $metric } { $by }
# $missing is an amount, and $usual what a deal is usually worth.
goals-to-do-less-than-a-deal = { $missing } to go { $by }, less than one typical deal ({ $usual })
goals-to-do-one-deal = { $missing } to go { $by }, one typical deal ({ $usual })
# $count is more than one.
goals-to-do-deals = { $missing } to go { $by }, about { $count } typical deals ({ $usual } each)
# $each is an amount; $day: "Friday"
goals-to-do-each-day = { $each } a day through { $day } to get there
goals-to-do-amount = { $missing } more { $by }
# Where the target is reached, and what is beyond it is not. $to-do is one of those above.
goals-to-do-stretch = For the stretch: { $to-do }

## Lists

goals-list-title = Goals
goals-list-empty = No open goals. Set one for yourself with /goal set. Managers can set one for anyone.
goals-list-none-own = You don't have any open goals. Set one with /goal set.
goals-list-shared = Shared by others
# Above somebody's own goals on their profile.
goals-on-profile = Goals
# A goal in a list to choose from: "6 demos · team North · week of Apr 6"
goals-label-team = team { $team }
goals-label-everyone = everyone
# In the managers' digest.
goals-behind-title = Goals behind pace
goals-behind = { $name }: { $percent }% of { $target } so far
goals-behind-team = Team { $team }: { $percent }% of { $target } so far
goals-behind-everyone = Everyone: { $percent }% of { $target } so far

## The one message that shows how a goal stands

# $goal: "Ana's goal: 6 demos"
goals-live-title = 🎯 { $goal }
goals-cheered-on = 📣 Cheered on by { $names }
goals-cheer-button = Cheer
# How it ended.
goals-ended-cancelled = Canceled. Everything logged stays on record.
goals-ended-reached = 🎯 Goal reached with { $actual }.
goals-ended = Finished at { $actual } ({ $percent }%).
goals-ended-everyone = We finished at { $actual } ({ $percent }%).
goals-unshared = This goal isn't shared anymore.

## A goal reached

# Titles: to its owner, of one for everyone, a person's, a team's.
goals-you-hit = 🎯 You hit your goal
goals-we-hit = 🎯 We hit the goal
goals-hit = 🎯 { $name } hit their goal
goals-team-hit = 🎯 Team { $team } hit their goal
# On its last working day; and so many before.
goals-hit-in-time = **{ $actual } (goal: { $target })**, { $period }.
goals-hit-early = **{ $actual } (goal: { $target })**, { $period }, with { $days ->
        [one] a day
       *[other] { $days } business days
    } to spare.
goals-hit-stretch = That clears the stretch of { $stretch }, too.
goals-hit-by-change = The target changed, and the numbers were already there.
# What was told becomes this when the win behind it is taken back. $goal: "Ana's goal: 6 demos"
goals-open-again = **{ $goal }** is open again. After an undo or a change, it's at { $actual }.
# The same of a goal that is over.
goals-not-reached = **{ $goal }** wasn't reached after all. After an undo or a change, it's at { $actual }.

## What was changed

# "Maya changed the target from 9 to 7 and added a stretch of 12 · 2 hours ago". $changes is one or more of those below.
goals-became = { $name } { $changes } · { $when }
goals-became-target = changed the target from { $before } to { $after }
goals-became-stretch = changed the stretch from { $before } to { $after }
goals-became-without-stretch = dropped the stretch of { $before }
goals-became-with-stretch = added a stretch of { $after }
goals-became-until = moved the end date to { $day }
goals-became-other = updated the goal
# In the inbox of a person whose goal somebody else has changed.
goals-changed-for-you = Your goal was changed
goals-history-title = Goal history
goals-history-changes = Changes
goals-history-empty = No changes so far.

## What whoever has done something is told

goals-set = Goal set
goals-changed = Goal updated
goals-cancelled = Canceled the goal for { $name }. Everything logged stays on record.
# To whose it is.
goals-cancelled-own = Canceled your goal. Everything logged stays on record.
goals-cancelled-team = Canceled the goal for team { $team }. Everything logged stays on record.
goals-cancelled-everyone = Canceled the goal for everyone. Everything logged stays on record.
goals-now-shared = Shared. Others can see this goal and cheer you on.
goals-now-private = This goal is private again.
goals-cheered = { $name } can see you're cheering them on.

## What can't be done

goals-not-open = That goal isn't open. See open goals with /goal list.
goals-unknown = I can't find a goal called { $typed }. Pick one from the list.
goals-period-or-date = Pick a period or an end date, not both.
goals-repeats-without-period = A repeating goal needs a period, not an end date. Pick week, month, quarter or year.
goals-repeats-until = A repeating goal ends with its period. Cancel it and set a new one instead.
goals-ramp-alone = Ramps need one person and a weekly repeating goal.
# $most is how many percentages at most.
goals-ramp-unreadable = I couldn't read { $typed } as a ramp. List up to { $most } weekly percentages, like `25, 50, 75`.
goals-ramp-goes-down = A ramp can't go down. Make each week at least as high as the one before.
goals-until-past = That date has passed. Pick today or later.
goals-until-far = That's more than two years out. Pick an earlier end date.
goals-stretch-too-low = The stretch has to be higher than the target. Raise it or drop it.
goals-for-several = Pick just one: a person, a team or everyone.
goals-nothing-changed = Nothing changed. Enter a new target, stretch or end date.
goals-changed-meanwhile = Someone else just changed this goal. Check it with /goal list, then try again.
goals-share-own = You can only share your own goals. Goals for a team or everyone are already public.
goals-share-own-open = You can only share your own open goals. Goals for a team or everyone are already public.
goals-cheer-unshared = That goal isn't shared anymore.
goals-cheer-own = You can't cheer your own goal. That's up to your teammates.
goals-cheer-twice = You're already cheering this one on.
# To whoever would change the currency. $currency is its code.
goals-in-money = An open goal is in { $currency }, and I can't convert currencies. Cancel it first, or keep the currency. /goal list shows it.

## What is stored, as /privacy show lists it

goals-trace-personal-goals = Personal goals
goals-trace-goals-set = Goals set
goals-trace-goal-updates-made = Goal updates made
goals-trace-goals-cheered-on = Goals cheered on

## Commands: what each says of itself and of its options. At most 100 characters.

command-goal = Goals for you, a team or everyone
command-goal-set = Set a goal for yourself. Managers can set one for anyone.
    .metric = Metric, like revenue or wins
    .target = Target, like 10, 50k or $1,200
    .period = Time frame (default: this week)
    .until = Or an end date, like June 30, Friday or 2026-06-30
    .who = Who it's for (default: you)
    .team = Team it's for
    .everyone = Make it a goal for everyone
    .stretch = Stretch target, like 60k
    .repeats = Start it again every period
    .ramp = For a new hire: percent of the target by week, like 25, 50, 75
    .share = Let others see your own goal and cheer you on
command-goal-list = See open goals and how they're going
command-goal-change = Change an open goal. Its post shows what changed, and the old version is kept.
    .which = Which goal
    .target = New target, like 10 or 50k
    .stretch = New stretch, like 60k, or none
    .until = New end date, like Friday or June 30
command-goal-history = See how a goal has changed
    .which = Which goal
command-goal-share = Share one of your goals so others can cheer you on, or make it private again
    .which = Which goal
    .shared = Let others see it (default: yes)
command-goal-cancel = Cancel a goal
    .which = Which goal
