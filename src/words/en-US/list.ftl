### How several things are put together.

# "Ana and Ben"
list-of-two = { $first } and { $second }
# The end of a list of three and more: "Ben and Cleo"
list-ending = { $before } and { $last }
# Anything before that: "Ana, Ben and Cleo"
list-beginning = { $first }, { $rest }
# Things that are no sentence: "Acme · $500"
list-beside = { $first } · { $next }
# In place of the rest, at the end of a list of names
list-more = { $count } more
