import type { Happening } from '../../core/cases.ts'
import type { Destination } from '../../core/config.ts'
import { askOf } from '../../core/fhir.ts'
import type { Intake } from '../../core/journal.ts'
import type { OwnMessage } from '../../core/own-message.ts'
import { toFhir } from '../../formats/bridge/bridge.ts'
import { resource } from '../../formats/bridge/bundle.ts'
import { shortName } from '../../formats/bridge/stable-id.ts'
import { answerKind, writeAnswer } from '../../formats/case/answer-hl7.ts'
import { readMessage } from '../../formats/hl7v2/message.ts'
import type { CaseChange, CaseProjection } from '../projection.ts'
import { sendingRows } from '../store/rows.ts'
import { causeOf, type ExchangeParts, isTrial, orderKeysOf, takesFhir, wayTo } from './parts.ts'

/**
 * An advice goes on to the patient's doctors where a treating doctor is named: as a result of the centre (ORU^R01), to
 * wherever the region's routes lead such results, save the sites that are answered already. */
export function doctorProjection(parts: ExchangeParts): CaseProjection {
  return (change) => {
    const { after, config, happenings, service } = change
    const given = happenings.filter(({ act }) => act.what === 'advise')
    if (given.length === 0 || after.requests.every(({ treatingDoctor }) => treatingDoctor === null)) return {}
    const centre = after.owner?.establishment ?? after.site
    const told = new Set(after.requests.map(({ site }) => wayTo(site, after, config)?.id))
    const fields = {
      'OBR-4': [service.code.code],
      'OBR-31': after.requests.flatMap(({ coded }) => coded.map(({ code }) => code)),
    }
    const said = { establishment: centre, test: isTrial(after), fields }
    const about = resource('DiagnosticReport', null, { code: { coding: [{ ...service.code }] } })
    const ways = ['ORU^R01', 'DiagnosticReport']
      .flatMap((kind) => parts.routed({ ...said, kind, resource: about }, config))
      .filter((id, i, all) => all.indexOf(id) === i && !told.has(id))
      .map((id) => config.destinations.get(id)!)
    const arrivals = given.flatMap((one) => ways.map((way) => adviceTo(way, one, centre, change, parts)))
    return {
      arrivals,
      rows: sendingRows(
        after.id,
        'advice',
        arrivals.map(({ id }) => id),
      ),
    }
  }
}

function adviceTo(
  way: Destination,
  happening: Happening,
  centre: string,
  change: CaseChange,
  parts: ExchangeParts,
): Intake {
  const { after, config, nowMs } = change
  const key = `${after.id} doctors ${happening.seq}`
  const written = writtenFor(way, happening, { key, centre }, change, parts)
  return parts.intake(
    {
      ...written,
      id: parts.uuid(),
      atMs: nowMs,
      establishment: centre,
      test: isTrial(after),
      cause: causeOf(after),
      patientKeys: parts.patientKeys(after),
      orderKeys: orderKeysOf(after),
      to: [way.id],
      alertAfterMs: null,
      rows: [],
    },
    config,
  )
}

function writtenFor(
  way: Destination,
  { act, by }: Happening,
  { key, centre }: { readonly key: string; readonly centre: string },
  { after, config, service, nowMs }: CaseChange,
  parts: ExchangeParts,
): Pick<OwnMessage, 'kind' | 'controlId' | 'bytes' | 'ask'> {
  if (act.what !== 'advise') throw new RangeError(act.what)
  const context = parts.writing(way.id, { key, atMs: nowMs, sender: centre, test: isTrial(after) }, config)
  const fhir = takesFhir(way)
  const writing = fhir ? { ...context.writing, charset: 'UNICODE UTF-8' as const } : context.writing
  const asked = { ...context, writing: { ...writing, unmappable: 'replace' as const } }
  const request = after.requests[0]!
  const place = config.establishments.get(centre)?.name ?? centre
  const made = writeAnswer({
    form: 'oru',
    case: after,
    act,
    by: by.name === '' || by.name === place ? place : `${by.name}, ${place}`,
    request,
    original: null,
    controlId: null,
    code: service.code,
    context: asked,
  })
  if (!made.ok) throw new Error(made.at)
  if (!fhir) return { kind: answerKind('oru'), controlId: shortName('MSH-10', key), bytes: made.bytes, ask: null }
  const read = readMessage(made.bytes)
  const bundle = read.ok ? toFhir(read.message, asked) : null
  if (bundle?.ok !== true) throw new Error(bundle?.at ?? 'MSH')
  return {
    kind: 'Bundle:transaction',
    controlId: after.number,
    bytes: bundle.made.bytes,
    ask: askOf('transaction', null),
  }
}
