/** What an ADT message of the tests says. */
export interface AdtParts {
  /** MSH-10. */
  readonly id: string
  /** PID-3 as written; default an IPP of the sender. */
  readonly pid3?: string
  /** PV1-19; absent: none. */
  readonly visit?: string
  /** PID-18; absent: none. */
  readonly account?: string
  /** PID-32; default VALI. */
  readonly status?: string
  /** MRG-1 of an MRG after PID. */
  readonly mrg?: string
  /** MSH-5, which routes may ask for. */
  readonly to?: string
  /** Segments at the end. */
  readonly more?: readonly string[]
}

/** Authority of the sender's invented IPPs. */
export const IPP = 'SIH&1.2.250.1.213.1.99.1&ISO'
/** The sender's IPP of this number. */
export const ipp = (id: string): string => `${id}^^^${IPP}^PI`

/** An invented ADT message of `SENDER`: `event` is such as `A02`. */
export function adt(event: string, parts: AdtParts): string {
  const { id, pid3 = ipp('P1'), visit = '', account = '', status = 'VALI', mrg, to = 'DPI', more = [] } = parts
  const pid = ['PID', '1', '', pid3, '', 'ESSAI (FICTIF)^ANNE^^^^^L', '', '19790328', 'F']
  pid[18] = account
  pid[32] = status
  const pv1 = ['PV1', '1', 'I']
  pv1[19] = visit
  return [
    `MSH|^~\\&|SIH|SENDER|${to}|RECEIVER|20260105080000||ADT^${event}|${id}|T|2.5^FRA^2.11|||||FRA|UNICODE UTF-8`,
    'EVN||20260105080000',
    Array.from(pid, (field) => field ?? '').join('|'),
    ...(mrg === undefined ? [] : [`MRG|${mrg}`]),
    Array.from(pv1, (field) => field ?? '').join('|'),
    ...more,
    '',
  ].join('\r')
}
