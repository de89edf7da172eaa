### What is counted.

# "$12,500 in revenue"
metric-money-named = { $money } in { $metric }
# "3 calls"; $metric is in the singular where there is one.
metric-count-named = { $count } { $metric }

# Which future a metric builds.
metric-pipeline = pipeline
metric-forecast = forecast

metric-unknown = There's no metric called { $typed }. /metric list shows what you're tracking.
metric-taken = There's already a metric called { $name }. Pick another name.

## The metrics that every team has: the name within a sentence, so many of it, and where a heading begins with it

metric-wins-name = wins
metric-wins =
    { $count ->
        [one] win
       *[other] wins
    }
metric-wins-heading = Wins
metric-revenue-name = revenue
metric-revenue-heading = Revenue
# Help with other people's deals.
metric-assists-name = assists
metric-assists =
    { $count ->
        [one] assist
       *[other] assists
    }
metric-assists-heading = Assists
# Thanks received; $count is how many, for languages in which it matters.
metric-kudos-name = kudos
# Arguments: $count
metric-kudos = kudos
metric-kudos-heading = Kudos
metric-kudos-given-name = kudos given
# Arguments: $count
metric-kudos-given = kudos given
metric-kudos-given-heading = Kudos given
