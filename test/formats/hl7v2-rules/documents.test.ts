/** The rule files of documents, business acknowledgements and tele-radiology. */
import { METADATA } from '../../../src/app/demo/document.ts'
import {
  answer,
  cancel,
  complement,
  mdm,
  observations,
  oruCda,
  RECIPIENT,
  request,
  zam,
} from '../../support/documents.ts'
import { type OwnMutations, proveRuleFile } from './prove.ts'
import type { Lines } from './segments.ts'

/** Every text in every segment of a name. */
const replaced =
  (segment: string, from: string | RegExp, to: string) =>
  (lines: Lines): Lines =>
    lines.map((line) => (line.startsWith(segment) ? line.replace(from, to) : line))
const inEvery =
  (from: string | RegExp, to: string) =>
  (lines: Lines): Lines =>
    lines.map((line) => line.replace(from, to))
const withoutCode =
  (code: string) =>
  (lines: Lines): Lines =>
    lines.filter((line) => !line.includes(`|${code}^`))
const added =
  (line: string) =>
  (lines: Lines): Lines => [...lines, line]
const metadatum = (lines: Lines, code: string): number => lines.findIndex((line) => line.includes(`|${code}^`))

function swapped(lines: Lines): Lines {
  const [a, b] = [metadatum(lines, 'MASQUE_PS'), metadatum(lines, 'INVISIBLE_PATIENT')]
  return lines.with(a, lines[b]!).with(b, lines[a]!)
}

/** The document for nobody: no DMP, no mail. */
const unsent = (lines: Lines): Lines =>
  lines.map((line) => (METADATA.some((code) => line.includes(`|${code}^`)) ? line.replace('|Y^^', '|N^^') : line))

const DOCUMENTS: OwnMutations = {
  'CDA-META-CODE': [inEvery('ACK_LECTURE_MSS^', 'ACK_LECTURE^')],
  'CDA-META-ORDER': [swapped],
  'CDA-META-COMBINATION': [
    (lines) => lines.map((line, i) => (i === metadatum(lines, 'MASQUE_PS') ? line.replace('|N^^', '|Y^^') : line)),
  ],
}
const TLR: OwnMutations = {
  'TLR-ORC-2-AUTHORITY': [inEvery('^^1.2.250.1.999.7^ISO', '^RIS^^ISO')],
  'TLR-ORC-2-TYPE': [inEvery('^^1.2.250.1.999.7^ISO', '^^1.2.250.1.999.7^DNS')],
}

proveRuleFile(
  'cda-mdm',
  { T02: mdm('T02'), T04: mdm('T04'), T10: mdm('T10'), unsent: unsent(mdm('T02')) },
  { own: DOCUMENTS },
)
proveRuleFile(
  'cda-oru',
  { ORU: oruCda(), unsent: unsent(oruCda()) },
  {
    own: {
      ...DOCUMENTS,
      'CDA-ORU-DOCUMENTS': [
        (lines) => [...lines, ...Array<string>(2).fill(lines.find((line) => line.startsWith('OBX|1|'))!)],
      ],
    },
  },
)
proveRuleFile(
  'zam',
  { Z01: zam('Z01'), Z02: zam('Z02'), Z03: zam('Z03'), refused: zam('Z02', 'M1', 'N') },
  {
    own: {
      'ZAM-OBX-3': [added(RECIPIENT.replace('DESTINATAIRE_MSS', 'DESTINATAIRE'))],
      'ZAM-OBX-2-ADDRESS': [added(RECIPIENT.replace('XTN', 'TX'))],
    },
  },
)
proveRuleFile(
  'tlr-1-2-request',
  { request: request(), cancel: cancel() },
  { own: { ...TLR, 'TLR1-REGION': [withoutCode('REGION_ANATOMIQUE')] } },
)
proveRuleFile(
  'tlr-3-answer',
  { accepted: answer('OK'), refused: answer('OC'), full: [...answer('OK'), ...observations(2, 'F')] },
  { own: { ...TLR, 'TLR3-REFUSED': [added(answer('OK').at(-1)!)] } },
)
proveRuleFile(
  'tlr-4-complement',
  { complement: complement(), full: [...complement(), ...observations(8, 'F').slice(2)] },
  {
    own: {
      ...TLR,
      'TLR4-VIEWER-HOST': [replaced('OBX|1|', /Base64\^[^|]*/, 'Base64^aHR0cHM6Ly9hdHRhY2tlci5leGFtcGxlL3g=')],
    },
  },
)
