"""What runs beside the conversation: files, erasure, seals, retention."""
