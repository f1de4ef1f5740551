"""The interactive page: `solara run app.py`, or `make view`."""

import solara.server.settings

# No request leaves this machine.
solara.server.settings.telemetry.mixpanel_enable = False
solara.server.settings.theme.show_banner = False
solara.server.settings.theme.loader = "plain"

from page.app import Layout, Page  # noqa: E402

__all__ = ["Layout", "Page"]
