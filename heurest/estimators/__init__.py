"""Estimators: rules that turn a circuit into expected outputs, one file a method."""
