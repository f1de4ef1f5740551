"""The questions put to the model, each a module with its expectation and its answer."""
