### Teams, and who is on them.

# A line or lines of /help.
teams-help = /team list: teams and who's on them.
# A line or lines of /help, for managers.
teams-help-managers = /team create, /team add, /team remove: manage your teams.

## Changing them

teams-created = Team **{ $team }** created. Add people with /team add.
teams-added = Added { $name } to **{ $team }**.
teams-added-before = { $name } is already on { $team }.
teams-removed = Removed { $name } from **{ $team }**. Their numbers no longer count toward it.
teams-not-on = { $name } isn't on { $team }.

## The list

teams-list-title = Teams
teams-list-empty = No teams yet. A manager can create one with /team create.
# A line. $names: "Ana, Ben and Cleo"
teams-list-line = **{ $team }**: { $names }
teams-list-line-of-nobody = **{ $team }**: nobody yet

## Commands: what each says of itself and of its options. At most 100 characters.

command-team = Teams for shared goals and leaderboards
command-team-create = Create a team (managers)
    .name = Team name
command-team-add = Add someone to a team (managers)
    .team = Which team
    .who = Who to add
command-team-remove = Remove someone from a team (managers)
    .team = Which team
    .who = Who to remove
command-team-list = See your teams and who's on them
