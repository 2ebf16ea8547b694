import { useEffect, useState } from "preact/hooks";

/**
 * Seconds left, counted down between what the kernel says.
 * @param left - Seconds that were left when the kernel said so; null where nobody knows, or nothing runs.
 * @param told - When that was, in milliseconds since 1970.
 */
export function useTimeLeft(left: number | null, told: number): number | null {
  const [, beat] = useState(0);
  const counts = left !== null;
  useEffect(() => {
    if (!counts) return;
    const timer = setInterval(() => beat((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, [counts]);
  return left === null ? null : Math.max(0, left - (Date.now() - told) / 1000);
}
