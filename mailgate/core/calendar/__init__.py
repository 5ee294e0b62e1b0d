"""Business time: durations, the working week, opening hours and holidays, and deadlines counted in them."""
