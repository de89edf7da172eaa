### Amounts of money, and what is said of those that can't be read.

# With a sign: "$12,500"
money-signed = { $sign }{ $digits }
# With a code: "CHF 900"
money-coded = { $code } { $digits }
# Less than nothing: "-$500"
money-negative = -{ $amount }

money-digits = I couldn't read { $typed }. Use the digits 0 to 9, like `12.5k`.
money-empty = The amount is empty. Type something like `1200` or `12.5k`, or leave it out.
money-unreadable = I couldn't read { $typed } as an amount. Try something like `1200`, `12.5k` or `1,200.50`.
money-typed-like = I couldn't read { $typed } as an amount. Type it like `{ $example }`.
money-other-currency = This server uses { $currency }, so I can't take { $typed }. Enter the amount in { $currency }.
money-zero = The amount must be more than zero, like `1200`.
money-minus = Amounts can't be negative, and { $typed } is. Type it without the minus.
money-too-fine-for-whole = { $typed } has decimals, but { $currency } doesn't. Type a whole amount, like `1200`.
money-too-fine = { $typed } has too many decimals for { $currency }. Use at most { $decimals }.
