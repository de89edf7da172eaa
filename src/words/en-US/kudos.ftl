### Kudos: thanks where everyone sees them, what each end of them is told, the lists, the weekly limit and the team's values.

# A line or lines of /help.
kudos-help =
    /kudos give: thank a teammate for something they did. Or right-click a person › Apps › *Give kudos*, or a message › Apps › *Give kudos for this*. /kudos list: the thanks you got and gave. /kudos undo: undo yours.
    /values list: your team's values.
# A line or lines of /help, for managers.
kudos-help-managers = /values set: your team's values. /kudos allowance: the weekly kudos limit.

## The post

# Its title. $giver is whoever thanks; $names are those who are thanked: "Ana and Ben"
kudos-told = 💛 { $giver } thanks { $names }
# Who joined in, and how many of them there are. $names: "Cleo", "Cleo and Dev", "Cleo, Dev, Eva and 3 more"
kudos-joined-in =
    { $count ->
        [one] { $names } agrees
       *[other] { $names } agree
    }
# The button that joins in with thanks.
kudos-second-button = +1
# The post of thanks that were undone: struck through, then by whom.
kudos-told-undone =
    ~~{ $giver } thanked { $names }~~
    Undone by { $by }.
# A line of the day's summary. $reason is what whoever thanked has typed.
kudos-line-for = 💛 **{ $giver }** thanks **{ $names }**: { $reason }
kudos-line = 💛 **{ $giver }** thanks **{ $names }**
kudos-line-undone = ~~{ $giver } thanked { $names }~~ undone by { $by }
# The title of what lies in the inbox of somebody who is thanked in private.
kudos-privately = 💛 { $giver } thanks you

## What whoever thanked, joined in or undid it is told

# $channel is a link to it.
kudos-up = Your thanks to { $names } are up in { $channel }.
kudos-counted = Your thanks to { $names } count, but no channel is set to post them in. A manager can pick one with /setup.
# $count is how many $names there are.
# Arguments: $count, $names
kudos-in-their-inbox = { $names } will see it privately in /inbox.
kudos-changed-your-mind = Changed your mind? /kudos undo works for { $minutes } minutes.
# At its foot: how many one may still thank.
kudos-left = { $left } left this week
kudos-none-left = That was your last one this week
kudos-seconded = You added your +1 for { $names }.
kudos-undone = Undone: the thanks to { $names }. The thanks and the reversal both stay on record.
# The button that undoes thanks.
kudos-undo-button = Undo kudos

## Lists

kudos-list-received = Thanks you received
kudos-list-given = Thanks you gave
kudos-list-received-of = Thanks to { $name }
kudos-list-given-of = Thanks { $name } gave
kudos-list-received-empty = None yet.
kudos-list-given-empty = None yet. Thank a teammate with /kudos give.
# A part of a line, after the day.
kudos-list-from = **from { $giver }**
kudos-list-to = **to { $names }**
# Of thanks that only those who are thanked see: a part of a line, and all that others read of what makes up a number.
kudos-in-private = in private
# To the other list.
kudos-given-button = Given
kudos-received-button = Received
# What can be chosen while thanks are looked for.
kudos-suggested = { $names }: { $reason }

## What makes up a number

# Why it counts for somebody who was thanked.
kudos-origin-received = from { $giver }: { $reason }
kudos-origin-received-second = +1 on { $giver }'s thanks: { $reason }
# Why it counts for whoever thanked, or joined in.
kudos-origin-given = to { $names }: { $reason }
kudos-origin-given-second = +1 for { $names }: { $reason }

## A profile, and the managers' digest

# Headings of the parts.
kudos-on-profile = Thanks
kudos-in-digest = Mostly thanking each other
# $received and $given are numbers, which may have decimals.
kudos-sums = { $received } received, { $given } given
kudos-quoted =
    > { $reason }
    from { $giver }
# Two people, and how often they thanked each other.
# Arguments: $one, $other, $times
kudos-pair =
    { $times ->
        [one] { $one } and { $other }: { $times } time in 4 weeks, and hardly anyone else
       *[other] { $one } and { $other }: { $times } times in 4 weeks, and hardly anyone else
    }

## The weekly limit

kudos-limit = Weekly kudos limit
kudos-limit-saved = Weekly kudos limit saved
kudos-limit-body =
    Everyone: **{ $everyone }** a week
    Managers: **{ $managers }** a week
    Resets at midnight when a new week starts.
kudos-limit-range = Enter a number from 0 to 1,000, like `10`.
kudos-limit-of-nothing = Your weekly kudos limit is 0. A manager can raise it with /kudos allowance.
# $when: "in 3 days", in the language of whoever reads it
kudos-limit-of-one-reached = You've used your one thank-you this week. You get more { $when }.
kudos-limit-reached = You've used all { $granted } thanks this week. You get more { $when }.
# $wanted is how many would be thanked.
kudos-limit-exceeded =
    { $wanted ->
        [one] That would thank { $wanted } person, but you have { $left } of { $granted } thanks left this week. You get more { $when }.
       *[other] That would thank { $wanted } people, but you have { $left } of { $granted } thanks left this week. You get more { $when }.
    }

## The team's values

kudos-values = Team values
kudos-values-saved = Team values saved
kudos-values-empty = None set yet. A manager can add them: /values set values:Care, Courage, Craft.
kudos-values-unreadable = Separate the values with commas, like `Care, Courage, Craft`.
kudos-values-too-many = That's { $count } values, and the limit is { $most }. Five or so are easier to remember.
kudos-value-unknown = { $typed } isn't a team value. The team's values are { $values }.
kudos-value-unknown-of-none = { $typed } isn't a team value. None are set yet, so leave it blank.

## Give kudos: the form

# At most 45 characters. A name that is too long is cut off.
kudos-form-title = Thank { $name }
# Labels of its fields. At most 45 characters.
kudos-form-reason = What are you thanking them for?
kudos-form-value = Team value it shows (optional)
# What stands in the field for the reason while it is empty.
kudos-reason-placeholder = What they did and how it helped

## What can't be done

# Names of fields, as a sentence begins: "The reason is too long".
kudos-field-reason = The reason
kudos-field-value = The value
kudos-reason-too-short = Add a bit more: what they did and how it helped, in at least { $least } characters.
# Why thanks were refused, with what was typed, so that it isn't lost. $why is a sentence or several.
kudos-refused =
    { $why }
    You typed: `{ $typed }`
kudos-to-oneself = You can't thank yourself. Pick someone who helped you.
kudos-to-a-bot = Bots don't need thanks. Pick a person instead.
kudos-second-too-late = Those thanks aren't there anymore.
kudos-second-own = You can't +1 your own kudos.
kudos-second-received = These thanks are for you, so no need to +1 them. Enjoy.
kudos-second-of-nobody = They've left this server, so you can't +1 this anymore.
kudos-second-twice = You already added your +1.
kudos-not-found = I can't find those thanks. See yours with /kudos list.
kudos-unknown = I can't find thanks { $typed }. Pick from the list.
kudos-none-to-undo = You haven't thanked anyone yet, so there's nothing to undo.
kudos-too-late = It's been more than { $minutes } minutes. Ask a manager to undo it.
# Of thanks in private, which managers don't see.
kudos-too-late-in-private = It's been more than { $minutes } minutes, so this can't be undone anymore.
kudos-undone-before = Those thanks are already undone.

## What is stored, as /privacy show lists it

kudos-trace-kudos-given = Kudos given
kudos-trace-kudos-received = Kudos received
kudos-trace-kudos-undone = Kudos undone
kudos-trace-thanks-that-count-toward-totals = Thanks that count toward totals
kudos-trace-1s-given = +1s given
kudos-trace-kudos-given-by-week = Kudos given by week

## Commands: what each says of itself and of its options. At most 100 characters.

command-kudos = Thank teammates for something they did
command-kudos-give = Thank a teammate in the channel, or just between you two
    .to = Who to thank
    .reason = What they did and how it helped
    .value = Which team value it shows
    .and = Someone else to thank
    .and-2 = Someone else to thank
    .and-3 = Someone else to thank
    .and-4 = Someone else to thank
    .private = Only they see it, in their inbox (default: no)
command-kudos-list = See the thanks you got and gave; managers can see anyone's public ones
    .which = Received or given (default: received)
    .who = Whose thanks to see (default: yours)
command-kudos-undo = Undo your thanks within 15 minutes, or anyone's public thanks if you're a manager
    .which = Which thanks, from the list or by code (default: your latest)
command-kudos-allowance = See or change the weekly kudos limit (managers)
    .everyone = Weekly limit for everyone, like 10
    .managers = Weekly limit for managers, like 20
# The name of a menu entry. At most 32 characters.
menu-give-kudos = Give kudos
# The name of a menu entry. At most 32 characters.
menu-give-kudos-for-this = Give kudos for this
command-values = Your team's values
command-values-set = Set your team's values, replacing the current list (managers)
    .values = Your values, separated by commas, like Care, Courage, Craft
command-values-list = See your team's values

## What can be chosen as an option. At most 100 characters.

choice-side =
    .received = received
    .given = given
