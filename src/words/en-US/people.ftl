### Persons and teams.

## Whom something is for, within a sentence

people-someone = someone
people-everyone = everyone
people-team = team { $name }

## What can't be done

people-unknown = I can't find that person here. Run the command again.
people-unknown-team = There's no team called { $typed }. /team list shows the teams you have.
people-team-taken = There's already a team called { $typed }. Pick another name.

## What is stored, as /privacy show lists it

people-trace-name-discord-account-and-preferences = Name, Discord account and preferences
people-trace-teams = Teams
people-trace-time-off = Time off
