import { GatewayError } from '../../core/errors.ts'
import type {
  CareService,
  CareWebhook,
  Delay,
  FormField,
  Ladder,
  NoticeTarget,
  Rung,
  Telemedicine,
  WindowRule,
} from '../../core/services.ts'
import { DELAY_NAMES } from '../../core/services.ts'
import { durationMs } from '../../core/units.ts'
import type { Reference } from './material.ts'
import type { WrittenService } from './written.ts'
import type {
  WrittenDelay,
  WrittenField,
  WrittenLadder,
  WrittenNoticeTarget,
  WrittenOffer,
  WrittenRung,
  WrittenTelemedicine,
  WrittenWindow,
} from './written-care.ts'

/** A service of a file with what the region says otherwise. Rows of centres replace each other by site. Pure. */
export function withOffer(service: WrittenService, offer: WrittenOffer): WrittenService {
  const { askers, ladders = {}, windows = {}, delays = {}, joinUrl, imagingUnits, report, kept } = offer
  return {
    ...service,
    ...(askers !== undefined && { askers }),
    ...(joinUrl !== undefined && { joinUrl }),
    ...(imagingUnits !== undefined && { imagingUnits }),
    ...(report !== undefined && { report }),
    ...(kept !== undefined && { kept }),
    ladders: (service.ladders ?? []).map((ladder): WrittenLadder => {
      const { centres, rungs = ladder.rungs } = ladders[ladder.name] ?? {}
      return { ...ladder, rungs, centres: { ...ladder.centres, ...centres } }
    }),
    windows: (service.windows ?? []).map((one): WrittenWindow => {
      const said = windows[one.id]
      return said === undefined ? one : { ...one, off: said === 'off' }
    }),
    delays: Object.fromEntries(
      Object.entries(service.delays ?? {}).flatMap(([name, delay]): [string, WrittenDelay][] => {
        const said = delays[name as Delay['name']]
        return said === 'off' ? [] : [[name, said === undefined ? delay : { ...delay, after: said }]]
      }),
    ),
  }
}

/** The service as the engine uses it. Pure. @throws {GatewayError} CONFIG_INVALID if it is a rule alone, or lacks what its kind needs */
export function careService(name: string, service: WrittenService, region: WrittenTelemedicine): CareService {
  const offer = region.services[name] ?? {}
  const { kind, title, prefix, code, askers, opens, reports, ...rest } = withOffer(service, offer)
  const incomplete = (what: string) => new GatewayError('CONFIG_INVALID', `service ${name}: ${what}`)
  if (kind === undefined || !title || !prefix || !code || !askers || !opens || !reports) {
    throw incomplete('it is no service of telemedicine')
  }
  const ladders = (rest.ladders ?? []).map(ladderOf)
  // What is asked first stands first; and a ladder that runs out is never climbed.
  ladders.sort((a, b) => Number(b.name === 'answer') - Number(a.name === 'answer'))
  if (ladders[0]?.name !== 'answer') throw incomplete('it has no ladder answer')
  const short = ladders.find(({ rungs }) => (rungs.at(-1)?.everyMs ?? null) === null)
  if (short !== undefined) throw incomplete(`its ladder ${short.name} would run out`)
  const session = kind === 'teleconsultation' ? region.joinUrl : undefined
  return {
    name,
    kind,
    title,
    prefix,
    code,
    specialities: rest.specialities ?? [code],
    askers: { kinds: askers.kinds ?? [], establishments: askers.establishments ?? [] },
    opens,
    joinMs: durationMs(rest.join ?? '24 h'),
    form: (rest.form ?? []).map(fieldOf),
    ladders,
    windows: (rest.windows ?? []).map(windowOf),
    delays: DELAY_NAMES.flatMap((one) => {
      const delay = rest.delays?.[one]
      return delay === undefined ? [] : [delayOf(one, delay)]
    }),
    reports: reports.map((one) => ({
      ...one,
      template: one.template ?? null,
      default: one.default || reports.length === 1,
    })),
    reportAtFinish: rest.report?.atFinish ?? false,
    consent: rest.consent ?? (kind === 'stroke' ? 'recorded' : 'required'),
    appointment:
      rest.appointment === undefined
        ? null
        : {
            lengthMs: durationMs(rest.appointment.length),
            reminderMs: (rest.appointment.reminders ?? []).map(durationMs),
          },
    joinUrl: rest.joinUrl ?? session ?? null,
    imagingUnits: rest.imagingUnits ?? [],
    decisions: (rest.decisions ?? []).map((one) => ({ ...one, code: one.code ?? null })),
    oldMs: durationMs(rest.old ?? '48 h'),
    keptMs: durationMs(rest.kept ?? '90 d'),
  }
}

function ladderOf({ name, title, centres = {}, rungs }: WrittenLadder): Ladder {
  const rows = Object.entries(centres).map(([site, row]) => ({ site, centres: row }))
  return { name, title, centres: rows, rungs: rungs.map(rungOf) }
}

function rungOf({ after, every, tell, channels, number }: WrittenRung): Rung {
  return {
    afterMs: durationMs(after),
    everyMs: every === undefined ? null : durationMs(every),
    tell,
    channels,
    number: number ?? null,
  }
}

function windowOf({ length, unless = [], ...one }: WrittenWindow): WindowRule {
  return { ...one, unless, lengthMs: durationMs(length) }
}

function delayOf(name: Delay['name'], { after, tell, next }: WrittenDelay): Delay {
  return { name, afterMs: durationMs(after), tell, nextMs: durationMs(next) }
}

function fieldOf({ choices = [], ...field }: WrittenField): FormField {
  return { ...field, choices: Object.fromEntries(choices.map(({ id, fr, en }) => [id, { fr, en }])) }
}

/** Channels and numbers with their secrets read. @throws what `text` throws */
export function telemedicineOf(written: WrittenTelemedicine, text: (reference: Reference) => string): Telemedicine {
  const { consoleUrl, coordination, coordinationNumber, centre15, sms, voice } = written
  const secret = (reference: Reference) => text(reference).trim()
  const target = (one: WrittenNoticeTarget | undefined): NoticeTarget | null => {
    if (one === undefined) return null
    const { url, body, contentType, bearer, timeout, allowPrivate, reports } = one
    return {
      url,
      body,
      contentType,
      allowPrivate,
      bearer: bearer === undefined ? null : secret(bearer),
      timeoutMs: durationMs(timeout),
      reports: reports === undefined ? null : { ...reports, secret: secret(reports.secret) },
    }
  }
  return {
    consoleUrl: consoleUrl?.replace(/\/$/, '') ?? null,
    coordination: coordination ?? null,
    coordinationNumber: coordinationNumber ?? null,
    centre15,
    sms: target(sms),
    voice: target(voice),
    webhooks: written.webhooks.map(
      ({ name, url, secret: key, allowPrivate, services, establishments }): CareWebhook => ({
        type: 'webhook',
        name,
        url,
        secret: secret(key),
        allowPrivate,
        services: services ?? null,
        establishments: establishments ?? null,
      }),
    ),
  }
}
