"""The looks: themes, and the style sheet that the whole app shares."""
