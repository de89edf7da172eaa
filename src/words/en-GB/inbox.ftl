inbox-unopenable = I can't open this one any more.
