### The managers' digest: what a week leaves to whoever leads. What its parts say is in the catalogues of those who say it.

# The name of a post that comes by itself.
digest-post-managers-digest = Managers' digest

digest-title = Your week as a manager
# At its top.
digest-intro =
    Only managers see this. A thank-you from you means more than one from me.
    See who's up for a shout-out with /shoutout preview, or nominate someone with /shoutout nominate.
# The last line of a part, in place of those that it has no room for.
digest-more = …and { $count } more
