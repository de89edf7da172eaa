### What is said of a text that somebody typed into a field.

# $field begins the sentence: "The note"
text-blank = { $field } is blank. Type a few words.
text-too-long = { $field } is too long: { $length } characters, and the limit is { $most }.
# What was typed, where nothing of it can be shown.
text-blank-typed = (blank)
text-field-name = The name
