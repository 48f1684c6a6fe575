"""Words of color: `lab` reads what people write, `names` lists what it knows. The words are data, a file a language."""

from barva.color.names.lookup import LONGEST, Lab, code, lab, names

__all__ = ["LONGEST", "Lab", "code", "lab", "names"]
