"""Who answers a call: candidates, how they stand, and whose turn it is."""
