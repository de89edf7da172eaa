### Posts on their way, and why one did not arrive.

## What a post says in place of itself

# Something that was told one person, and then taken back.
outbox-withdrawn = This was undone.
# A post that has become shorter and needs this message no more.
outbox-nothing-more = There is nothing more: it all stands above.
# The last line of one that has become too long.
outbox-has-more = …and more than there is room for here.

## Permissions, as Discord calls them

outbox-view-channel = View Channel
outbox-send-messages = Send Messages
outbox-embed-links = Embed Links
outbox-read-message-history = Read Message History

## Why a post did not reach its channel, and what a manager can do. $reference is a short code.

outbox-deleted = It went out, but someone deleted it.
outbox-channel-gone = The channel is gone. Pick another with /setup.
outbox-channel-hidden = I can't see the channel. Give me View Channel there.
outbox-may-not-post = I can't post there. Give me Send Messages and Embed Links in the channel.
# $code is a number of Discord's.
outbox-barred = Discord won't let me post there (code { $code }).
outbox-refused = Discord rejected this post. Details are in my log under { $reference }.
outbox-unreadable = I couldn't read what this post was about. Details are in my log under { $reference }.
outbox-uncomposed = I couldn't put this post together. Details are in my log under { $reference }.
outbox-too-late = I couldn't send it within 12 hours, so I skipped it.
outbox-turned-away = Discord or a proxy in between kept blocking this post while newer ones got through. Ask the person who hosts me to check.
outbox-unsearched = I can't tell if this was posted: I couldn't search the channel.
outbox-history-hidden = I can't tell if this was posted: I need Read Message History in the channel.
outbox-unseen = I can't tell if this was posted: I need View Channel there.
outbox-too-much-since = I can't tell if this was posted: there's too much in the channel since then.
outbox-stuck = It isn't getting through yet: Discord, or a proxy or firewall in between, keeps blocking it. I'll keep trying for 12 hours.
# A reason that was kept as a text.
outbox-said = { $text }

## What is stored, as /privacy show lists it

outbox-trace-inbox-messages = Inbox messages
outbox-trace-direct-messages = Direct messages
outbox-trace-mentions-in-posts-not-sent-yet = Mentions in posts not sent yet
outbox-trace-mentions-in-daily-summaries = Mentions in daily summaries
