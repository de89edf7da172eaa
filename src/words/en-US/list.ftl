### How several things are put together.

# "Ana and Ben"
list-of-two = { $first } and { $second }
# Of three and more, from the front: "Ana, Ben", then "Ana, Ben, Cleo"
list-middle = { $first }, { $next }
# Then the last: "Ana, Ben and Cleo"
list-ending = { $before } and { $last }
# Things that are no sentence: "Acme · $500"
list-beside = { $first } · { $next }
# In place of the rest, at the end of a list of names
list-more = { $count } more
