"""Many histories: designs, work in chunks, stores, backends, results."""
