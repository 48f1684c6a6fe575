"""Methods: everything that turns light into chroma. They are strangers to each other; `catalog` names them."""
