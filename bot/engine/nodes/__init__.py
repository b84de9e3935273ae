"""The screens and questions of the conversation, one noun each."""
