/** Valid messages of invented patients, one for each kind and event that the shipped files know. */
import type { Lines } from './segments.ts'

const INS = '254035313000022^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS'
const IPP = '300101^^^CH-EXEMPLE&530000371&M^PI'
const BIRTH = '~^^^^^^BDL^^53130'

/** MSH of an invented hospital. */
export function msh(kind: string, version: string, profile = ''): string {
  return `MSH|^~\\&|GAM|CH-EXEMPLE|DPI|CHU-EXEMPLE|20261123094500+0100||${kind}|EX-0001|T|${version}|||||FRA|UNICODE UTF-8|FR||${profile}`
}

/** A segment from fields by number. */
export function segment(name: string, fields: Readonly<Record<number, string>>): string {
  const last = Math.max(...Object.keys(fields).map(Number))
  return [name, ...Array.from({ length: last }, (_, i) => fields[i + 1] ?? '')].join('|')
}

/** PID as PAM France has it; `fields` replaces some. */
export function pid(fields: Readonly<Record<number, string>> = {}): string {
  return segment('PID', {
    3: `${IPP}~${INS}`,
    5: 'LEROUX (FICTIF)^SUZANNE^SUZANNE MARIE^^^^L~DURAND (FICTIF)^SUZANNE^^^^^D',
    7: '19540312',
    8: 'F',
    11: `12 rue du Pont^^LAVAL^^53000^FRA^H${BIRTH}`,
    18: '260000101^^^CH-EXEMPLE&530000371&M^AN',
    32: 'VALI',
    ...fields,
  })
}

/** PV1 of a stay. */
export function pv1(fields: Readonly<Record<number, string>> = {}): string {
  return segment('PV1', {
    1: '1',
    2: 'I',
    3: 'NEURO^12^1^CH-EXEMPLE&530000371&M^O',
    4: 'R',
    19: '260000101^^^CH-EXEMPLE&530000371&M^VN',
    21: '03',
    44: '20261123094000+0100',
    ...fields,
  })
}

const EVN = 'EVN||20261123094500+0100||||20261123094000+0100'
const UF = 'Neurologie^^^^^CH-EXEMPLE&530000371&N^UF^^^3100'
const ZFA = 'ZFA|ACTIF|20261123|20261124||||||IO|20261123|IC|20261123'
const FRENCH: Lines = [
  'ZFP|5|54',
  'ZFV|530000371^20261123||||||260000100|A1^^^CH-EXEMPLE^MR||1|MED',
  'ZFM|8|8|1|1',
  'ZFD||39|Y|N|INSI|20261123|CN|20300101',
  'ZFS|1|M1^CH-EXEMPLE|20261101|20261110|INSERT|1|1',
  'ZFS|2|M2^CH-EXEMPLE|20261111||INSERT|1|1',
]

const CANCELS: Readonly<Record<string, string>> = {
  A11: 'A01',
  A12: 'A02',
  A13: 'A03',
  A25: 'A16',
  A26: 'A15',
  A27: 'A14',
  A38: 'A05',
  A52: 'A21',
  A53: 'A22',
  A55: 'A54',
}
const STRUCTURES: Readonly<Record<string, string>> = {
  A01: 'ADT_A01',
  A02: 'ADT_A02',
  A03: 'ADT_A03',
  A04: 'ADT_A01',
  A05: 'ADT_A05',
  A06: 'ADT_A06',
  A07: 'ADT_A06',
  A11: 'ADT_A09',
  A12: 'ADT_A12',
  A13: 'ADT_A01',
  A14: 'ADT_A05',
  A15: 'ADT_A15',
  A16: 'ADT_A16',
  A21: 'ADT_A21',
  A22: 'ADT_A21',
  A25: 'ADT_A21',
  A26: 'ADT_A21',
  A27: 'ADT_A21',
  A38: 'ADT_A38',
  A52: 'ADT_A52',
  A53: 'ADT_A52',
  A54: 'ADT_A54',
  A55: 'ADT_A52',
  Z99: 'ADT_A01',
}
const WITH_ZFA = ['A01', 'A04', 'A05', 'A14', 'Z99']
const CLASSES: Readonly<Record<string, string>> = { A04: 'E', A07: 'O' }
const PAM = '2.5^FRA^2.11'

function zbe(event: string, action: string, cancelled: string, nature = 'HMS'): string {
  const of = action === 'INSERT' ? '' : cancelled
  return segment('ZBE', {
    1: 'MVT-0001^CH-EXEMPLE^530000371^M',
    2: '20261123094000+0100',
    4: action,
    5: 'N',
    6: event === 'Z99' ? cancelled || 'A01' : of,
    7: UF,
    8: UF,
    9: nature,
  })
}

/** A movement of PAM France. */
export function movement(event: string, action?: string, cancelled = CANCELS[event] ?? '', nature = 'HMS'): Lines {
  const asked = action ?? (event === 'Z99' ? 'UPDATE' : cancelled === '' ? 'INSERT' : 'CANCEL')
  const leave = event === 'A03' || event === 'Z99' ? { 41: 'N', 45: '20261130' } : { 45: '20261130' }
  return [
    msh(`ADT^${event}^${STRUCTURES[event]}`, PAM, '2.11^IHE_FRANCE-2.11-PAM'),
    EVN,
    pid(),
    'NK1|1|LEROUX (FICTIF)^JEAN',
    pv1({ 2: CLASSES[event] ?? 'I', ...leave }),
    zbe(event, asked, cancelled, nature),
    ...(WITH_ZFA.includes(event) ? [ZFA] : []),
    ...FRENCH,
  ]
}

/** Every event of ITI-31. */
export const movements: Readonly<Record<string, Lines>> = {
  ...Object.fromEntries(Object.keys(STRUCTURES).map((event) => [event, movement(event)] as const)),
  'A06 cancelling A07': movement('A06', 'CANCEL', 'A07'),
  'A07 cancelling A06': movement('A07', 'CANCEL', 'A06'),
  'A11 cancelling A04': movement('A11', 'CANCEL', 'A04'),
  'Z99 of an error': movement('Z99', 'UPDATE', 'A04', 'C'),
  A44: [
    msh('ADT^A44^ADT_A43', PAM),
    EVN,
    pid(),
    `MRG|300155^^^CH-EXEMPLE&530000371&M^PI||260000100^^^CH-EXEMPLE&530000371&M^AN`,
  ],
}

const NOBODY = 'PV1|1|N'
const MERGED = 'MRG|300155^^^CH-EXEMPLE&530000371&M^PI'

/** Every event of ITI-30. */
export const identities: Readonly<Record<string, Lines>> = {
  A28: [msh('ADT^A28^ADT_A05', PAM), EVN, pid({ 18: '' }), 'NK1|1|LEROUX (FICTIF)^JEAN', NOBODY, ZFA, ...FRENCH],
  A31: [msh('ADT^A31^ADT_A05', PAM), EVN, pid({ 18: '' }), NOBODY, ZFA, ...FRENCH],
  A40: [msh('ADT^A40^ADT_A39', PAM), EVN, pid({ 18: '' }), MERGED],
  A47: [msh('ADT^A47^ADT_A30', PAM), EVN, pid({ 3: IPP, 18: '' }), MERGED],
}

/** ADT of the base standard, one for each structure. A country keeps the rule on versions silent. */
export const plainAdt: Readonly<Record<string, Lines>> = Object.fromEntries(
  [
    ['A01', 'ADT_A01', [pv1()]],
    ['A08', 'ADT_A01', [pv1()]],
    ['A03', 'ADT_A03', [pv1({ 45: '20261130' }), 'OBX|1|NM|718-7^Hb^LN||12']],
    ['A06', 'ADT_A06', [pv1()]],
    ['A02', 'ADT_A02', [pv1()]],
    ['A40', 'ADT_A39', [MERGED]],
  ].map(([event, structure, more]) => [
    event as string,
    [msh(`ADT^${event}^${structure}`, '2.5'), EVN, pid(), ...(more as Lines)],
  ]),
)

/** An order of the base standard. */
export const order: Lines = [
  msh('ORM^O01^ORM_O01', '2.5'),
  pid(),
  pv1(),
  'ORC|NW|P1^DPI|||||||20261123094500',
  'OBR|1|P1^DPI||18748-4^CR^LN',
  'OBX|1|TX|11322-5^Histoire^LN||texte||||||F',
]

/** A result of the base standard. */
export const result: Lines = [
  msh('ORU^R01^ORU_R01', '2.5'),
  pid(),
  pv1(),
  'ORC|RE|P1^DPI',
  'OBR|1|P1^DPI|F1^LABO|11502-2^CR^LN|||20261123094500|||||||||||||||20261123094500|||F',
  'OBX|1|NM|718-7^Hb^LN||12.5|g/dL|||||F|||20261123094500',
  'OBX|2|TS|11368-8^Debut^LN||20261123||||||F',
  'NTE|1||note',
]

/** An appointment. */
export const appointment: Lines = [
  msh('SIU^S12^SIU_S12', '2.5'),
  'SCH|RDV1^DPI|||||NOUVEAU|||30|min|^^30^20261201090000^20261201093000',
  pid(),
  'RGS|1',
  'AIS|1||CONSULT^Consultation|20261201090000',
]
