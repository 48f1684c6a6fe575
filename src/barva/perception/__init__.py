"""What is in a photo: classes of segments and the masks of single objects, found in its light alone."""
