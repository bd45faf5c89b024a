/**
 * What segments and fields are called, for people: HL7 v2.5 chapters 2 to 10 in our own words, and the segments of PAM FR. A
 * line is `number French | English | kept`, `kept` telling what of the field is code or technique and never about a person:
 * `*` all of it, else components (`4,5`); `1,3` is a code with its system, which counts only together. All else is masked where a message is shown without its patient. */
const TABLE = `
MSH En-tête du message | Message header
1 Séparateur de champs | Field separator | *
2 Caractères d'encodage | Encoding characters | *
3 Application émettrice | Sending application | *
4 Établissement émetteur | Sending facility | *
5 Application destinataire | Receiving application | *
6 Établissement destinataire | Receiving facility | *
7 Date et heure du message | Date and time of message | *
8 Sécurité | Security
9 Type de message | Message type | *
10 Identifiant du message | Message control ID | *
11 Mode de traitement | Processing ID | *
12 Version | Version ID | *
13 Numéro de séquence | Sequence number | *
14 Pointeur de continuation | Continuation pointer
15 Acquittement de réception demandé | Accept acknowledgment type | *
16 Acquittement applicatif demandé | Application acknowledgment type | *
17 Pays | Country code | *
18 Jeu de caractères | Character set | *
19 Langue | Principal language | *
20 Gestion des jeux de caractères | Alternate character set handling | *
21 Profil du message | Message profile identifier | *
EVN Événement | Event type
1 Code de l'événement | Event type code | *
2 Date et heure d'enregistrement | Recorded date and time
3 Date et heure prévues | Date and time planned
4 Motif | Event reason code
5 Opérateur | Operator
6 Date et heure de l'événement | Event occurred
7 Établissement de l'événement | Event facility | *
PID Identification du patient | Patient identification
1 Numéro d'ordre | Set ID | *
2 Identifiant du patient (ancien) | Patient ID (former)
3 Identifiants du patient | Patient identifiers | 4,5
4 Autre identifiant (ancien) | Alternate ID (former)
5 Noms et prénoms | Patient names | 7
6 Nom de la mère | Mother's maiden name
7 Date de naissance | Date of birth
8 Sexe | Administrative sex
9 Alias | Alias
10 Origine | Race
11 Adresses | Addresses | 7
12 Code du comté | County code
13 Téléphones et messageries | Telephone and mail, home | 2,3
14 Téléphones professionnels | Telephone, business | 2,3
15 Langue parlée | Primary language
16 Situation familiale | Marital status
17 Religion | Religion
18 Numéro de dossier administratif | Account number | 4,5
19 Numéro de sécurité sociale | Social security number
21 Identifiant de la mère | Mother's identifier | 4,5
22 Groupe ethnique | Ethnic group
23 Lieu de naissance | Birth place
24 Naissance multiple | Multiple birth
25 Rang de naissance | Birth order
26 Nationalités | Citizenship
28 Nationalité | Nationality
29 Date et heure du décès | Date and time of death
30 Décédé | Death indicator
31 Identité inconnue | Identity unknown indicator
32 Fiabilité de l'identité | Identity reliability | *
33 Dernière mise à jour | Last update
34 Établissement de la mise à jour | Last update facility | *
35 Espèce | Species code
PD1 Données complémentaires du patient | Patient additional demographics
4 Médecin traitant | Primary care provider
12 Consentement à la diffusion | Protection indicator
NK1 Personne à prévenir | Next of kin
1 Numéro d'ordre | Set ID | *
2 Nom | Name
3 Lien | Relationship
4 Adresse | Address
5 Téléphone | Telephone
6 Téléphone professionnel | Business telephone
7 Rôle | Contact role
PV1 Venue du patient | Patient visit
1 Numéro d'ordre | Set ID | *
2 Classe du patient | Patient class | *
3 Localisation | Assigned location
4 Type d'admission | Admission type | *
5 Numéro de préadmission | Pre-admit number | 4,5
6 Localisation précédente | Prior location
7 Médecin responsable | Attending doctor
8 Médecin adresseur | Referring doctor
9 Médecin consultant | Consulting doctor
10 Discipline | Hospital service
11 Localisation temporaire | Temporary location
14 Provenance | Admit source | *
16 Personnalité signalée | VIP indicator
17 Médecin d'admission | Admitting doctor
18 Type de patient | Patient type | *
19 Numéro de venue | Visit number | 4,5
20 Classe financière | Financial class
36 Mode de sortie | Discharge disposition | *
37 Destination de sortie | Discharged to
42 Localisation prévue | Pending location
44 Date et heure d'admission | Admit date and time
45 Date et heure de sortie | Discharge date and time
50 Autre numéro de venue | Alternate visit ID | 4,5
51 Indicateur de venue | Visit indicator | *
PV2 Venue du patient, suite | Patient visit, additional
3 Motif d'admission | Admit reason
8 Date d'admission prévue | Expected admit date
9 Date de sortie prévue | Expected discharge date
10 Durée de séjour prévue | Estimated length of stay
47 Retour d'absence prévu | Expected return from leave
ZBE Mouvement (PAM FR) | Movement (PAM FR)
1 Identifiant du mouvement | Movement identifier | 2,3,4
2 Début du mouvement | Start of movement
3 Fin du mouvement | End of movement
4 Action | Action | *
5 Mouvement historique | Historic movement | *
6 Événement d'origine | Original trigger event | *
7 UF de responsabilité médicale | Ward of medical responsibility | 6,7
8 UF de responsabilité de soins | Ward of nursing responsibility | 6,7
9 Nature du mouvement | Nature of movement | *
ZFA Dossier médical partagé | Shared medical record
1 Statut du DMP | Status | *
2 Date du statut | Date of status
3 Date de fermeture | Closing date
9 Opposition bris de glace | Emergency access consent | *
11 Opposition centre 15 | Emergency call consent | *
ZFD Données démographiques complémentaires | Additional demographics
1 Date de naissance lunaire | Lunar date of birth
2 Nombre de semaines de gestation | Weeks of gestation
3 Consentement SMS | SMS consent
4 Indicateur de date corrigée | Corrected date indicator | *
5 Mode d'obtention de l'identité | How the identity was obtained | *
6 Date d'interrogation du téléservice | Date of the INSi query
7 Justificatif d'identité | Proof of identity
8 Fin de validité du justificatif | End of the proof's validity
ZFP Situation professionnelle | Occupation
1 Activité | Activity
2 Catégorie socioprofessionnelle | Occupation category
ZFV Complément sur la venue | Additional visit data
1 Établissement de provenance | Coming from
2 Transport d'arrivée | Transport in
4 Date du placement | Date of committal
6 Établissement de destination | Going to
10 Mode de sortie | Discharge mode | *
ZFM Mouvement PMSI | Movement for activity statistics
1 Mode d'entrée | Mode of entry | *
2 Mode de sortie | Mode of exit | *
3 Provenance | Origin | *
4 Destination | Destination | *
MRG Identité remplacée | Merged patient
1 Identifiants remplacés | Prior patient identifiers | 4,5
2 Autres identifiants | Prior alternate IDs | 4,5
3 Dossier administratif remplacé | Prior account number | 4,5
4 Identifiant interne | Prior patient ID | 4,5
5 Venue remplacée | Prior visit number | 4,5
7 Nom remplacé | Prior name
ORC Demande | Common order
1 Action | Order control | *
2 Numéro du demandeur | Placer order number | 2,3,4
3 Numéro de l'exécutant | Filler order number | 2,3,4
4 Groupe de demandes | Placer group number | 2,3,4
5 Statut | Order status | *
7 Quantité et date | Quantity and timing
9 Date et heure de l'action | Date and time of transaction
10 Saisi par | Entered by
12 Prescripteur | Ordering provider
13 Lieu de saisie | Enterer's location
15 Date d'effet | Order effective date
16 Motif | Order control reason | 1,3
17 Organisation demandeuse | Entering organization | 1,3
21 Organisation du prescripteur | Ordering facility
OBR Examen ou acte | Observation request
1 Numéro d'ordre | Set ID | *
2 Numéro du demandeur | Placer order number | 2,3,4
3 Numéro de l'exécutant | Filler order number | 2,3,4
4 Examen | Universal service ID | 1,3
5 Priorité | Priority | *
6 Date de la demande | Requested date
7 Début | Observation start
8 Fin | Observation end
10 Préleveur | Collector
13 Renseignements cliniques | Relevant clinical information
16 Prescripteur | Ordering provider
18 Numéro d'accession | Placer field 1
22 Date du résultat | Results date
24 Discipline | Diagnostic service section | *
25 Statut du résultat | Result status | *
27 Quantité et date | Quantity and timing
31 Motif de l'examen | Reason for study
32 Interprète principal | Principal interpreter
OBX Observation | Observation
1 Numéro d'ordre | Set ID | *
2 Type de valeur | Value type | *
3 Observation | Observation identifier | 1,3
4 Rang | Sub-ID | *
5 Valeur | Value
6 Unité | Units | 1,3
7 Valeurs de référence | Reference range
8 Indicateur d'anormalité | Abnormal flags
11 Statut | Result status | *
14 Date de l'observation | Date of observation
15 Producteur | Producer
16 Observateur responsable | Responsible observer
17 Méthode | Method | 1,3
23 Organisation exécutante | Performing organization
NTE Commentaire | Note
1 Numéro d'ordre | Set ID | *
2 Source | Source | *
3 Commentaire | Comment
TXA Document | Transcription document
1 Numéro d'ordre | Set ID | *
2 Type de document | Document type | 1,3
3 Format du contenu | Content presentation | *
4 Date de l'acte | Activity date
5 Auteur de l'activité | Primary activity provider
6 Date d'origine | Origination date
9 Auteur | Originator
12 Identifiant du document | Document number
13 Document remplacé | Parent document number
16 Nom du fichier | File name
17 Statut de complétude | Completion status | *
18 Confidentialité | Confidentiality | *
19 Disponibilité | Availability | *
22 Authentification | Authentication
PRT Participant | Participation
1 Identifiant | Participation ID
2 Action | Action | *
4 Rôle | Participation | 1,3
5 Personne | Person
8 Organisation | Organization
15 Coordonnées | Telecommunication
ROL Rôle | Role
1 Identifiant | Role instance ID
2 Action | Action | *
3 Rôle | Role | 1,3
4 Personne | Role person
TQ1 Fréquence et dates | Timing
1 Numéro d'ordre | Set ID | *
6 Durée | Service duration
7 Début | Start date
8 Fin | End date
9 Priorité | Priority | 1,3
IPC Procédure d'imagerie | Imaging procedure control
1 Numéro d'accession | Accession identifier | 2,3,4
2 Procédure demandée | Requested procedure ID | 2,3,4
3 Identifiant de l'étude | Study instance UID
4 Étape programmée | Scheduled procedure step ID | 2,3,4
5 Modalité | Modality | *
SCH Rendez-vous | Schedule activity
1 Numéro du demandeur | Placer appointment ID | 2,3,4
2 Numéro de l'agenda | Filler appointment ID | 2,3,4
6 Motif de l'événement | Event reason | 1,3
7 Motif du rendez-vous | Appointment reason | 1,3
8 Type de rendez-vous | Appointment type | 1,3
9 Durée | Duration
10 Unité de durée | Duration units | *
11 Date et heure | Timing
16 Contact | Filler contact person
25 Statut | Filler status | *
RGS Groupe de ressources | Resource group
1 Numéro d'ordre | Set ID | *
2 Action | Segment action code | *
AIS Service du rendez-vous | Appointment service
1 Numéro d'ordre | Set ID | *
2 Action | Segment action code | *
3 Service | Universal service ID | 1,3
4 Début | Start
7 Durée | Duration
10 Statut | Filler status | *
AIG Ressource du rendez-vous | Appointment resource
1 Numéro d'ordre | Set ID | *
2 Action | Segment action code | *
3 Ressource | Resource ID
4 Type de ressource | Resource type | 1,3
AIL Lieu du rendez-vous | Appointment location
1 Numéro d'ordre | Set ID | *
2 Action | Segment action code | *
3 Lieu | Location
AIP Personne du rendez-vous | Appointment personnel
1 Numéro d'ordre | Set ID | *
2 Action | Segment action code | *
3 Personne | Personnel
4 Rôle | Role | 1,3
MSA Acquittement | Acknowledgment
1 Code d'acquittement | Acknowledgment code | *
2 Message acquitté | Message control ID | *
3 Texte | Text
6 Condition d'erreur | Error condition | 1,3
ERR Erreur | Error
1 Code et place (ancien) | Code and location (former) | *
2 Place de l'erreur | Error location | *
3 Code d'erreur | Error code | 1,3
4 Gravité | Severity | *
5 Code de l'application | Application error code | 1,3
7 Diagnostic | Diagnostic information
8 Message pour l'utilisateur | User message
AL1 Allergie | Allergy
1 Numéro d'ordre | Set ID | *
2 Type | Type
3 Allergène | Allergen
DG1 Diagnostic | Diagnosis
1 Numéro d'ordre | Set ID | *
3 Diagnostic | Diagnosis
4 Libellé | Description
IN1 Couverture | Insurance
1 Numéro d'ordre | Set ID | *
2 Régime | Plan
3 Organisme | Company
SPM Prélèvement | Specimen
1 Numéro d'ordre | Set ID | *
2 Identifiant | Specimen ID
4 Nature | Specimen type | 1,3
17 Date du prélèvement | Collection date
`

interface FieldName {
  readonly fr: string
  readonly en: string
  /** Components that say nothing about a person; null: all of them, none: empty. */
  readonly kept: ReadonlySet<number> | null
}

const NOTHING: ReadonlySet<number> = new Set()
const NAMES: ReadonlyMap<string, FieldName> = read()

function read(): ReadonlyMap<string, FieldName> {
  const names = new Map<string, FieldName>()
  let segment = ''
  for (const line of TABLE.trim().split('\n')) {
    const [head = '', en = '', kept = ''] = line.split(' | ')
    const [first = '', ...french] = head.split(' ')
    const isField = /^\d+$/.test(first)
    if (!isField) segment = first
    const all = kept === '*' ? null : kept === '' ? NOTHING : new Set(kept.split(',').map(Number))
    names.set(isField ? `${segment}-${first}` : segment, { fr: french.join(' '), en, kept: all })
  }
  return names
}

/** What a segment (`PID`) or a field (`PID-3`) is called; null: it is known by its place only. */
export function nameOf(place: string, language: 'fr' | 'en'): string | null {
  return NAMES.get(place)?.[language] ?? null
}

/** May a component (from 1) of a field be shown to whoever may know nothing of the patient? What is not listed may not. */
export function isKept(segment: string, field: number, component: number): boolean {
  const kept = NAMES.get(`${segment}-${field}`)?.kept
  return kept === null || (kept?.has(component) ?? false)
}
