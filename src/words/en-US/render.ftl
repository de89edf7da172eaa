### What a post says of itself.

# The name of a part that goes on, since one part can't hold all of it. $name is the part's name.
render-more = { $name } (more)
