import type { CareService } from '../../../src/core/services.ts'

const texts = (fr: string, en: string) => ({ fr, en })

/** A stroke service with one window. */
export const SERVICE: CareService = {
  name: 'stroke',
  kind: 'stroke',
  title: texts('Télé-AVC', 'Tele-stroke'),
  prefix: 'AVC',
  specialities: [],
  code: { system: 'http://loinc.org', code: '75496-0', display: "Demande d'acte de télémédecine" },
  askers: { kinds: ['hospital'], establishments: [] },
  opens: ['ORM^O01', 'OMI^O23', 'ServiceRequest'],
  joinMs: 86_400_000,
  form: [],
  ladders: [],
  windows: [
    {
      id: 'thrombolysis',
      name: texts('Thrombolyse', 'Thrombolysis'),
      from: ['last-seen-well', 'onset'],
      unless: [],
      lengthMs: 16_200_000,
      source: 'test',
      date: '2026-01-01',
      off: false,
    },
  ],
  delays: [],
  reports: [],
  consent: 'recorded',
  appointment: null,
  joinUrl: null,
  imagingUnits: [],
  decisions: [{ id: 'transfer', name: texts('Transfert', 'Transfer'), code: null }],
  oldMs: 86_400_000,
  reportAtFinish: false,
  keptMs: 86_400_000,
}
