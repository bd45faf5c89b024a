/** `whitelist verify|show|explain`: questions to a list. */
import type { X509Certificate } from 'node:crypto'
import { MAIL_WORDS } from '../../console/page/mailboxes/words.ts'
import type { ErrorCode } from '../../core/errors.ts'
import { HELP_EN } from '../../core/help-en.ts'
import { HELP_FR } from '../../core/help-fr.ts'
import { type DomainView, ODD_ROWS, type OddRow, type WhiteListStatus } from '../../core/white-list.ts'
import type { ListFault } from '../../formats/whitelist/fault.ts'
import { asciiDomain } from '../../formats/whitelist/list.ts'
import type { ListTrust } from '../../formats/whitelist/signer.ts'
import { type VerifiedList, verifyList } from '../../formats/whitelist/verify.ts'
import { pemCertificates } from '../../formats/x509/revocation-list.ts'
import { judge } from '../../mssante/accept.ts'
import { type WhiteList, whiteList } from '../../mssante/white-list.ts'
import { type Call, ProblemError, plain, regionPath, text } from './command.ts'
import { bytesIn, textIn } from './input.ts'
import { progressBar } from './progress.ts'
import type { RemoteGateway } from './remote.ts'
import { runningGateway } from './running.ts'

/** `verify FILE`: is it a list of the configured signer, and one that a gateway without any would take? Exit 1 when not. */
export async function verifyFile(file: string, call: Call): Promise<number> {
  const list = await verified(file, call)
  const result = 'code' in list ? list : (unfit(list) ?? list)
  if ('code' in result) {
    if (call.json) call.io.out(`${JSON.stringify({ ok: false, ...result })}\n`)
    else call.io.err(`${sentence(result, call)}\n`)
    return 1
  }
  const { generatedAtMs, rows, findings, signer } = result
  if (call.json) {
    call.io.out(`${JSON.stringify({ ok: true, ...facts(result), findings })}\n`)
    return 0
  }
  tellOdd(findings.slice(0, ODD_ROWS), call)
  const date = new Date(generatedAtMs).toISOString()
  call.io.out(
    {
      en: `Good: ${rows.length} rows of ${date}, ${findings.length} odd, signed by ${plain(signer.subject.replaceAll('\n', ', '))}\n`,
      fr: `Valable : ${rows.length} lignes du ${date}, ${findings.length} anomalies, signée par ${plain(signer.subject.replaceAll('\n', ', '))}\n`,
    }[call.language],
  )
  return 0
}

/** What is wrong with a list. */
type Told = Pick<ListFault, 'at'> & { readonly code: ErrorCode }

/** Why a good list is not taken all the same; null: it is. */
function unfit({ generatedAtMs, rows }: VerifiedList): Told | null {
  const judged = judge({ generatedAtMs, rows: rows.length, sha256: '' }, null, Date.now())
  return judged.what === 'refuse' ? { code: judged.code, at: '' } : null
}

/** `show`: the facts of a list. */
export async function showList(call: Call): Promise<number> {
  const file = text(call, 'file')
  const told = file === undefined ? await inUse(call) : facts(need(await verified(file, call), call))
  if (call.json) call.io.out(`${JSON.stringify(told)}\n`)
  else {
    const facts = 'state' in told ? told.current : told
    tellOdd(facts?.oddRows ?? [], call)
    const lines = [
      ...('state' in told ? standingLines(told, call) : []),
      ...(facts === null ? [] : factLines(facts, call)),
    ]
    const width = Math.max(...lines.map(([name]) => name.length))
    for (const [name, value] of lines) call.io.out(`${name.padEnd(width)}  ${plain(value)}\n`)
  }
  const closed = 'state' in told && (told.state === 'none' || told.state === 'closed')
  return closed ? 1 : 0
}

type Facts = Omit<ReturnType<typeof facts>, 'oddRows'>
type Line = readonly [name: string, value: string]

/** How the list of the gateway stands, and what stands beside it. */
function standingLines({ state, code, source, extended, refused, waiting }: WhiteListStatus, call: Call): Line[] {
  const said = MAIL_WORDS[call.language].whiteList
  return [
    [said.state, said.states[state]],
    ...(code === null ? [] : [['', `${code}: ${words(call)[code]}`] as const]),
    [said.source, source],
    ...(extended === null
      ? []
      : [[said.extension, said.extended(extended.until, extended.who, extended.why)] as const]),
    ...(refused === null
      ? []
      : [[said.refused, `${sentence(refused, call)} ${said.refusedTimes(refused.when, refused.times)}`] as const]),
    ...(waiting === null
      ? []
      : [
          [
            said.waiting,
            said.waitingTells(
              String(waiting.rows),
              String(waiting.added),
              String(waiting.removed),
              waiting.generatedAt,
            ),
          ] as const,
          ['sha256', waiting.sha256] as const,
        ]),
  ]
}

/** What a list is, whether the gateway's or a file's. */
function factLines(list: Facts & { readonly confirmedAt?: string; readonly sha256?: string }, call: Call) {
  const said = MAIL_WORDS[call.language].whiteList
  const lines: Line[] = [
    ...(list.sha256 === undefined ? [] : [['sha256', list.sha256] as const]),
    [said.generatedAt, list.generatedAt],
    ...(list.confirmedAt === undefined ? [] : [[said.confirmedAt, list.confirmedAt] as const]),
    [said.rows, String(list.rows)],
    [said.domains, String(list.domains)],
    [said.subjects, String(list.subjects)],
    [said.odd, String(list.odd)],
    [said.signer, list.signer],
    [said.signerUntil, list.signerUntil],
  ]
  return lines
}

/** `explain DOMAIN`: which certificates may carry mail of it. Exit 1 when none may. */
export async function explainDomain(domain: string, call: Call): Promise<number> {
  const file = text(call, 'file')
  if (file === undefined) {
    const path = `/api/mail/whitelist/domains/${encodeURIComponent(domain)}`
    return tellDomain(await (await gatewayOf(call)).need<DomainView>('GET', path), call)
  }
  const { rows, generatedAtMs } = need(await verified(file, call), call)
  return tellDomain(listedIn(whiteList(rows, generatedAtMs), domain), call)
}

/** What a list says of a domain, whatever its age. */
function listedIn(list: WhiteList, domain: string): DomainView {
  const ascii = asciiDomain(domain)
  const listed = ascii === null ? undefined : list.domains.get(ascii)
  return {
    domain: ascii ?? domain,
    code: listed === undefined ? 'MAIL_DOMAIN_UNLISTED' : null,
    subjects: [...(listed?.values() ?? [])].map(({ subjectKey: _, ...row }) => row),
  }
}

/** Says it; exit 1 when no mail goes there. */
function tellDomain({ domain, code, subjects }: DomainView, call: Call): number {
  if (call.json) call.io.out(`${JSON.stringify({ domain, code, subjects })}\n`)
  else {
    if (code !== null) call.io.err(`${plain(domain)}: ${code}: ${words(call)[code]}\n`)
    if (subjects.length > 0) call.io.out(`${plain(domain)}\n`)
    for (const { subject, description, support, changed } of subjects) {
      call.io.out(`  ${plain(subject)}\n    ${plain([description, support, changed].filter(Boolean).join(' · '))}\n`)
    }
  }
  return code === null ? 0 : 1
}

function facts({ generatedAtMs, rows, signer, findings }: VerifiedList) {
  return {
    generatedAt: new Date(generatedAtMs).toISOString(),
    rows: rows.length,
    domains: new Set(rows.map(({ ascii }) => ascii)).size,
    subjects: new Set(rows.map(({ subjectKey }) => subjectKey)).size,
    odd: findings.length,
    oddRows: findings.slice(0, ODD_ROWS),
    signer: signer.subject.replaceAll('\n', ', '),
    signerUntil: new Date(signer.validToMs).toISOString(),
  }
}

/** A line for each odd row, for people. */
function tellOdd(rows: readonly OddRow[], call: Call): void {
  const { oddities } = MAIL_WORDS[call.language].whiteList
  for (const { row, what, name } of rows) {
    call.io.err(`WHITELIST_ROW ${row}: ${what} ${plain(name)} (${oddities[what]})\n`)
  }
}

function words(call: Call): Readonly<Record<string, string>> {
  return call.language === 'fr' ? HELP_FR : HELP_EN
}

function sentence({ code, at }: { readonly code: ErrorCode; readonly at: string }, call: Call): string {
  return `${code}${at === '' ? '' : ` (${at})`}: ${words(call)[code]}`
}

function need(result: VerifiedList | ListFault, call: Call): VerifiedList {
  if ('code' in result) throw new ProblemError(sentence(result, call), result.code)
  return result
}

/** The list of the gateway that runs. */
async function inUse(call: Call): Promise<WhiteListStatus> {
  return (await gatewayOf(call)).need<WhiteListStatus>('GET', '/api/mail/whitelist')
}

function gatewayOf(call: Call): Promise<RemoteGateway> {
  return runningGateway(
    call,
    { en: 'start it, or name a list with --file.', fr: 'démarrez-la, ou indiquez une liste par --file.' }[
      call.language
    ],
  )
}

async function verified(file: string, call: Call): Promise<VerifiedList | ListFault> {
  const [bytes, trust] = await Promise.all([bytesIn(file, call), trustOf(call)])
  const bar = progressBar(call)
  try {
    const result = verifyList(bytes, trust, { nowMs: Date.now(), progress: bar.show })
    return result.ok ? result.list : result.fault
  } finally {
    bar.end()
  }
}

/** Whom the call trusts: its own options, else the region file. */
async function trustOf(call: Call): Promise<ListTrust> {
  const ca = text(call, 'ca')
  if (ca !== undefined) {
    const { LAB_SIGNER } = await import('../white-list/lab.ts')
    return {
      anchors: certificatesOf(await textIn(ca, call), ca, call),
      issuer: text(call, 'issuer') ?? LAB_SIGNER.issuer,
      commonName: text(call, 'signer') ?? LAB_SIGNER.commonName,
      email: null,
    }
  }
  const path = regionPath(call)
  const { regionTrust } = await import('../white-list/trust.ts')
  const trust = await regionTrust(path, call.env)
  if (trust !== null) return trust
  throw new ProblemError(
    {
      en: `${plain(path)} has no sound mail.whiteList: name the authorities with --ca.`,
      fr: `${plain(path)} n'a pas de mail.whiteList valable : indiquez les autorités par --ca.`,
    }[call.language],
  )
}

function certificatesOf(pem: string, file: string, call: Call): X509Certificate[] {
  try {
    const found = pemCertificates(pem)
    if (found.length > 0) return found
  } catch {}
  throw new ProblemError(
    { en: `${plain(file)} holds no certificates.`, fr: `${plain(file)} ne contient pas de certificats.` }[
      call.language
    ],
  )
}
