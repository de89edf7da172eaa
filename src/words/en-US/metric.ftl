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
