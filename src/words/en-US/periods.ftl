### Time frames that can be chosen.

choice-span =
    .week = week
    .month = month
    .quarter = quarter
    .year = year

choice-board-span =
    .week = week
    .last-week = last week
    .month = month
    .last-month = last month
    .quarter = quarter
    .last-quarter = last quarter
    .year = year
    .last-7-days = last 7 days
    .last-30-days = last 30 days
    .last-90-days = last 90 days
