"""Properties: as many examples a run as keep the folder quick, without a deadline, for other work
may share the machine. Each run draws new ones."""

from hypothesis import settings

settings.register_profile("statistics", deadline=None, max_examples=60)
settings.load_profile("statistics")
