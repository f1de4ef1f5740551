"""Pictures and pages: colours, layout, charts, templates."""
