# The name of a post that comes by itself.
digest-post-managers-digest = Managers' digest
