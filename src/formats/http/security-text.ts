const DAY_MS = 86_400_000
/** A reader who keeps the text longer asks again: RFC 9116 §2.5.5 wants less than a year. */
const GOOD_FOR_DAYS = 90

/** What a door says at `/.well-known/security.txt` (RFC 9116). Pure. `contacts`: addresses as URIs, the best first. */
export function securityText(contacts: readonly string[], nowMs: number): string {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS
  const lines = [
    ...contacts.map((uri) => `Contact: ${uri}`),
    `Expires: ${new Date(today + GOOD_FOR_DAYS * DAY_MS).toISOString()}`,
    'Preferred-Languages: fr, en',
  ]
  return `${lines.join('\r\n')}\r\n`
}
