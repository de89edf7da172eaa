### What is stored of the scoreboard, as /privacy show lists it.

ledger-trace-ledger-entries = Ledger entries
ledger-trace-daily-and-monthly-totals = Daily and monthly totals
