ledger-trace-ledger-entries = Ledger entries
ledger-trace-daily-and-monthly-totals = Daily and monthly totals
