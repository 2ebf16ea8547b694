// Links that came from elsewhere: only those to the loop's own server are made links.

/** The address where it is a page of the server's, else null. */
export function linkWithin(link: string, server: string): string | null {
  try {
    const [to, home] = [new URL(link), new URL(server)];
    const web = to.protocol === "https:" || to.protocol === "http:";
    return web && to.origin === home.origin && !to.username && !to.password ? to.href : null;
  } catch {
    return null;
  }
}
