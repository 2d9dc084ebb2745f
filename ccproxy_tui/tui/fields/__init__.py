"""The fields that forms are made of; each has a `value` and tells when the user changed it."""
