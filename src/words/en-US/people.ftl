people-trace-name-discord-account-and-preferences = Name, Discord account and preferences
people-trace-teams = Teams
people-trace-time-off = Time off
