### What waits for one person, and for nobody else.

# A line or lines of /help.
inbox-help = /inbox: private thanks, badges and updates, just for you.

inbox-title = Your inbox
inbox-empty = You're all caught up.
# At its foot.
inbox-foot = Only you can see this
# The same where there are several pages. $page: "Page 2 of 5"
inbox-page-foot = { $page } · only you can see this
# The title of something that has none of its own.
inbox-for-you = For you
# In place of something that is for managers.
inbox-only-managers = Only managers can see this one.
# In place of something that can't be read any more.
inbox-unopenable = I can't open this one anymore.

inbox-newer-button = Newer
inbox-older-button = Older

## Commands: what each says of itself and of its options. At most 100 characters.

command-inbox = Open your private inbox: thanks, badges and updates
