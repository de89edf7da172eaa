language-name = English (UK)
