# A line or lines of /help, for managers.
noise-help-managers = /noise show, set: which wins send a notification, post silently, or go in the daily summary.

# To whoever would change the currency. $currency is its code.
noise-in-money = Your win notification amounts are in { $currency }, and I can't convert currencies. Clear them with `/noise set small:auto large:auto`, or keep the currency.
