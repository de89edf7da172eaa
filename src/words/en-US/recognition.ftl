# A line or lines of /help, for managers.
recognition-help-managers = /shoutout nominate: nominate someone for a shout-out. /shoutout preview: see who's up next, and veto any of them.
recognition-trace-shout-outs-received = Shout-outs received
recognition-trace-moments-that-may-get-a-shout-out = Moments that may get a shout-out
recognition-trace-shout-out-nominations-made = Shout-out nominations made
# The name of a post that comes by itself.
recognition-post-weekly-shout-outs = Weekly shout-outs
