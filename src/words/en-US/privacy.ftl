### What is stored about somebody: shown, exported and erased.

# A line or lines of /help.
privacy-help = /privacy show, export, erase: see, download or erase what I know about you.

## What is stored

privacy-title = What I know about you
# $name begins with a capital letter.
privacy-title-of = What I know about { $name }
# A line: "Wins logged: 12"
privacy-line = { $what }: { $count }
privacy-why-heading = Why
privacy-why = So every number can be traced back to what was logged. I don't read chat, only commands and the messages people right-click to log or thank for.
privacy-download-heading = Download
privacy-download = Get everything as a file with /privacy export.
# Of somebody else.
privacy-download-theirs = Only they can get it as a file, with /privacy export.
privacy-delete-heading = Delete
privacy-delete = /privacy erase removes your name and the link to your Discord account for good. Totals without a name stay.
# Of somebody else.
privacy-delete-theirs = /privacy erase removes their name and the link to their Discord account for good. Totals without a name stay. You can do it for them once they've left.
# At its foot.
privacy-foot = If I'm removed from a server, its data is erased after { $days } days

## The file with everything

privacy-exported = Here's everything I know about you, as a file. Only you can see this.
privacy-nothing-to-export = I don't have anything on you.
privacy-too-big = Your data is too big for Discord. Ask the person who hosts me for it.

## Before it is erased

privacy-sure-title = Erase your data in this server?
privacy-sure-title-of = Erase data about { $name } in this server?
privacy-goes = **What goes:** your name, the link to Discord, notes and reasons, badges, shout-out moments, time off, dates and inbox. It ends your own goals, too.
# Of somebody else.
privacy-goes-theirs = **What goes:** their name, the link to Discord, notes and reasons, badges, shout-out moments, time off, dates and inbox. It ends their own goals, too.
# The name in it is kept as it is, in every language.
privacy-stays = **What stays:** totals and counts, shown as *a former teammate*, so the team's numbers still add up.
# *Manage Messages* is a permission, as Discord calls it.
privacy-posted = **What can't be deleted:** messages already posted in channels. Ask someone with *Manage Messages* there.
privacy-for-good = This can't be undone.
privacy-erase-button = Erase me for good
privacy-erase-them-button = Erase them for good
privacy-keep-button = Keep everything

## What became of it

privacy-erased = Erased. Only totals without a name are left. If you use Bellringer again, you start fresh.
privacy-erased-theirs = Erased. Only totals without a name are left. If they use Bellringer again, they start fresh.
privacy-kept = Nothing was erased.
privacy-erased-before = Already erased. Only totals without a name are left.
privacy-still-here = They're still in this server, so only they can erase themselves, with /privacy erase. Once they've left, a manager can do it.
# Discord didn't say.
privacy-unchecked = I couldn't check with Discord whether they've left, so nothing was erased. Try again in a minute.

## Commands: what each says of itself and of its options. At most 100 characters.

command-privacy = What I know about you: see it, download it, erase it
command-privacy-show = See what's stored about you
    .who = Whose data (default: yours). Only managers can look up others
command-privacy-export = Download everything stored about you as a file
command-privacy-erase = Remove your name and the link to your Discord account for good; totals stay
    .who = Whose data to erase (default: yours). Managers can do it for someone who left
