### How numbers are written, and what is said of those that can't be read. Only what is shown follows the marks: numbers are
### typed in one way everywhere.

number-group = ,
number-decimal = .

# Of an amount or a number that has two readings, each written in full and as it has to be typed.
# $typed is what was typed, in quotes: "`1.500`"
number-could-be = { $typed } could be { $most } or { $least }. Type `{ $most-typed }` or `{ $least-typed }`.
# The same where the unit has fewer decimals than the smaller reading needs.
number-could-be-whole = { $typed } could be { $most } or { $least }. Type `{ $most-typed }`, or leave out the decimals.
number-could-be-finer =
    { $typed } could be { $most } or { $least }. Type `{ $most-typed }`, or use at most { $decimals ->
        [one] { $decimals } decimal
       *[other] { $decimals } decimals
    }.
number-misgrouped = { $typed } could mean two things. Use a period for decimals and commas for thousands, like `{ $finer }` or `1,200`.
number-too-large = { $typed } is too big a number for me. Check the zeros.
number-too-fine = { $typed } has too many decimals. Use at most two.
number-not-positive = { $typed } isn't more than zero. Type a number like `12`.
number-unreadable = I couldn't read { $typed } as a number. Try something like `12` or `1,200`.
