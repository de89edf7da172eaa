# A line or lines of /help.
me-help = /me show, praise, away, back, sharing, messages, dates: your activity mix, streak and preferences.
