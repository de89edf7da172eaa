# A line or lines of /help.
goals-help = /goal set, list, change, history, share, cancel: set your own goals and see how the team's are going.
# A line or lines of /help, for managers.
goals-help-managers = /goal set, /goal change: set or change goals for a person, a team or everyone.
goals-trace-personal-goals = Personal goals
goals-trace-goals-set = Goals set
goals-trace-goal-updates-made = Goal updates made
goals-trace-goals-cheered-on = Goals cheered on

# To whoever would change the currency. $currency is its code.
goals-in-money = An open goal is in { $currency }, and I can't convert currencies. Cancel it first, or keep the currency. /goal list shows it.
