/** How long the rules of a message take: a movement of PAM France and a result, about 1.5 KB each, on one core. */
import { fileURLToPath } from 'node:url'
import { RuleFiles, tablesNamed } from '../src/app/config/rule-files.ts'
import { type Header, readHeader } from '../src/formats/hl7v2/header.ts'
import { type Hl7Message, readMessage } from '../src/formats/hl7v2/message.ts'
import { checkRules } from '../src/formats/hl7v2/rules/check.ts'
import { compileProfiles } from '../src/formats/hl7v2/rules/compile.ts'
import { median } from './figure.ts'
import type { Figure } from './read.ts'

const ROUNDS = 7
const ROUND_MS = 300
const TARGET_US = 150

const INS = '261025313000150^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS'
const PID = `PID|1||0001234^^^CH-EXEMPLE&530000371&M^PI~${INS}||MARTIN (FICTIF)^Zo\xe9^Zo\xe9 Anne^^^^L||19610214|F|||1 rue Exemple^^LAVAL^^53000^FRA^H~^^^^^^BDL^^53130||^PRN^PH^^^^^^^^^0261910101|||||260000101^^^CH-EXEMPLE&530000371&M^AN||||||||||||||VALI`

export function movement(): Buffer {
  return bytesOf([
    'MSH|^~\\&|GAM|530000371^1.2.250.1.71.4.2.2^M|DPI|440000289|20260310101500||ADT^A01^ADT_A01|GAM0001234|T|2.5^FRA^2.11|||||FRA|8859/15|FR||2.11^IHE_FRANCE-2.11-PAM',
    'EVN||20260310101500||||20260310101000',
    PID,
    'NK1|1|MARTIN (FICTIF)^Jean|SPO^Conjoint|1 rue Exemple^^LAVAL^^53000^FRA^H|^PRN^PH^^^^^^^^^0261910102',
    'PV1|1|I|MED1^101^1^CH-EXEMPLE&530000371&M^O|R|||899900000017^DUPONT (FICTIF)^Anne^^^^^^ASIP-SANTE-PS&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS||||||||||||260000101^^^CH-EXEMPLE&530000371&M^VN||03|||||||||||||||||||||||20260310100000',
    'PV2||1^SEUL||||||20260310|20260317|7',
    'ZBE|MVT0001^CH-EXEMPLE^530000371^M|20260310100000||INSERT|N||Medecine^^^^^CH-EXEMPLE&530000371&N^UF^^^3100|Medecine^^^^^CH-EXEMPLE&530000371&N^UF^^^3100|HMS',
    'ZFA|ACTIF|20260310|||||||IO|20260310|IC|20260310',
    'ZFP|5|54',
    'ZFV|530000371^20260310||||||260000100',
    'ZFM|8|8',
    'ZFD|||Y|N|INSI|20260310|CN',
    'DG1|1||I63.9^Infarctus c\xe9r\xe9bral^CIM10|||A',
  ])
}

export function result(): Buffer {
  const analytes = Array.from(
    { length: 11 },
    (_, i) => `OBX|${i + 1}|NM|${1000 + i}^Analyte ${i}^L||${10 + i}.4|g/L|10-20|N|||F|||20260310100000||LABO^Exemple`,
  )
  return bytesOf([
    'MSH|^~\\&|LABO|530000371^1.2.250.1.71.4.2.2^M|DPI|440000289|20260310101500||ORU^R01^ORU_R01|LAB0001234|T|2.5|||||FRA|8859/15',
    PID,
    'PV1|1|I|MED1^101^1^CH-EXEMPLE||||100000001^DUPONT (FICTIF)^Anne|||||||||||V0001^^^CH-EXEMPLE',
    'ORC|RE|P1234^DPI|F1234^LABO||CM||||20260310090000',
    'OBR|1|P1234^DPI|F1234^LABO|NFS^Num\xe9ration formule sanguine^L|||20260310083000||||||||||||||||20260310101000||LAB|F',
    ...analytes,
  ])
}

function bytesOf(lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join('\r')}\r`, 'latin1')
}

function read(bytes: Buffer): { message: Hl7Message; header: Header } {
  const read = readMessage(bytes)
  if (!read.ok) throw new Error(read.code)
  return { message: read.message, header: readHeader(read.message) }
}

/** Microseconds of processor time that a call takes, over one round: what others on the machine take does not count. */
function microseconds(work: () => unknown): number {
  const startMs = performance.now()
  const before = process.cpuUsage()
  let calls = 0
  while (performance.now() - startMs < ROUND_MS) {
    for (let i = 0; i < 50; i++) work()
    calls += 50
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / calls
}

/** Medians of interleaved rounds: reading alone, and reading with the rules. About 10 s. */
export async function benchRules(): Promise<Figure[]> {
  const files = new RuleFiles([fileURLToPath(new URL('../profiles', import.meta.url))]).written()
  const tables = new Map(tablesNamed(files).map((name) => [name, { codes: new Set<string>(), prefixes: [] }]))
  const startMs = performance.now()
  const profiles = compileProfiles({ files, classes: {}, tables })
  const compileMs = performance.now() - startMs
  const checked = (bytes: Buffer) => () => {
    const { message, header } = read(bytes)
    // As the main path does it: what reading needs anyway is not counted twice.
    return message.segments('PID') + checkRules(message, header, profiles).length
  }
  const bytes = { movement: movement(), result: result() }
  const found = checkRules(read(bytes.movement).message, read(bytes.movement).header, profiles)
  if (found.length > 0) throw new Error(`the bench message is at fault: ${JSON.stringify(found)}`)
  const contenders = {
    'read a movement': () => read(bytes.movement).message.segments('PID'),
    'read a movement, with its rules': checked(bytes.movement),
    'read a result': () => read(bytes.result).message.segments('PID'),
    'read a result, with its rules': checked(bytes.result),
  }
  const times = new Map(Object.keys(contenders).map((name) => [name, [] as number[]]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, work] of Object.entries(contenders)) {
      times.get(name)!.push(microseconds(work))
      await new Promise(setImmediate)
    }
  }
  const figures = [...times].map(([name, each]): Figure => {
    const value = Number(median(each).toFixed(1))
    const target = name.endsWith('rules') ? { target: `<= ${TARGET_US}`, ok: value <= TARGET_US } : {}
    return { name, value, unit: 'µs', ...target }
  })
  return [
    { name: 'movement', value: bytes.movement.length, unit: 'bytes' },
    { name: 'result', value: bytes.result.length, unit: 'bytes' },
    { name: 'compiling the shipped rules', value: Number(compileMs.toFixed(1)), unit: 'ms' },
    ...figures,
  ]
}

if (import.meta.main) {
  for (const { name, value, unit, target, ok } of await benchRules()) {
    const verdict = target === undefined ? '' : ` (target ${target}: ${ok ? 'met' : 'missed'})`
    console.log(`${name.padEnd(34)} ${String(value).padStart(9)} ${unit}${verdict}`)
  }
}
