"""Looking back: what was published when, what moved between two releases, how everything stands."""
