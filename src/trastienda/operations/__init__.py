"""Running the shop: opening it, backups, restoring, certificates, scheduled work, logs and mirrors."""
