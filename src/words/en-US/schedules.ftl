# A line or lines of /help, for managers.
schedules-help-managers = /schedule list, set, pause, resume, preview, explain: when weekly posts go out.
