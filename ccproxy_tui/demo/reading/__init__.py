"""Reads what a client has asked, a module a dialect; each says it in the same `Turn`s.

Every module has `messages`, `turns`, `tools` and `answer_schema`, and none of them fails on a
body of the wrong shape: what cannot be read is left out, and `strict` complains.
"""
