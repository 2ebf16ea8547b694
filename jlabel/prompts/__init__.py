"""The prompts of users: clicks, boxes, scribbles, lassos and initial masks.

>>> from jlabel.prompts import Click, prompt_to_json
>>> prompt_to_json(Click((10, 20, 5), positive=False))["positive"]
False
"""

from jlabel.prompts.prompt import Box, Click, InitialMask, Lasso, Prompt, Scribble
from jlabel.prompts.prompt_json import prompt_from_json, prompt_to_json

__all__ = ["Box", "Click", "InitialMask", "Lasso", "Prompt", "Scribble", "prompt_from_json", "prompt_to_json"]
