"""The scene: what is known about a photo, as data. Nothing here colors; methods and networks are strangers to it."""
