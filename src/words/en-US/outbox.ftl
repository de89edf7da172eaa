outbox-trace-inbox-messages = Inbox messages
outbox-trace-direct-messages = Direct messages
outbox-trace-mentions-in-posts-not-sent-yet = Mentions in posts not sent yet
outbox-trace-mentions-in-daily-summaries = Mentions in daily summaries
