### What is stored of the scoreboard, as /privacy show lists it; and why a server can't be met.

ledger-trace-ledger-entries = Ledger entries
ledger-trace-daily-and-monthly-totals = Daily and monthly totals

# To whoever uses a server again while what was stored of it goes.
ledger-still-erasing = I'm still erasing what I knew about this server from before I was removed. Try again in a few minutes.
