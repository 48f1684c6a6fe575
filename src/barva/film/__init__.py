"""Film: moving pictures in color without flicker, a shot at a time."""
