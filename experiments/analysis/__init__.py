"""Figures of histories: statistics, sensitivity indices, moments, calibration."""
