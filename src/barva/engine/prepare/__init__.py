"""From a photo and a request to what the methods need: sizes, light, the scene, references."""
