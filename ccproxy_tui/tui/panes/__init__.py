"""The six panes of the main screen: which columns, which commands, which words when empty."""
