"""What a config means: `config.json` as typed nodes. Nothing in it is imported, looked up or run."""
