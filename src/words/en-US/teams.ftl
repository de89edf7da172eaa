# A line or lines of /help.
teams-help = /team list: teams and who's on them.
# A line or lines of /help, for managers.
teams-help-managers = /team create, /team add, /team remove: manage your teams.
