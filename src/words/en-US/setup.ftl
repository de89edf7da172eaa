### How a server works: shown and changed.

# A line or lines of /help, for managers.
setup-help-managers = /setup: time zone, currency and channels. Run it anytime to check or change them.

## What is set

setup-title = Settings
setup-saved-title = Settings saved
setup-time-zone = Time zone: **{ $zone }**
# $currency is its code.
setup-currency = Currency: **{ $currency }**
# What posts are written in.
setup-language = Language: **{ $language }**
setup-week-start = Week starts: **{ $weekday }**
# Where wins ring, where recognition goes, and where the week's expectations go: a link to a channel, or the last.
setup-wins = Wins: { $channel }
setup-recognition = Recognition: { $channel }
setup-expectations = Expectations: { $channel }
setup-not-set = not set
# *Manage Server* is a permission, as Discord calls it.
setup-managers = Managers: anyone with *Manage Server*
setup-managers-by-role = Managers: { $role } and anyone with *Manage Server*
setup-next-heading = What's next
setup-next = Weekly posts go out on their own. See when with /schedule list.
setup-next-first = Run /setup with your time zone, currency and wins channel. Until then it's UTC, US dollars and no posts.

## What is wrong with channels

# Names of permissions are as Discord calls them. $channel is a link to it.
setup-fix-heading = Fix these channels
# $permissions: "View Channel, Send Messages"
setup-lacking = { $channel }: give me { $permissions }
setup-lacking-files = { $channel }: give me Attach Files to post leaderboards as images
setup-unopenable = I can't open { $channel }. Was it deleted, or do I need View Channel?
setup-unchecked-heading = Couldn't check
# $channels are links to one or more.
setup-unchecked = { $channels }: Discord didn't answer just now. Run /setup again in a few minutes.
setup-troubles-heading = Recent posts with problems
# $when is a date and time; $why is a sentence: "It went out, but someone deleted it."
setup-trouble = { $channel }, { $when }: { $why }

## What can't be done

setup-unknown-zone = I don't know the time zone { $typed }. Pick one from the list, like `America/New_York`.
setup-unknown-currency = I don't know the currency { $typed }. Pick one from the list, like `USD`.
setup-unknown-language = I don't know the language { $typed }. Pick one from the list.
setup-everyones-role = @everyone isn't a manager role. Pick one that only managers have.
# To whoever would change the currency. $currency is its code.
setup-in-money = You already have amounts in { $currency }, and I can't convert currencies. The currency has to stay as it is.

## Commands: what each says of itself and of its options. At most 100 characters.

command-setup = Set up Bellringer, or check your settings (managers)
    .time-zone = Your team's time zone, like America/New_York
    .currency = Currency for all amounts, like USD
    .week-start = First day of your week (default: Monday)
    .language = What I write posts in (default: English (US))
    .wins-channel = Channel where wins ring
    .recognition-channel = Channel for leaderboards and shout-outs (default: the wins channel)
    .expectations-channel = Channel for weekly expectations (default: the wins channel)
    .manager-role = Role that counts as manager, in addition to Manage Server

## What can be chosen as an option. At most 100 characters.

choice-week-start =
    .monday = Monday
    .sunday = Sunday
    .saturday = Saturday
