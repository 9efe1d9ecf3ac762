"""Every attack on a real chain: the parts of `scripts/test-attacks`."""
