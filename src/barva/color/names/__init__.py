"""Words of color: `lab` reads what people write, `names` lists what it knows, `name` says what a color is called. The
words are data, a file a language."""

from barva.color.names.lookup import LONGEST, Lab, code, lab, names
from barva.color.names.spoken import name

__all__ = ["LONGEST", "Lab", "code", "lab", "name", "names"]
