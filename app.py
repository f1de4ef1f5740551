"""The interactive page: `make view`, `moat view` or `solara run app.py`."""

from page.app import Layout, Page

__all__ = ["Layout", "Page"]
