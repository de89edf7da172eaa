# A line or lines of /help.
expectations-help = /expect list: what's expected of you, and by when.
# A line or lines of /help, for managers.
expectations-help-managers = /expect set, /expect end: what you expect, by when, and what happens either way. /expect list: also shows who hasn't confirmed yet.
expectations-trace-personal-expectations = Personal expectations
expectations-trace-expectations-set = Expectations set
expectations-trace-weeks-of-expectations-confirmed = Weeks of expectations confirmed
# The name of a post that comes by itself.
expectations-post-weekly-expectations = Weekly expectations
