# A line or lines of /help.
privacy-help = /privacy show, export, erase: see, download or erase what I know about you.
