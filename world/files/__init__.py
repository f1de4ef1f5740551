"""Starting states: graphs of the market, read from YAML or generated."""
