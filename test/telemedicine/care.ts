import type { Config } from '../../src/core/config.ts'
import { type CareService, NO_TELEMEDICINE, type Telemedicine } from '../../src/core/services.ts'

const MINUTE = 60_000
const target = (path: string) => ({
  url: `http://127.0.0.1:9/${path}`,
  body: '{"to":"{to}","text":"{text}","id":"{id}"}',
  contentType: 'application/json' as const,
  bearer: 'key of ours',
  allowPrivate: false,
  timeoutMs: 2_000,
  reports: {
    secret: 'key of theirs',
    id: 'id',
    status: 'state',
    delivered: ['delivered', 'answered'],
    failed: ['failed'],
  },
})

/** A region with a sender of short messages and one of calls. */
export const ON_CALL: Telemedicine = {
  ...NO_TELEMEDICINE,
  consoleUrl: 'https://console.test',
  coordination: 'coordination-test',
  centre15: { '44': '0240990015', '*': '15' },
  sms: target('sms'),
  voice: target('voice'),
}

/** A stroke service with the ladder of the default file, and one of interventional neuroradiology. */
export const stroke: CareService = {
  name: 'stroke',
  kind: 'stroke',
  title: { fr: 'Télé-AVC', en: 'Tele-stroke' },
  prefix: 'AVC',
  specialities: [],
  code: { system: 'urn:test', code: 'stroke', display: 'stroke' },
  askers: { kinds: ['hospital'], establishments: [] },
  opens: ['ORM^O01', 'ServiceRequest'],
  joinMs: 86_400_000,
  form: [],
  ladders: [
    {
      name: 'answer',
      title: { fr: 'Neurologue', en: 'Neurologist' },
      centres: [
        { site: 'ch-chateaubriant', centres: ['chu-nantes', 'chu-angers'] },
        { site: '*', centres: ['chu-angers', 'chu-nantes'] },
      ],
      rungs: [
        { afterMs: 0, everyMs: null, tell: ['duty-1'], channels: ['console', 'sms', 'voice', 'system'], number: null },
        { afterMs: 2 * MINUTE, everyMs: null, tell: ['duty-1'], channels: ['console', 'sms', 'voice'], number: null },
        { afterMs: 4 * MINUTE, everyMs: null, tell: ['duty-2'], channels: ['console', 'sms', 'voice'], number: null },
        {
          afterMs: 7 * MINUTE,
          everyMs: null,
          tell: ['coordination', 'next-centre', 'requester'],
          channels: ['console', 'sms', 'voice', 'webhook'],
          number: null,
        },
        {
          afterMs: 9 * MINUTE,
          everyMs: 2 * MINUTE,
          tell: ['everybody'],
          channels: ['console', 'sms', 'voice'],
          number: 'centre-15',
        },
      ],
    },
    {
      name: 'interventional',
      title: { fr: 'Neuroradiologue interventionnel', en: 'Interventional neuroradiologist' },
      centres: [{ site: '*', centres: ['chu-nantes'] }],
      rungs: [{ afterMs: 0, everyMs: 2 * MINUTE, tell: ['duty-1'], channels: ['console', 'sms'], number: null }],
    },
  ],
  windows: [],
  delays: [
    { name: 'accepted-without-advice', afterMs: 15 * MINUTE, tell: ['owner', 'coordination'], nextMs: 5 * MINUTE },
  ],
  reports: [],
  consent: 'recorded',
  appointment: null,
  joinUrl: null,
  imagingUnits: [],
  decisions: [],
  oldMs: 172_800_000,
  keptMs: 86_400_000,
}

/** A region of that service alone. */
export function careConfig(more: Partial<Config> = {}): Config {
  const establishment = (id: string, name: string, ej: string, kind = 'hospital') =>
    [id, { id, name, kind, finess: { ej, eg: [] } }] as const
  return {
    region: { name: 'Région', timeZone: 'Europe/Paris', locale: 'fr' },
    careServices: new Map([['stroke', stroke]]),
    telemedicine: ON_CALL,
    establishments: new Map([
      establishment('ch-chateaubriant', 'CH de Châteaubriant', '440000099'),
      establishment('chu-nantes', 'CHU de Nantes', '440000289'),
      establishment('chu-angers', "CHU d'Angers", '490000031'),
      establishment('home-test', 'Résidence', '440000016', 'nursing-home'),
    ]),
    ...more,
  } as unknown as Config
}
