"""The web beside the chat: public pages for everybody."""
