# A line or lines of /help.
profile-help = /profile: your records, badges and streak.
