"""Example studies that need no download: brain MRI cases made from the template that nilearn ships."""

from jlabel.demo.example_studies import EXAMPLE_LABELS, example_reference, example_studies

__all__ = ["EXAMPLE_LABELS", "example_reference", "example_studies"]
