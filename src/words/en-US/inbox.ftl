# A line or lines of /help.
inbox-help = /inbox: private thanks, badges and updates, just for you.

inbox-newer-button = Newer
inbox-older-button = Older
