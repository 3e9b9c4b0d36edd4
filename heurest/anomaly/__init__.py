"""Mechanistic anomaly detection: is an output right for the reasons that it was right in training?"""
