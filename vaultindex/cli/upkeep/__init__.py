"""Commands about vaultindex itself: index, settings, health, watcher, help."""
