"""The connection between the widget and its pages."""
