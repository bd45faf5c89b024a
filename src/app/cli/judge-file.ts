import type { Config } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import { HELP_EN } from '../../core/help-en.ts'
import { HELP_FR } from '../../core/help-fr.ts'
import type { Finding, FindingClass } from '../../core/message.ts'
import { cdaAloneFindings } from '../../formats/cda/alone.ts'
import { checkDocuments } from '../../formats/cda/check.ts'
import { CdaReader } from '../../formats/cda/read.ts'
import { readResource } from '../../formats/fhir/resource.ts'
import { type FhirDefinitions, validateResource } from '../../formats/fhir/validate/validate.ts'
import type { FileFormat } from '../../formats/file-format.ts'
import { readBatch } from '../../formats/hl7v2/batch.ts'
import { readHeader } from '../../formats/hl7v2/header.ts'
import { readMessage } from '../../formats/hl7v2/message.ts'
import { checkRules } from '../../formats/hl7v2/rules/check.ts'
import { profilesOf } from '../../formats/hl7v2/rules/compile.ts'
import { ruleSentence } from '../../formats/hl7v2/rules/texts.ts'
import { readXdm } from '../../formats/xdm/read.ts'
import type { CliLanguage } from './command.ts'
import { withCarriageReturns } from './send.ts'

/** Something noticed in a file. */
export interface FileFinding {
  /** HL7 path, FHIRPath, or path in the XML; of a batch, the number of the message before it. */
  readonly at: string
  readonly severity: 'error' | 'warning' | 'information'
  readonly class: FindingClass
  readonly code: ErrorCode
  /** Id of the rule, or ''. */
  readonly rule: string
  readonly text: string
}

/** What files are judged by. */
export interface Judging {
  readonly config: Config
  readonly definitions: () => Promise<FhirDefinitions>
  /** Profile that FHIR resources must meet beside those they claim, or null. */
  readonly profile: string | null
  readonly language: CliLanguage
}

/** Everything that is noticed in a file of a format, in its order. */
export async function judgeFile(bytes: Buffer, format: FileFormat, judging: Judging): Promise<readonly FileFinding[]> {
  if (format === 'fhir') return judgeFhir(bytes, judging)
  if (format === 'xdm') return (await readXdm(bytes)).findings.map((one) => told(one, judging, null))
  return format === 'cda' ? judgeCda(bytes, judging) : judgeHl7(bytes, judging)
}

function judgeHl7(bytes: Buffer, judging: Judging): FileFinding[] {
  const framed = withCarriageReturns(bytes)
  const message = framed[0] === 0x0b ? framed.subarray(1) : framed
  const batch = readBatch(message)
  if (batch === null) return judgeMessage(message, judging)
  return [
    ...batch.problems.map((one) => told(one, judging, null)),
    ...batch.messages.flatMap((one, i) =>
      judgeMessage(one, judging).map((found) => ({ ...found, at: `${i + 1}: ${found.at}` })),
    ),
  ]
}

function judgeMessage(bytes: Buffer, judging: Judging): FileFinding[] {
  const read = readMessage(bytes)
  if (!read.ok) return [told({ code: read.code, class: 'contract', at: read.at ?? '' }, judging, null)]
  const { message } = read
  const rules = judging.config.rules === undefined ? null : profilesOf(judging.config.rules)
  const broken = rules === null ? [] : checkRules(message, readHeader(message), rules)
  const findings = [...message.findings(), ...broken, ...inDocuments(message)]
  return findings.map((one) => told(one, judging, rules === null ? null : ruleSentence(one, rules, judging.language)))
}

/** All that is said of the documents inside: here nobody waits for a turn. */
function inDocuments(message: Parameters<typeof checkDocuments>[0]): readonly Finding[] {
  const reading = checkDocuments(message)
  for (;;) {
    const step = reading.next()
    if (step.done === true) return step.value
  }
}

function told(finding: Finding, { language }: Judging, sentence: { readonly text: string } | null): FileFinding {
  return {
    at: finding.at ?? '',
    severity: finding.class === 'form' ? 'warning' : 'error',
    class: finding.class,
    code: finding.code,
    rule: String(finding.params?.['rule'] ?? ''),
    text: sentence?.text ?? helpOf(finding.code, language),
  }
}

function helpOf(code: ErrorCode, language: CliLanguage): string {
  return (language === 'fr' ? HELP_FR : HELP_EN)[code]
}

async function judgeFhir(bytes: Buffer, { config, definitions, profile, language }: Judging): Promise<FileFinding[]> {
  const reading = readResource(bytes)
  if (!reading.ok) {
    return reading.problems.map(({ error, expression }) => ({
      at: expression,
      severity: 'error',
      class: 'contract',
      code: error,
      rule: '',
      text: helpOf(error, language),
    }))
  }
  const issues = validateResource(reading.resource, await definitions(), {
    asked: profile === null ? [] : [profile],
    ...(config.fhir === undefined ? {} : { profiles: config.fhir.profiles }),
  })
  return issues.map(({ expression, severity, class: sort, error, rule, says }) => ({
    at: expression,
    severity,
    class: sort,
    code: error,
    rule: rule ?? '',
    text: says ?? helpOf(error, language),
  }))
}

function judgeCda(bytes: Buffer, judging: Judging): FileFinding[] {
  const reader = new CdaReader(bytes, 'xml')
  reader.run(Number.POSITIVE_INFINITY)
  return cdaAloneFindings(reader.reading()).map((one) => ({
    ...told(one, judging, null),
    rule: String(one.params?.['fault'] ?? ''),
  }))
}
