"""Tools for models that call no functions: described in the prompt, called in the text.

One stage between the hub and any upstream: `request` changes the conversation before it is
written, `reply` reads calls from the events that come back.
"""
