"""The shapes of the content files. Unknown keys are refused; every model is frozen."""
