### Wins: the bell that rings for each, what whoever logged it is told, and the lists.

# A line or lines of /help.
wins-help =
    /win log: log a win and ring the bell. Or right-click a message › Apps › *Log as a win*.
    /win undo: undo a win within 15 minutes.
    /win list, /win why: your wins, and what makes up a total.
# A line or lines of /help, for managers.
wins-help-managers = /win undo, /win list, /win why: for anyone, anytime.

## The bell

# Its title. $name is whoever closed it.
wins-bell-worth-with = 🔔 { $name } closed { $amount } with { $customer }
wins-bell-worth = 🔔 { $name } closed { $amount }
wins-bell-with = 🔔 { $name } closed a deal with { $customer }
wins-bell = 🔔 { $name } just closed a deal!
# Who it was, where nobody is credited any more.
wins-someone = Someone
# $helpers: "Ben (25% credit) and Cleo (25% credit)"
wins-bell-helpers = With { $helpers }
wins-helper = { $name } ({ $percent }% credit)
# At its foot, where it wasn't closed on the day it was logged.
wins-bell-closed = Closed { $day }
# The bell of a win that was undone: struck through, then by whom. $what is the customer or the amount.
wins-bell-undone =
    ~~{ $name }: { $what }~~
    Undone by { $by }.
# A line of the day's summary: who, and customer and amount.
wins-line = 🔔 **{ $names }** · { $what }
wins-line-undone = ~~{ $names } · { $what }~~ undone by { $by }
# In place of customer and amount, where neither is known.
wins-a-win = a win

## What whoever logged or undid it is told

# $what is one of the three below; $place says where it rings.
wins-logged = Logged { $what }. { $place }
wins-undone = Undone: { $what }. The win and its reversal both stay on record.
wins-undone-unnamed = Win undone. The win and its reversal both stay on record.
wins-worth-from = { $amount } from { $customer }
wins-with = a win with { $customer }
wins-your-win = your win
# $channel is a link to it.
wins-rings = Ringing in { $channel }.
wins-rings-in-the-days = Added to today's summary in { $channel }.
wins-rings-nowhere = There's no wins channel yet. A manager can pick one with /setup.
wins-mistake = Made a mistake? /win undo works for { $minutes } minutes.
# At its foot. $reference is a short code.
wins-reference = Win { $reference }
# The button that undoes it. $what is the amount, the customer or the last.
wins-undo-button = Undo { $what }
wins-the-win = the win

## Lists

wins-list-title = { $name }'s wins
# To oneself.
wins-list-title-own = Your wins
wins-list-empty = No wins yet. /win log rings the bell.
# A line. $what: "Acme · $500 · renewal"; $reference is what /win undo takes.
wins-list-line = { $day } · { $what } · `{ $reference }`
wins-list-undone = ~~{ $line }~~ undone
# What makes up a number. $sum: "$9,000 in revenue"
wins-why-title = { $name }: { $sum }, { $period }
# To oneself.
wins-why-title-own = You: { $sum }, { $period }
wins-why-empty = Nothing logged for this period yet.
wins-why-undone = undone
wins-credit = { $percent }% credit

## Log as a win: the form

# Labels of its fields. At most 45 characters.
wins-form-amount = Amount
# Where what the message says can be read in two ways.
wins-form-which-amount = Amount: { $most } or { $least }?
wins-form-customer = Customer
wins-form-kind = Type of deal
wins-form-note = Note
wins-form-title = Log as a win

# Types of deal, to choose from while one is typed. What is chosen is kept as it is.
wins-kind-new = new business
wins-kind-renewal = renewal
wins-kind-upsell = upsell
wins-kind-cross-sell = cross-sell
wins-kind-win-back = win-back

## What can't be done

# Names of fields, as a sentence begins: "The note is too long".
wins-field-customer = The customer name
wins-field-kind = The type of deal
wins-field-note = The note
wins-share-without-a-person = Who gets that share? Pick a person in the matching `with` option.
wins-share-with-oneself = You already get the rest of the credit. Just add the others.
wins-share-twice = You added the same person twice. Add each person just once.
wins-share-some = Give everyone a share in percent, or leave all the shares blank to split evenly.
wins-share-of-nothing = Each share has to be at least 1%.
wins-share-too-much = Those shares add up to { $percent }%. Keep them to 99% or less, so you get some credit too.
wins-share-of-all = That leaves nothing for you. Keep at least 1%, or have them log it.
wins-undone-before = { $name } already undid that win.
wins-undone-before-by-you = You already undid that win.
wins-too-late = It's been over { $minutes } minutes, so only a manager can undo that win. Ask one to run /win undo.
wins-unknown = No win matches { $typed }. Pick one from the list.
wins-not-found = I couldn't find that win. /win list shows yours.
wins-none-to-undo = You don't have a win to undo.

## What is stored, as /privacy show lists it

wins-trace-wins-logged = Wins logged
wins-trace-wins-undone = Wins undone
wins-trace-wins-credited = Wins credited

## Commands: what each says of itself and of its options. At most 100 characters.

command-win = Log wins, undo them, and see what makes up a total
command-win-log = Log a win and ring the bell in the wins channel
    .amount = Amount, like 12.5k or $1,200
    .customer = Customer or account name
    .kind = Type of deal, like renewal or upsell
    .note = Note for the team
    .when = Close date, like yesterday or Apr 3 (default: today)
    .with = Who shared the credit
    .share = Their share in percent (default: an even split)
    .with-2 = Someone else who shared the credit
    .share-2 = Their share in percent
    .with-3 = One more person who shared the credit
    .share-3 = Their share in percent
command-win-undo = Undo a win: yours within 15 minutes, or anyone's anytime if you're a manager
    .which = Which win (default: your latest)
command-win-list = See your wins, or anyone's if you're a manager
    .who = Whose wins (default: yours)
command-win-why = See what makes up a total
    .metric = Metric (default: revenue)
    .period = Time frame (default: this week)
    .who = Whose total (default: yours)
# The name of a menu entry. At most 32 characters.
menu-log-as-a-win = Log as a win
