"""Questions put to the model: the command line, comparisons, calibration, reports."""
