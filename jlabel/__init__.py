"""jlabel: interactive, model-assisted labeling of medical images inside JupyterLab."""

__version__ = "0.1.0"
