"""The inspector's tabs: what each shows of a call."""
