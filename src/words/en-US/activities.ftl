# A line or lines of /help.
activities-help =
    /activity log: log calls, demos, or whatever else your team tracks.
    /metric list: what your team tracks.
# A line or lines of /help, for managers.
activities-help-managers = /metric add: track a new metric.
