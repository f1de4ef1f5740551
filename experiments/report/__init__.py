"""Pictures and pages: colours, layout, drawing, templates."""
