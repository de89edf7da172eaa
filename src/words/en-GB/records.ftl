records-best-week = Best week: **{ $quantity }**, week of { $day } { $month } { $year }
