"""A scripted upstream and a scripted client, for the first start, --demo, tests and screenshots."""
