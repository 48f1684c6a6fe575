"""Words to claims: what a person says of a photo, in English or Ukrainian, as colors of the things in its scene.

text -> `tokens` -> `grammar` (clauses) -> `ground` (which things) -> `claims` (the scene with its colors). A closed
grammar with a lexicon; nothing is learned, nothing is fetched, and what is not understood is never guessed.
"""

from barva.language.claims import Outcome, PartlyUnderstoodError, Step, claims, explain
from barva.language.grammar import parse

__all__ = ["Outcome", "PartlyUnderstoodError", "Step", "claims", "explain", "parse"]
