# A line or lines of /help, for managers.
setup-help-managers = /setup: time zone, currency and channels. Run it anytime to check or change them.

# To whoever would change the currency. $currency is its code.
setup-in-money = You already have amounts in { $currency }, and I can't convert currencies. The currency has to stay as it is.
