### What a team tracks besides wins and kudos, and counts of it that are logged by hand.

# A line or lines of /help.
activities-help =
    /activity log: log calls, demos, or whatever else your team tracks.
    /metric list: what your team tracks.
# A line or lines of /help, for managers.
activities-help-managers = /metric add: track a new metric.

## Logging a count

# $what: "3 demos"; $sum is how many there are in the week, with those: "12"
activities-logged = Logged { $what }. That's { $sum } this week.
# The same for another day of this week, and for a day of another week. $period: "week of Apr 6"
activities-logged-on = Logged { $what } for { $day }. That's { $sum } this week.
activities-logged-before = Logged { $what } for { $day }. That's { $sum } for the { $period }.
# Where a metric can't be logged by hand.
activities-counted-by-wins = I count { $metric } automatically. Use /win log instead.
activities-counted-by-kudos = I count { $metric } automatically. Use /kudos give instead.

## Metrics

# $horizon is "pipeline" or "forecast".
activities-tracking =
    Now tracking **{ $name }**, a { $horizon ->
        [pipeline] pipeline
       *[forecast] forecast
    } metric. Reps log them with /activity log.
# The same for one that is an amount of money. $currency is its code.
activities-tracking-money =
    Now tracking **{ $name }**, a { $horizon ->
        [pipeline] pipeline
       *[forecast] forecast
    } metric in { $currency }. Reps log them with /activity log.
activities-list-title = What your team tracks
# At its foot.
activities-list-footer = Pipeline builds future business · Forecast closes this period
# Parts of a line, after the metric's name: in what it is counted, and where it comes from.
activities-list-count = count
activities-list-money = money
activities-list-from-wins = from wins
activities-list-from-kudos = from kudos
activities-list-by-hand = logged by hand

## Commands: what each says of itself and of its options. At most 100 characters.

command-activity = Log the work behind your wins: calls, demos, meetings
command-activity-log = Log calls, demos, or whatever else your team tracks
    .metric = Which metric, like demos; /metric list shows them all
    .count = How many (default: 1)
    .when = Date, like yesterday or Apr 3 (default: today)
command-metric = What your team tracks
command-metric-add = Track a new metric, like calls, demos or meetings (managers)
    .name = Name, the way your team says it, like demos
    .unit = Count or money (default: count)
    .horizon = Pipeline or forecast (default: pipeline)
command-metric-list = See what your team tracks

## What can be chosen as an option. At most 100 characters.

choice-unit =
    .count = count
    .money = money

choice-horizon =
    .pipeline = pipeline: builds future business
    .forecast = forecast: closes this period
