### What commands, buttons and forms of all features say: who may do what, whom they can be about, and what went wrong.

## Who, and where

chat-outside = I only work in a server's channels. Try it there.
chat-only-managers = Only managers can do that.
chat-only-for-oneself = You can only do that for yourself. For someone else, ask a manager.
chat-unmet = { $name } isn't in this server, and I have no record of them. Pick a teammate.
chat-not-here = { $name } isn't in this server, so I can't do that for them. Pick someone who is.
chat-bot = That's a bot. Pick a person instead.
chat-not-a-text-channel = That isn't a text channel. Pick one I can post in.

## What went wrong

# A button of an older message.
chat-stale = This button is out of date. Run the command again.
chat-changed = This command has changed. Type it again and pick it from the list.
# $why is what Discord's library says of it, in English.
chat-unreadable-option = I couldn't read one of the options: { $why }. Try again.
# $reference is a short code, under which the log has the cause.
chat-failed = Something went wrong on my end, and nothing changed. If it happens again, send this code to the person who hosts me: `{ $reference }`.
chat-failed-when-done = That's done and saved, so no need to do it again. I just couldn't show you the result. If it happens again, send this code to the person who hosts me: `{ $reference }`.
chat-failed-while-saving = Something went wrong while I was saving that, and I can't tell if it worked. Check before you try again, and send this code to the person who hosts me: `{ $reference }`.
# Above what somebody typed into a form that was refused, which they get back.
chat-typed = You typed

## What was done and could not be said at once, as the inbox has it

# Its title, where it has none of its own.
chat-done = Already done
# Below it. $time is a time of day.
chat-done-at = Done at { $time }, but my reply got lost.
