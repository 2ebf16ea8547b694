"""Write js/src/protocol.ts: the messages between kernel and pages, from their classes in jlabel/labeler/protocol.

Run it after a change there; a test fails while the file is another than what this writes.
"""

from __future__ import annotations

import inspect
import re
import sys
import types
import typing
from pathlib import Path
from typing import Any

import msgspec

from jlabel.labeler.protocol import (
    choice_messages,
    draft_messages,
    image_list_messages,
    image_messages,
    incoming,
    job_messages,
    label_messages,
    message,
    navigation_messages,
    outgoing,
    page_messages,
    prompt_messages,
    tag_messages,
    team_messages,
    uncertainty_messages,
    values,
    version_messages,
)
from jlabel.labeler.protocol.state import State

FILE = Path(__file__).parent.parent / "js" / "src" / "protocol.ts"
_HEAD = """// Written by scripts/protocol.py from jlabel/labeler/protocol: change it there, then run `make protocol`.
//
// What the pages and the kernel say to each other. Voxels travel in Fortran order: the first array axis is the fastest.
// An RGB image has its three bytes together, as the very fastest axis. Masks and strokes are zlib-compressed, image
// voxels are not. No message is larger than 4 MB. `epoch` grows by one with every opened image: whatever carries
// another is late.

export const PROTOCOL = {protocol};
"""
_PLAIN: dict[Any, str] = {int: "number", float: "number", str: "string", bool: "boolean", type(None): "null"}
_PLAIN[Any] = "unknown"
#: Names that the front end uses for kinds of values, in the order in which they are looked for.
_ALIASES = {
    "Dtype": image_messages.Dtype,
    "MaskDtype": values.MaskDtype,
    "PlaneName": image_messages.PlaneName,
    "PromptKind": prompt_messages.PromptKind,
    "ImageState": image_list_messages.ImageState,
    "ImageFilter": image_list_messages.ImageFilter,
    "ImageOrder": image_list_messages.ImageOrder,
    "WorkState": image_list_messages.WorkState,
    "ReviewOrder": navigation_messages.ReviewOrder,
    "Verdict": team_messages.Verdict,
    "LeasePurpose": team_messages.Purpose,
    "OperationName": draft_messages.OperationName,
    "Choice": choice_messages.Choice,
    "ToolName": choice_messages.ToolName,
    "JobState": job_messages.JobState,
    "Region": values.WireRegion,
    "Position": values.Position,
}
#: What messages are made of, in the order in which it is written.
_VALUES: tuple[type[msgspec.Struct], ...] = (
    image_messages.PlaneInfo,
    image_messages.Header,
    draft_messages.UnshownLabelInfo,
    label_messages.LabelInfo,
    choice_messages.ModelInfo,
    choice_messages.NamedInfo,
    job_messages.ReadinessInfo,
    navigation_messages.ReviewInfo,
    uncertainty_messages.UncertaintyInfo,
    job_messages.TrainerInfo,
    prompt_messages.PromptInfo,
    job_messages.TrainingInfo,
    version_messages.ComparisonInfo,
    version_messages.SendBackInfo,
    tag_messages.TagInfo,
    tag_messages.ResultInfo,
    job_messages.PreAnnotationInfo,
    team_messages.AnnotatorInfo,
    team_messages.LeaseInfo,
    team_messages.ReadingInfo,
    team_messages.VerdictInfo,
    team_messages.ImageNoteInfo,
    team_messages.TeamMemberInfo,
    team_messages.LabelAgreementInfo,
    version_messages.VersionInfo,
    version_messages.TagVersions,
    version_messages.AgreementRow,
    image_list_messages.RowTag,
    image_list_messages.TagChoice,
    image_list_messages.ImageRow,
    job_messages.JobInfo,
)


def protocol_ts() -> str:
    """The text of the file."""
    parts = [_HEAD.format(protocol=values.PROTOCOL)]
    parts += [f"export type {name} = {_kind(kind, expand=True)};\n" for name, kind in _ALIASES.items()]
    parts += [_interface(one) for one in _value_types()]
    parts.append(_state())
    parts.append(_union("Ask", "What a page asks of the kernel.", incoming.message_types(), message.Incoming))
    parts.append(_union("Tell", "What the kernel tells the pages.", outgoing.message_types(), message.Outgoing))
    return "\n".join(parts)


def _value_types() -> list[type[msgspec.Struct]]:
    """What messages are made of.

    Raises:
        TypeError: A class of those has no place in the file.
    """
    missing = {one.__name__ for one in values.Value.__subclasses__()} - {one.__name__ for one in _VALUES}
    if missing:
        raise TypeError(f"add {', '.join(sorted(missing))} to the values that this script writes")
    return list(_VALUES)


def _interface(struct: type[msgspec.Struct]) -> str:
    about = _attributes(struct)
    fields = [_field(field, struct, about) for field in msgspec.structs.fields(struct)]
    body = "\n".join(fields)
    return f"{_comment(_summary(struct))}export interface {struct.__name__} {{\n{body}\n}}\n"


def _field(field: msgspec.structs.FieldInfo, struct: type[msgspec.Struct], about: dict[str, str]) -> str:
    said = about.get(field.name)
    comment = _comment(said, "  ") if said else ""
    return f"{comment}  {_entry(field, struct)};"


def _entry(field: msgspec.structs.FieldInfo, struct: type[msgspec.Struct]) -> str:
    """A field as TypeScript has it: one that may be left out has a question mark, and is never null then."""
    kind = typing.get_type_hints(struct)[field.name]
    if field.required:
        return f"{field.encode_name}: {_kind(kind)}"
    left_out = field.default is None
    parts = [one for one in typing.get_args(kind) if one is not type(None)] if left_out else [kind]
    return f"{field.encode_name}?: {' | '.join(dict.fromkeys(_kind(one) for one in parts))}"


def _kind(kind: Any, expand: bool = False) -> str:
    if not expand:
        for name, alias in _ALIASES.items():
            if kind == alias:
                return name
    if kind in _PLAIN:
        return _PLAIN[kind]
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return " | ".join(f'"{one}"' if isinstance(one, str) else str(one) for one in args)
    if origin in (typing.Union, types.UnionType):
        return " | ".join(dict.fromkeys(_kind(one) for one in args))
    if origin is list:
        inner = _kind(args[0])
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if origin is tuple:
        return f"[{', '.join(_kind(one) for one in args)}]"
    if origin is dict:
        return f"Record<{_kind(args[0])}, {_kind(args[1])}>"
    if kind is State:
        return "State"
    if isinstance(kind, type) and issubclass(kind, values.Value):
        return kind.__name__
    raise TypeError(f"{kind!r} has no counterpart in TypeScript yet")


def _state() -> str:
    about, hints = _attributes(State), typing.get_type_hints(State)
    lines = [f"{_comment(about[name], '  ')}  {name}: {_kind(kind)};" for name, kind in hints.items()]
    body = "\n".join(lines)
    return f"{_comment(_summary(State))}export interface State {{\n{body}\n}}\n"


def _union(name: str, said: str, messages: dict[str, type[Any]], base: type[msgspec.Struct]) -> str:
    members = [f"{_comment(_text(one), '  ')}  | {_message(tag, one, base)}" for tag, one in messages.items()]
    return f"{_comment(said)}export type {name} =\n" + "\n".join(members) + ";\n"


def _message(tag: str, struct: type[msgspec.Struct], base: type[msgspec.Struct]) -> str:
    entries, own = [f'type: "{tag}"'], inspect.get_annotations(struct)
    for field in msgspec.structs.fields(struct):
        # The number of a message is put there where it is sent.
        if base is message.Incoming and (field.name == "seq" or (field.name == "client" and "client" not in own)):
            continue
        if struct is page_messages.StateChange and field.name == "state":
            entries.append("state: Partial<State>")
            continue
        if struct is draft_messages.Stroke and field.name == "client":
            continue
        entries.append(_entry(field, struct))
    return "{ " + "; ".join(entries) + " }"


def _text(one: type[Any]) -> str:
    text = re.sub(r":\w+:`~?\.?(?:[\w.]*\.)?(\w+)`", r"`\1`", inspect.cleandoc(one.__doc__ or ""))
    return text.replace("``", "`").replace("None", "null")


def _summary(one: type[Any]) -> str:
    return _text(one).split("\n\nAttributes:")[0]


def _attributes(one: type[Any]) -> dict[str, str]:
    """What the docstring says of each field."""
    _, _, section = _text(one).partition("Attributes:\n")
    found: dict[str, str] = {}
    for line in section.splitlines():
        match = re.match(r" {4}(\w+): (.*)", line)
        if match:
            found[match[1]] = match[2]
        elif found and line.strip():
            found[list(found)[-1]] += f" {line.strip()}"
    return found


def _comment(text: str, indent: str = "") -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return ""
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */\n"
    body = "\n".join(f"{indent} * {line}" for line in lines)
    return f"{indent}/**\n{body}\n{indent} */\n"


def main() -> int:
    """Write the file; with ``--check`` say only whether it is up to date."""
    text = protocol_ts()
    if "--check" in sys.argv:
        return 0 if FILE.read_text(encoding="utf-8") == text else 1
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
