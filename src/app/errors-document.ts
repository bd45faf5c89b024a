/** Makes docs/errors.md from the error table and the two help catalogues: `node src/app/errors-document.ts`. */
import { writeFileSync } from 'node:fs'
import { ERRORS, type ErrorCode } from '../core/errors.ts'
import { HELP_EN } from '../core/help-en.ts'
import { HELP_FR } from '../core/help-fr.ts'

const HEAD = `# Error codes

Made from \`src/core/errors.ts\` and the catalogues \`help-en.ts\` and \`help-fr.ts\` by \`node src/app/errors-document.ts\`;
a test compares. A code's meaning never changes.

| class | what the gateway does |
|---|---|
| retry | tries again by itself, or asks the sender to: nothing was taken |
| refused | says no: the same bytes would be refused again |
| unknown | does not know whether the far side has it: the destination's \`onUnknown\` decides; mail is tried again after \`retry.steps\` |
| recorded | goes on and keeps a finding with the message |
| alert | goes on and warns a person |
| fatal | stops with a non-zero exit code, and recovers from its journal at the next start |

The acknowledgement (MSA-1) follows the reason and the \`ackPolicy\` of the establishment. A code without a reason never
answers a message at a door.

| reason | \`ans\` | \`hl7base\` |
|---|---|---|
| content | AE, CE | AE, CE |
| type | AE, CE | AR, CR |
| unavailable | AR, CR | AE, CE |

| code | class | reason | HTTP | SMTP | ERR-3 (table 0357) |
|---|---|---|---|---|---|
`

function row(code: ErrorCode): string {
  const { class: kind, reason, http, smtp, hl7 } = ERRORS[code]
  return `| [${code}](#${code.toLowerCase()}) | ${kind} | ${reason ?? ''} | ${http} | ${smtp} | ${hl7} |\n`
}

function section(code: ErrorCode): string {
  return `### ${code}\n\n- en: ${HELP_EN[code]}\n- fr : ${HELP_FR[code]}\n\n`
}

/** The whole page docs/errors.md, in the order of the table. Pure. */
export function errorsDocument(): string {
  const codes = Object.keys(ERRORS) as ErrorCode[]
  return `${HEAD}${codes.map(row).join('')}\n## What to do / Que faire\n\n${codes.map(section).join('').trimEnd()}\n`
}

if (import.meta.main) writeFileSync(new URL('../../docs/errors.md', import.meta.url), errorsDocument())
