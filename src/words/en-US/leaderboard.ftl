# A line or lines of /help.
leaderboard-help = /leaderboard: see where you stand, or post the leaderboard to the channel.
# A line or lines of /help, for managers.
leaderboard-help-managers = /board show, /board set: choose what everyone sees on leaderboards, and whether they come with an image.
leaderboard-trace-ranks-on-final-leaderboards = Ranks on final leaderboards
# The name of a post that comes by itself.
leaderboard-post-weekly-leaderboard = Weekly leaderboard
# The name of a post that comes by itself.
leaderboard-post-final-weekly-leaderboard = Final weekly leaderboard

# To whoever would change the currency. $currency is its code.
leaderboard-in-money = Your final leaderboards are in { $currency }, and I can't convert currencies. The currency has to stay as it is.

# Where the final leaderboard goes, after a time: "Mondays at 9:00 AM, on the weekly leaderboard post"
leaderboard-on-the-weekly-post = on the weekly leaderboard post
