"""A plugin for the hunt: whether a mutant dies matters, not the shortest story of its death."""

from hypothesis import Phase, settings

settings.register_profile("hunt", phases=[Phase.explicit, Phase.generate], database=None)
settings.load_profile("hunt")
