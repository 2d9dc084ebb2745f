"""What may be typed after `/` in the log: its grammar, its fields, and help while it is typed."""
