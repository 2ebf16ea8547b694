// A link to a page of the annotation server's, in a new tab; text where the address is another's.
import type { ComponentChildren } from "preact";
import { linkWithin } from "./links";

interface ServerLinkProps {
  link: string;
  server: string;
  /** What it is called for those who do not see it; begins with what it shows. */
  label: string;
  children: ComponentChildren;
  /** In the place of a link that is none. */
  otherwise: ComponentChildren;
}

export function ServerLink({ link, server, label, children, otherwise }: ServerLinkProps) {
  const href = linkWithin(link, server);
  if (href === null) return <>{otherwise}</>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer" aria-label={label}>
      {children}
    </a>
  );
}
