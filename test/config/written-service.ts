/** A service as written, one key to a line. */
export const LINES: Readonly<Record<string, string>> = {
  any: 'any: [{ path: OBR-4, in: [x] }]',
  kind: 'kind: teleconsultation',
  title: 'title: { fr: Essai, en: Trial }',
  prefix: 'prefix: ESS',
  code: 'code: { system: urn:s, code: x, display: X }',
  askers: 'askers: { kinds: [hospital] }',
  opens: 'opens: ["ORM^O01"]',
  form: 'form: [{ id: since, name: { fr: a, en: b }, type: date }]',
  ladders:
    'ladders: [{ name: answer, title: { fr: a, en: b }, centres: { "*": [receiver] }, rungs: [{ after: 0 s, every: 2 min, tell: [duty-1], channels: [console] }] }]',
  windows:
    'windows: [{ id: w, name: { fr: a, en: b }, from: [onset], length: 270 min, source: a book, date: 2026-11-26 }]',
  delays: 'delays: { advice-not-opened: { after: 3 min, tell: [owner] } }',
  reports: 'reports: [{ id: r, code: { system: urn:s, code: r, display: R }, name: { fr: a, en: b } }]',
  appointment: 'appointment: { length: 30 min, reminders: [1 h] }',
}
/** The line on which a key stands. */
export const lineOf = (key: string): number => Object.keys(LINES).indexOf(key) + 1
/** The service with other lines; null takes one out. */
export const service = (other: Readonly<Record<string, string | null>> = {}): string =>
  Object.entries({ ...LINES, ...other })
    .flatMap(([, line]) => (line === null ? [] : [line]))
    .join('\n')
