"""Channels: decode what comes in, encode what goes out, and the wire between. They know the model and nothing else."""
