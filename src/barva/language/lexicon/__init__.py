"""The words of instructions: nouns, and the small words of the grammar, in English and Ukrainian; `looks.tsv`.

The tables beside are data. `english_nouns.tsv`: noun, kind (a term of the scene's vocabulary), sense, irregular plural.
`ukrainian_nouns.tsv`: noun, kind, sense, declension, stem of the other cases or genitive plural, irregular forms (* a
genitive). `given_names.tsv`: name, kind, declension and stem of Ukrainian ones. `*_words.tsv`: category of the grammar,
value, phrases; * stands for all forms of an adjective. The sense of a noun is an English noun, so that both languages
speak of the same things.
"""

from barva.language.lexicon.tables import Entry, Lexicon, Noun, lexicon

__all__ = ["Entry", "Lexicon", "Noun", "lexicon"]
