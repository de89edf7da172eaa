# A line or lines of /help.
records-help = /records: your records, your teams' records, and all-time bests.
