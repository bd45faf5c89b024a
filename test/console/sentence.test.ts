import { expect, test } from 'vitest'
import { dayStart } from '../../src/console/page/audit/parts.ts'
import { KNOWN_ACTS, sentence } from '../../src/console/page/audit/sentence.ts'
import { csvOf } from '../../src/console/page/audit/telling.ts'
import type { AuditFact } from '../../src/formats/audit/event.ts'

const fact = (changes: Partial<AuditFact>): AuditFact => ({
  ...{ n: 1, atMs: 0, who: 'ann', what: 'resend', why: null, code: null, message: null, delivery: null },
  ...{ detail: null, patients: [], site: 'Region', ...changes },
})
const parts = (language: 'fr' | 'en') => ({
  language,
  moment: () => (language === 'fr' ? '3 mars à 14:02' : '3 March at 14:02'),
  roleOf: (who: string) => (who === 'ann' ? (language === 'fr' ? 'Exploitant' : 'Operator') : null),
})

test.each<[changes: Partial<AuditFact>, fr: string, en: string]>([
  [
    { what: 'read-body', message: 'M1', why: 'litige' },
    'Le 3 mars à 14:02, ann (Exploitant) a révélé le contenu du message M1, motif : « litige ».',
    'On 3 March at 14:02, ann (Operator) revealed the content of message M1, reason: “litige”.',
  ],
  [
    { who: 'bob', what: 'pause', detail: 'ch-laval/gam' },
    'Le 3 mars à 14:02, bob a suspendu les envois vers ch-laval/gam.',
    'On 3 March at 14:02, bob paused what is sent to ch-laval/gam.',
  ],
  [
    { who: 'bob', what: 'close', code: 'WRONG_STATE' },
    'Le 3 mars à 14:02, bob a clos sans envoi une remise, sans succès (WRONG_STATE).',
    'On 3 March at 14:02, bob closed a delivery unsent, without success (WRONG_STATE).',
  ],
  [
    { who: 'gateway', what: 'alert', code: 'ALERT_AFTER', message: 'M1' },
    'Le 3 mars à 14:02, la plateforme a signalé une alerte à propos du message M1 (ALERT_AFTER).',
    'On 3 March at 14:02, the platform raised an alert about message M1 (ALERT_AFTER).',
  ],
  [
    { who: 'bob', what: 'refused', code: 'FORBIDDEN', detail: 'GET /api/messages' },
    'Le 3 mars à 14:02, bob a demandé ce que son rôle ne permet pas (GET /api/messages) (FORBIDDEN).',
    'On 3 March at 14:02, bob asked for what their role does not allow (GET /api/messages) (FORBIDDEN).',
  ],
  [
    { who: 'cli:bob', what: 'erase-patient', detail: 'patient:abcdefgh12345678 messages 3', why: 'demande' },
    'Le 3 mars à 14:02, bob (ligne de commande du serveur) a effacé ce qui était conservé du patient, motif : « demande ».',
    "On 3 March at 14:02, bob (server's command line) erased what was kept of the patient, reason: “demande”.",
  ],
  [
    { who: 'bob', what: 'onboarding-step', detail: 'ch-laval/adt network' },
    'Le 3 mars à 14:02, bob a fait avancer un raccordement (ch-laval/adt network).',
    'On 3 March at 14:02, bob moved an onboarding on (ch-laval/adt network).',
  ],
  [
    { who: 'bob', what: 'close-mailbox', detail: 'urgences@exemple.mssante.test', why: 'fusion' },
    'Le 3 mars à 14:02, bob a clos définitivement une BAL (urgences@exemple.mssante.test), motif : « fusion ».',
    'On 3 March at 14:02, bob closed a mailbox for ever (urgences@exemple.mssante.test), reason: “fusion”.',
  ],
  [
    { who: 'bob', what: 'constructor' },
    "Le 3 mars à 14:02, bob a fait l'acte « constructor ».",
    'On 3 March at 14:02, bob did “constructor”.',
  ],
])('an event in plain words: %o', (changes, fr, en) => {
  expect([sentence(fact(changes), parts('fr')), sentence(fact(changes), parts('en'))]).toEqual([fr, en])
})

test('every act that has words has them in both languages', () => {
  for (const what of KNOWN_ACTS) {
    for (const language of ['fr', 'en'] as const) expect(sentence(fact({ what }), parts(language))).not.toMatch(/[«“]/)
  }
})

test.each([
  ['2026-03-29', '2026-03-28T23:00:00.000Z'],
  ['2026-03-30', '2026-03-29T22:00:00.000Z'],
  ['2026-10-25', '2026-10-24T22:00:00.000Z'],
  ['2026-10-26', '2026-10-25T23:00:00.000Z'],
  ['2026-02-31x', null],
  ['soon', null],
])('the day %s begins in Paris at %s', (day, iso) => {
  const atMs = dayStart(day, 'Europe/Paris')
  expect(atMs === null ? null : new Date(atMs).toISOString()).toBe(iso)
})

test('a table for a spreadsheet runs nothing and keeps its cells', () => {
  const event = { n: 1, at: '2026', who: '=HYPERLINK("x")', what: 'a;b', why: '"', code: null, message: null }
  const csv = csvOf([{ ...event, establishment: '@x', patients: [], sentence: '+1' }])
  expect(csv).toBe(
    '\ufeffn;at;who;what;why;code;message;establishment;sentence\r\n"1";"2026";"\'=HYPERLINK(""x"")";"a;b";"""";"";"";"\'@x";"\'+1"\r\n',
  )
})
