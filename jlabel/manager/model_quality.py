"""How good a version of a model is, in words: by its Dice on the images that were kept to judge it."""

from __future__ import annotations

from jlabel.registry import ModelVersion

#: Below this Dice, what a model makes takes about as long to mend as to draw.
POOR_DICE = 0.5


def validated_dice(version: ModelVersion) -> float | None:
    """The version's Dice on images that it did not learn from; None where it was judged otherwise, or not at all."""
    return version.score if "dice" in version.metric.lower() else None


def version_in_words(version: ModelVersion) -> str:
    """Its number and its Dice: "version 2, Dice 0.81"."""
    dice = validated_dice(version)
    return f"version {version.number}" + (f", Dice {dice:.2f}" if dice is not None else "")


def poor_in_words(version: ModelVersion) -> str:
    """That the version is poor, and what to do; empty where it is not, or was never judged."""
    dice = validated_dice(version)
    if dice is None or dice >= POOR_DICE:
        return ""
    return (
        f"Version {version.number} of {version.name} is poor: its Dice is {dice:.2f} on the images kept to judge it, "
        f"below {POOR_DICE:g}. Its masks will need much mending; label more images and train again first"
    )
