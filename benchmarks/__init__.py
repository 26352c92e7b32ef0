"""Side-by-side timing against other loaders; nothing else imports it."""
