"""What is allowed: providers, groups, proxies, access keys and settings, as one frozen value."""
