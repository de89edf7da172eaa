help-title = What you can do here
help-as-a-manager = As a manager
help-start-here = Start here
help-start = Run /setup. It takes a minute.
help-ask-to-start = Ask a manager to run /setup. It takes a minute.

## Commands: what each says of itself and of its options. At most 100 characters.

command-help = See what you can do here
