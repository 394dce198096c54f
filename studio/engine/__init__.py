"""Decide when and where something runs: the device, the worker thread, jobs and their cancellation.

Names are imported from the modules themselves: `run` and `plan` serve the command line too, which
must not load Qt.
"""
