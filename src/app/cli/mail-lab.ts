import { resolve } from 'node:path'
import type { LabStep, RunningLab } from '../mail-lab/lab.ts'
import { LAB_KEY, LAB_USER, labAddress, labDomain } from '../mail-lab/region.ts'
import { type Bilingual, type Call, ProblemError, plain, text, UsageError } from './command.ts'

const STEPS: Readonly<Record<LabStep, Bilingual>> = {
  trust: { en: 'certificates and white list', fr: 'certificats et liste blanche' },
  publisher: { en: 'publisher of the list', fr: 'éditeur de la liste' },
  gateways: { en: 'gateways of both operators', fr: 'passerelles des deux opérateurs' },
  lists: { en: 'both have taken the list', fr: 'prise de la liste par les deux' },
}

/** `mail lab DIR`: two operators, a publisher and a directory, until SIGINT or SIGTERM. Resolves with the exit code. */
export async function runLab(dir: string, call: Call): Promise<number> {
  const [{ LAB_PORTS, LAB_STEPS, startLab }, { freeRun }] = await Promise.all([
    import('../mail-lab/lab.ts'),
    import('../mail-lab/ports.ts'),
  ])
  const given = text(call, 'port')
  const first = given === undefined ? null : Number(given)
  if (first !== null && !(Number.isInteger(first) && first >= 1 && first <= 65_535 - LAB_PORTS)) {
    throw new UsageError(
      { en: '--port is the first of seven ports.', fr: '--port est le premier de sept ports.' }[call.language],
    )
  }
  const ports = await freeRun(first, LAB_PORTS)
  if (ports === null) {
    const en = 'Some of the seven ports are taken: choose others with --port.'
    const fr = 'Certains des sept ports sont pris : choisissez-en d’autres avec --port.'
    throw new ProblemError({ en, fr }[call.language])
  }
  const told = Promise.withResolvers<'told'>()
  const stop = (): void => told.resolve('told')
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  const step = (what: LabStep): void => {
    const at = `[${LAB_STEPS.indexOf(what) + 1}/${LAB_STEPS.length}]`
    if (!call.json) call.io.err(`${at} ${STEPS[what][call.language]}\n`)
  }
  const starting = startLab({ dir: resolve(dir), ports, nowMs: Date.now, step })
  const lab = await starting.catch((fault: unknown) => {
    if (fault instanceof RangeError) throw new ProblemError(plain(fault.message))
    throw fault
  })
  const toggle = (): void => void lab.publisher.toggle()
  process.on('SIGUSR2', toggle)
  tell(lab, call)
  const why = await Promise.race([told.promise, lab.broken.then(() => 'broken' as const)])
  process.off('SIGUSR2', toggle)
  await lab.stop()
  process.off('SIGINT', stop)
  process.off('SIGTERM', stop)
  return why === 'told' ? 0 : 1
}

function tell(lab: RunningLab, call: Call): void {
  const operators = lab.operators.map((one) => ({
    name: one.name,
    domain: labDomain(one),
    address: labAddress(one),
    console: `http://127.0.0.1:${one.ports.http}/`,
    ...one.ports,
  }))
  const [a, b] = operators as [(typeof operators)[0], (typeof operators)[0]]
  const { files, publisher } = lab
  const list = `https://localhost:${publisher.port}/list.xml`
  if (call.json) {
    const keys = { key: LAB_KEY, user: LAB_USER, password: LAB_USER }
    call.io.out(`${JSON.stringify({ pid: process.pid, operators, list, ...keys, ...files })}\n`)
    return
  }
  const swaks = `swaks --server 127.0.0.1:${a.submission} --tls --auth PLAIN --auth-user ${LAB_USER} --auth-password ${LAB_USER} --from ${a.address} --to ${b.address}`
  const words = call.language === 'fr' ? french : english
  call.io.out(`${words({ a, b, list, swaks, files, pid: process.pid }).map(plain).join('\n')}\n`)
}

interface Told {
  readonly a: { readonly domain: string; readonly console: string; readonly smtp: number; readonly submission: number }
  readonly b: Told['a']
  readonly list: string
  readonly swaks: string
  readonly files: RunningLab['files']
  readonly pid: number
}

const english = ({ a, b, list, swaks, files, pid }: Told): string[] => [
  'Two mail operators exchange mail on this machine; everything in them is invented.',
  `  A  ${a.domain}  console ${a.console}  SMTP 127.0.0.1:${a.smtp}  submission 127.0.0.1:${a.submission}`,
  `  B  ${b.domain}  console ${b.console}  SMTP 127.0.0.1:${b.smtp}  submission 127.0.0.1:${b.submission}`,
  `  white list ${list}`,
  `Administrator's key of both: ${LAB_KEY}. Name and password of a mail program: ${LAB_USER}.`,
  '',
  'Send a mail from A to B:',
  `  ${swaks}`,
  `Read it: ${b.console}messagerie/courrier, signed in as requesting clinician with one click; write an answer there.`,
  `Try the way: PASSERELLE_KEY=${LAB_KEY} passerelle mail doctor ${b.domain} --url ${a.console}`,
  `Directory: ${files.directory}; load it with passerelle directory import FILE --url ${a.console}`,
  '',
  'Break things, and look at /messagerie/liste-blanche, /messages and /alertes of A:',
  `  take B off the list     delete its line in ${files.rows}; put it back to mend`,
  `  revoke B's certificate  echo b >> ${files.revoked}`,
  `  tamper with the list    sed -i s/EXEMPLE/EXEMPLAIRE/ ${files.trust}/list.xml`,
  `  stop the publisher      kill -USR2 ${pid}; the same starts it again. Old after 5 min, closed after 15 min`,
  '',
  'Ctrl-C ends all of it.',
]

const french = ({ a, b, list, swaks, files, pid }: Told): string[] => [
  'Deux opérateurs de messagerie échangent du courrier sur cette machine ; tout y est fictif.',
  `  A  ${a.domain}  console ${a.console}  SMTP 127.0.0.1:${a.smtp}  dépôt 127.0.0.1:${a.submission}`,
  `  B  ${b.domain}  console ${b.console}  SMTP 127.0.0.1:${b.smtp}  dépôt 127.0.0.1:${b.submission}`,
  `  liste blanche ${list}`,
  `Clé d'administration des deux : ${LAB_KEY}. Nom et mot de passe d'un logiciel de messagerie : ${LAB_USER}.`,
  '',
  'Envoyer un courrier de A à B :',
  `  ${swaks}`,
  `Le lire : ${b.console}messagerie/courrier, connexion en un clic comme clinicien demandeur ; y écrire une réponse.`,
  `Essayer le chemin : PASSERELLE_KEY=${LAB_KEY} passerelle mail doctor ${b.domain} --url ${a.console}`,
  `Annuaire : ${files.directory} ; le charger par passerelle directory import FICHIER --url ${a.console}`,
  '',
  'Provoquer des pannes, et regarder /messagerie/liste-blanche, /messages et /alertes de A :',
  `  ôter B de la liste         supprimer sa ligne dans ${files.rows} ; la remettre pour réparer`,
  `  révoquer le certificat de B  echo b >> ${files.revoked}`,
  `  altérer la liste           sed -i s/EXEMPLE/EXEMPLAIRE/ ${files.trust}/list.xml`,
  `  arrêter l'éditeur          kill -USR2 ${pid} ; de même pour le relancer. Ancienne après 5 min, fermée après 15 min`,
  '',
  'Ctrl-C arrête le tout.',
]
