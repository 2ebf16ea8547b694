// A button for one of the registry's actions: its tooltip, keys and what it does follow from the action.
import type { ViewState } from "../../view/viewState";
import { Button, type ButtonProps } from "../controls/button";
import { shortcuts, tooltip } from "./keymap";
import { actionNamed } from "./registry";

interface ActionButtonProps extends Omit<ButtonProps, "title" | "keys" | "action" | "tool" | "onClick"> {
  view: ViewState;
  id: string;
  /** What the tooltip says before the key, if not the action's text. */
  says?: string;
  /** Why it cannot be pressed now: the tooltip says this alone. */
  obstacle?: string | null;
}

export function ActionButton({ view, id, says, obstacle = null, disabled = false, ...looks }: ActionButtonProps) {
  return (
    <Button
      {...looks}
      title={obstacle ?? tooltip(view, id, says)}
      keys={shortcuts(view, id)}
      action={id}
      disabled={disabled || obstacle !== null}
      onClick={() => actionNamed(id)?.run(view)}
    />
  );
}
