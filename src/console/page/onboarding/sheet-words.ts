import type { Language } from '../../../formats/http/language.ts'

/** Every word of the sheet for the editor, in one language. */
export interface SheetWords {
  readonly title: (name: string, region: string) => string
  readonly toFill: string
  readonly identity: string
  readonly what: string
  readonly value: string
  readonly establishment: string
  readonly legal: string
  readonly geographic: string
  readonly certificate: string
  readonly charset: string
  readonly control: string
  readonly strict: string
  readonly lenient: string
  readonly doors: string
  readonly door: string
  readonly doorNames: Readonly<Record<string, string>>
  readonly tryHttp: string
  readonly asDoor: string
  readonly address: string
  readonly protection: string
  readonly tls: string
  readonly plain: string
  readonly doorsTell: string
  readonly header: string
  readonly field: string
  readonly msh3: string
  readonly msh5: (region: string) => string
  readonly msh10: string
  readonly msh11: string
  readonly msh15: string
  readonly msh18: string
  readonly guide: string
  readonly answers: string
  readonly answer: string
  readonly meaning: string
  readonly answerRows: readonly (readonly string[])[]
  readonly answersTell: string
  readonly receives: string
  readonly receivesTells: string
  readonly name: string
  readonly protocol: string
  readonly book: string
  readonly bookTells: string
  readonly case: string
  readonly expected: string
  /** A name and its value. */
  readonly pair: (name: string, value: string) => string
}

const FR: SheetWords = {
  title: (name, region) => `Fiche de raccordement · ${name} · ${region}`,
  toFill: 'à compléter',
  identity: 'Établissement',
  what: 'Quoi',
  value: 'Valeur',
  establishment: 'Établissement',
  legal: 'FINESS juridique (EJ)',
  geographic: 'FINESS géographiques (EG)',
  certificate: 'Certificat présenté',
  charset: 'Jeu de caractères si MSH-18 est vide',
  control: 'Contrôle',
  strict: 'strict : un écart au contrat est refusé',
  lenient: 'un écart au contrat est noté, le message passe',
  doors: 'Où envoyer',
  door: 'Entrée',
  doorNames: {
    mllp: 'MLLP',
    mllps: 'MLLP sur TLS mutuel',
    sandbox: "Entrée d'essai (MLLP)",
    http: 'HTTP : POST /hl7, FHIR sous /fhir',
    https: 'HTTPS : POST /hl7, FHIR sous /fhir',
  },
  tryHttp: "Entrée d'essai (HTTP)",
  asDoor: "comme l'entrée HTTP",
  address: 'Adresse',
  protection: 'Chiffrement',
  tls: 'TLS 1.2 au moins',
  plain: 'aucun',
  doorsTell: "L'entrée d'essai répond comme la vraie et ne transmet rien.",
  header: 'En-tête des messages (MSH)',
  field: 'Champ',
  msh3: 'nom du logiciel, toujours le même',
  msh5: (region) => `destinataire convenu (${region})`,
  msh10: 'unique ; le même message renvoyé garde le sien',
  msh11: 'T pendant les tests, P en production',
  msh15: 'vides (une réponse par message), ou AL et NE (réponse immédiate)',
  msh18: '8859/15, 8859/1 ou UNICODE UTF-8 ; ce que disent réellement les octets',
  guide: 'Référentiel',
  answers: 'Réponses',
  answer: 'MSA-1',
  meaning: 'Ce que cela veut dire, et que faire',
  answerRows: [
    ['AA, CA', 'Le message est écrit sur disque : la plateforme en répond. Ne pas renvoyer.'],
    ['AE, CE', 'Le message est refusé (ERR dit pourquoi) : corriger, puis renvoyer avec un nouveau MSH-10.'],
    ['AR, CR', 'Selon le volet : refusé pour son type, ou à renvoyer plus tard (volets français).'],
    ['aucune', 'Renvoyer le même message, octet pour octet, avec le même MSH-10 : il ne sera pris qu’une fois.'],
  ],
  answersTell: 'Une réponse par message, dans l’ordre, sur la même connexion. MSA-2 rend le MSH-10 reçu.',
  receives: 'Ce que l’établissement reçoit',
  receivesTells:
    'La plateforme se connecte à ces adresses avec son propre certificat ; elles sont à ouvrir dans le pare-feu.',
  name: 'Nom',
  protocol: 'Protocole',
  book: 'Cahier de tests',
  bookTells: 'MSH-10 commence par le nom du cas et un trait d’union. Patients fictifs seulement, MSH-11 à T.',
  case: 'Cas',
  expected: 'Ce qui est attendu',
  pair: (name, value) => `${name} : ${value}`,
}

const EN: SheetWords = {
  title: (name, region) => `Onboarding sheet · ${name} · ${region}`,
  toFill: 'to be filled in',
  identity: 'Establishment',
  what: 'What',
  value: 'Value',
  establishment: 'Establishment',
  legal: 'FINESS, legal entity (EJ)',
  geographic: 'FINESS, geographic entities (EG)',
  certificate: 'Certificate shown',
  charset: 'Character set if MSH-18 is empty',
  control: 'Control',
  strict: 'strict: what breaks the contract is refused',
  lenient: 'what breaks the contract is noted, the message goes on',
  doors: 'Where to send',
  door: 'Entrance',
  doorNames: {
    mllp: 'MLLP',
    mllps: 'MLLP over mutual TLS',
    sandbox: 'Sandbox (MLLP)',
    http: 'HTTP: POST /hl7, FHIR below /fhir',
    https: 'HTTPS: POST /hl7, FHIR below /fhir',
  },
  tryHttp: 'Sandbox (HTTP)',
  asDoor: 'as the HTTP entrance',
  address: 'Address',
  protection: 'Encryption',
  tls: 'TLS 1.2 at least',
  plain: 'none',
  doorsTell: 'The sandbox answers as the real entrance and passes nothing on.',
  header: 'Header of messages (MSH)',
  field: 'Field',
  msh3: 'name of the software, always the same',
  msh5: (region) => `receiver as agreed (${region})`,
  msh10: 'unique; the same message sent again keeps its own',
  msh11: 'T during tests, P in production',
  msh15: 'empty (one answer a message), or AL and NE (answer at once)',
  msh18: '8859/15, 8859/1 or UNICODE UTF-8; what the bytes really are',
  guide: 'Guide',
  answers: 'Answers',
  answer: 'MSA-1',
  meaning: 'What it means, and what to do',
  answerRows: [
    ['AA, CA', 'The message is on disk: the gateway answers for it. Do not send it again.'],
    ['AE, CE', 'The message is refused (ERR says why): mend it, then send it with a new MSH-10.'],
    ['AR, CR', 'By the guide: refused for its type, or to be sent again later (French guides).'],
    ['none', 'Send the same message again, byte for byte, with the same MSH-10: it is taken once.'],
  ],
  answersTell: 'One answer a message, in order, on the same connection. MSA-2 gives back the MSH-10 received.',
  receives: 'What the establishment receives',
  receivesTells: 'The gateway connects to these addresses with a certificate of its own; the firewall must let it in.',
  name: 'Name',
  protocol: 'Protocol',
  book: 'Test book',
  bookTells: 'MSH-10 begins with the name of the case and a hyphen. Invented patients only, MSH-11 T.',
  case: 'Case',
  expected: 'What is expected',
  pair: (name, value) => `${name}: ${value}`,
}

/** The catalogue of each language. */
export const SHEET_WORDS: Readonly<Record<Language, SheetWords>> = { fr: FR, en: EN }
