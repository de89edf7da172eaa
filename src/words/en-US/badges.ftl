### Badges: the name of each, and what it is for.

# Above somebody's badges on their profile.
badges-on-profile = Badges
# To whoever has earned one. $deed is what it is for, one of those below: "your first win"
badges-earned = New badge for { $deed }. It's on your /profile.

## Each badge: its name, and the deed

badges-first-bell = First bell
badges-first-bell-deed = your first win
badges-ten-bells = Ten bells
badges-ten-bells-deed = ten wins
badges-hundred-bells = Hundred bells
badges-hundred-bells-deed = 100 wins
badges-helping-hand = Helping hand
badges-helping-hand-deed = helping a teammate close a deal
badges-good-company = Good company
badges-good-company-deed = helping teammates close ten deals
badges-kind-word = A kind word
badges-kind-word-deed = giving your first kudos
badges-generous = Generous
badges-generous-deed = giving 50 kudos
badges-thanked = Thanked
badges-thanked-deed = getting ten kudos
badges-treasured = Treasured
badges-treasured-deed = getting 50 kudos
badges-sower = Pipeline starter
badges-sower-deed = logging 25 pipeline activities
badges-gardener = Pipeline builder
badges-gardener-deed = logging 250 pipeline activities
# Its emoji is a drum.
badges-rhythm = On a roll
badges-rhythm-deed = a four-week streak
# Its emoji is a sailing boat.
badges-steady = Steady
badges-steady-deed = a 12-week streak
badges-on-target = On target
badges-on-target-deed = hitting a personal goal
badges-sharp-eye = Bullseye
badges-sharp-eye-deed = hitting ten personal goals
badges-back-again = Comeback
badges-back-again-deed = a win after four weeks without one

## What is stored, as /privacy show lists it

badges-trace-badges = Badges
