# A line or lines of /help.
kudos-help =
    /kudos give: thank a teammate for something they did. Or right-click a person › Apps › *Give kudos*, or a message › Apps › *Give kudos for this*. /kudos list: the thanks you got and gave. /kudos undo: undo yours.
    /values list: your team's values.
# A line or lines of /help, for managers.
kudos-help-managers = /values set: your team's values. /kudos allowance: the weekly kudos limit.
kudos-trace-kudos-given = Kudos given
kudos-trace-kudos-received = Kudos received
kudos-trace-kudos-undone = Kudos undone
kudos-trace-thanks-that-count-toward-totals = Thanks that count toward totals
kudos-trace-1s-given = +1s given
kudos-trace-kudos-given-by-week = Kudos given by week
