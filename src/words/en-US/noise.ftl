### Win notifications: which wins notify, arrive silently, or go in the daily summary.

# A line or lines of /help, for managers.
noise-help-managers = /noise show, set: which wins send a notification, post silently, or go in the daily summary.

# To whoever would change the currency. $currency is its code.
noise-in-money = Your win notification amounts are in { $currency }, and I can't convert currencies. Clear them with `/noise set small:auto large:auto`, or keep the currency.

## The settings: four lines

noise-title = Win notifications
noise-title-saved = Win notifications saved
# Small wins: under an amount, or by what is usual.
noise-under = **Under { $amount }**: grouped into the daily summary.
noise-bottom-quarter = **Bottom quarter of your recent wins**, once you log about 3 per workday: grouped into the daily summary.
noise-in-between = **Everything in between**: posted silently.
# Large wins: from an amount up, or by what is usual.
noise-and-up = **{ $amount } and up**: posted with a notification.
noise-top-quarter = **Top quarter of your recent wins**, plus your first 20: posted with a notification.
noise-limit = My daily post limit per channel: **{ $most }**. After that, wins and kudos go in the daily summary.

## The message of a channel's day

noise-day-title = Daily summary
# Its first line, in place of older ones that have no room.
noise-day-earlier = …and { $count } earlier

## What can't be set. What is in backticks is the name of an option.

noise-nothing-to-change = Pick something to change: `small`, `large` or `most`. /noise show has your settings.
noise-small-over-large = `small` can't be more than `large`. Lower `small` or raise `large`.
noise-limit-out-of-range = The daily limit has to be from 1 to 1,000. Try `20`.

## Commands: what each says of itself and of its options. At most 100 characters.

command-noise = Win notifications (managers)
command-noise-show = See which wins send a notification, and which go in the daily summary (managers)
command-noise-set = Set which wins send a notification, which go in the daily summary, and the daily limit (managers)
    .small = Wins under this go in the daily summary, like 500; auto goes by your recent wins
    .large = Wins this size and up send a notification, like 10k; auto goes by your recent wins
    .most = Bellringer's daily post limit per channel, like 20
