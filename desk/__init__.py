"""Web pages: public ones for everybody, the desk for officials."""
