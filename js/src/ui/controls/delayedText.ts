// What is over in a moment is not shown as under way: it would only flicker.
import { useEffect, useState } from "preact/hooks";

/** The text, once there has been one for a while; what follows it without a gap is shown at once. */
export function useDelayedText(text: string | null, wait: number): string | null {
  const [due, setDue] = useState(false);
  const underWay = text !== null;
  useEffect(() => {
    if (!underWay) return;
    const timer = setTimeout(() => setDue(true), wait);
    return () => {
      clearTimeout(timer);
      setDue(false);
    };
  }, [underWay, wait]);
  return due ? text : null;
}
