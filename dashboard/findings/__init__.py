"""Sentences made from figures, in both languages: no sentence claims more than its interval."""
