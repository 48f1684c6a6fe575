"""The engine: one photo on its way: read, analyze, resolve, paint, complete, steer, upsample, compose, write."""
