### What there is of one person, feature by feature.

# A line or lines of /help.
profile-help = /profile: your records, badges and streak.

# At its foot: of one's own, as others see it or not, and of somebody else.
profile-private = Only you can see this · Share it with /me sharing
profile-shared = Shared, except your private goals · Stop sharing with /me sharing
profile-shared-by-them = Shared with the team

profile-not-shared = That profile is private. They can share it with /me sharing.

## Commands: what each says of itself and of its options. At most 100 characters.

command-profile = See your records, badges, streak, kudos and goals, or a teammate's shared profile
    .who = Whose profile (default: yours)
