"""Many photos: folders, manifests, resuming."""
