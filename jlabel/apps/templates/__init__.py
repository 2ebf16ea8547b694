"""The template apps: by name, as classes, and written out as folders of an author's own."""

from jlabel.apps.templates.template import TEMPLATES, Template, template

__all__ = ["TEMPLATES", "Template", "template"]
