import type { ErrorCode } from './errors.ts'
import { CONFIGURATION_HELP_FR } from './help-configuration.ts'
import { HELP_CONFORMITY_FR } from './help-conformity.ts'
import { DIRECTORY_HELP_FR } from './help-directory.ts'
import { MAIL_HELP_FR } from './help-mail.ts'
import { STRUCTURES_HELP_FR } from './help-structures.ts'

/** One sentence of help per code, in French. */
export const HELP_FR: Readonly<Record<ErrorCode, string>> = {
  FRAME_TOO_LONG:
    'Le message dépasse la taille admise par cette entrée : augmentez maxFrame ou envoyez le document à part.',
  FRAME_TIMEOUT:
    "Un message s'est arrêté ou traînait en chemin et la connexion a été fermée : vérifiez le réseau de l'émetteur.",
  JUNK_LIMIT: "Trop d'octets hors des blocs MLLP : l'émetteur ne parle pas MLLP, ou parle TLS sur un port en clair.",
  IDLE_TIMEOUT: 'Le pair est resté silencieux au-delà de la limite ; il peut se reconnecter aussitôt.',
  HANDSHAKE_TIMEOUT:
    "La connexion s'est ouverte sans rien envoyer d'utile à temps : cherchez un scanner de ports ou un pair qui attend TLS.",
  CONNECTION_LIMIT:
    "L'entrée a atteint son nombre de connexions : augmentez maxConnections ou cherchez qui en ouvre tant.",
  PEER_CONNECTION_LIMIT: 'Ce pair a atteint son nombre de connexions : il devrait les réutiliser.',
  CERTIFICATE_EXPIRED: 'Le certificat du pair est hors de ses dates de validité : faites-le renouveler.',
  CERTIFICATE_FOREIGN: "Le certificat du pair est absent, révoqué, ou n'est pas signé par l'autorité de cette entrée.",
  CERTIFICATE_UNMAPPED:
    'Le certificat est valide mais aucun établissement ne le déclare : ajoutez émetteur et sujet sous senders.certificates.',
  CERTIFICATE_EXPIRES:
    "Un certificat de cette plateforme est échu, ou le sera dans les 60 jours : renouvelez son fichier ; la plateforme le reprend d'elle-même en une minute.",
  REVOCATION_STALE:
    "Une liste de révocation a dépassé sa prochaine mise à jour : récupérez la nouvelle auprès de l'autorité. Selon `crlStale`, ceux qu'elle couvre sont refusés, ou il n'y a qu'un avertissement.",
  TLS_FAILED: 'La négociation TLS a échoué : comparez versions, suites et certificats des deux côtés.',
  NOT_HL7: 'Les octets ne forment pas un message HL7 v2 : il doit commencer par MSH et ses délimiteurs.',
  FIELD_MISSING: 'Un champ indispensable est vide ; ERR-2 indique lequel.',
  FIELD_MALFORMED: "Un champ n'a pas la forme que son type exige ; ERR-2 indique lequel.",
  SEGMENT_END: "Les segments finissent par LF ou CR LF au lieu de CR : lu malgré tout ; corrigez l'émetteur.",
  CHARSET_UNKNOWN: 'MSH-18 nomme un jeu de caractères inconnu : les octets passent tels quels.',
  CHARSET_CONTRADICTED:
    "Les octets ne sont pas dans le jeu de caractères annoncé par MSH-18 : corrigez MSH-18 ou l'encodage de l'émetteur.",
  TYPE_UNSUPPORTED: "Ce type de message n'est pas transporté ; les requêtes (QBP, QRY) ne sont pas relayées.",
  EVENT_UNSUPPORTED: "Cet événement déclencheur n'est pas transporté.",
  PROCESSING_ID:
    "MSH-11 ne vaut ni P, ni T, ni D, ou aucun destinataire n'accepte cette sorte : les tests ne vont qu'en qualification, le réel qu'en production.",
  VERSION_UNSUPPORTED: "MSH-12 n'est pas une version de HL7 2.x.",
  DUPLICATE_CONTROL_ID:
    "Le même émetteur a déjà utilisé ce MSH-10 pour d'autres octets en 30 jours : chaque message doit avoir le sien.",
  UNKNOWN_SENDER: 'MSH-4 ne désigne aucun établissement de la région : déclarez-le sous senders.facilities.',
  SENDER_MISMATCH: "MSH-4 n'appartient pas à l'établissement que désigne le certificat ou la clé.",
  NOT_JSON:
    "Le corps n'est pas du JSON au sens de la RFC 8259, ou il est trop profond ou trop grand : l'expression dit où.",
  RESOURCE_MALFORMED: "Le corps n'est pas une ressource FHIR R4 en JSON : l'expression dit où.",
  PATCH_FAILED:
    "La modification ne s'applique pas à la version actuelle : relisez la ressource et refaites-la à partir d'elle.",
  NO_ROUTE:
    'Aucune route de region.yaml ne prend ce message : comparez sa sorte, son émetteur et son contenu aux routes.',
  PROCESSING_FAILED:
    "La plateforme a échoué en lisant ce message ; le journal technique a le détail. Rien n'a été pris en charge.",
  // Identities and identity events
  INS_STRIPPED:
    "L'identité n'est pas qualifiée (PID-32 sans VALI, ou identityStatus autre que QUAL) : son INS a été retirée de ce qui est envoyé et lu ; l'émetteur qualifie l'identité, puis renvoie.",
  INS_UNPROVED:
    "Une référence ne désigne le patient que par son INS, et rien ne dit que l'identité est qualifiée : elle est passée ; envoyez le Patient qualifié avec elle, ou avant.",
  INS_IN_DOCUMENT:
    "Le message porte un document et son identité n'est pas qualifiée : le document passe tel quel, une INS à l'intérieur comprise, mais ni par messagerie ni vers le patient.",
  INS_AUTHORITY:
    "Un identifiant se dit INS mais son autorité n'en attribue pas : l'OID doit finir par .4.8, .4.9, .4.10 ou .4.11.",
  INS_KEY:
    "L'INS n'est pas un matricule de 15 caractères avec sa clé : l'émetteur la relit auprès du téléservice INSi.",
  INS_TRAITS:
    "Une INS s'envoie avec le nom de naissance (type L), la date de naissance et le sexe M ou F : l'un d'eux manque.",
  INS_AMBIGUOUS:
    "Le patient a deux INS différentes d'une même autorité : ce sont peut-être deux personnes ; l'émetteur corrige l'identité.",
  STATUS_CONTRADICTED:
    "Les statuts de l'identité se contredisent : douteuse et fictive s'excluent et ne vont pas avec validée ; une date de naissance corrigée (ZFD-4) demande de revérifier l'INS.",
  TEST_IDENTITY: 'Une INS de test ou de démonstration dans un message de production : il est traité comme un test.',
  IDENTIFIER_FAULT:
    "Un numéro (RPPS, IdNPS, FINESS, SIREN …) a une forme ou une clé fausse : cherchez une faute de frappe dans l'annuaire de l'émetteur.",
  PATIENT_MERGED:
    'Une fusion (A40) : les Patient conservés ici sous les identifiants fusionnés sont clos et renvoient à celui qui continue.',
  IDENTIFIER_CHANGED: 'Un identifiant de patient a été changé (A47), y compris dans les Patient conservés ici.',
  IDENTIFIER_REMOVED: 'Un identifiant de patient a été supprimé (A47), y compris dans les Patient conservés ici.',
  INS_REMOVED:
    "Une identité n'est plus qualifiée (A47) : toute INS a été retirée des Patient conservés ici, et leur statut changé.",
  INS_NIR_KNOWN:
    'Un patient connu par un NIA provisoire a désormais un NIR : les Patient conservés ici portent les deux, le NIR comme officiel.',
  ADMISSION_AWAITED:
    "Un mouvement est arrivé avant l'admission de sa venue, l'a attendue le temps d'awaitAdmission, puis est parti sans elle : demander l'admission à l'émetteur.",
  // HL7 v2 rules
  SEGMENT_MISSING: 'Un segment que ce message doit porter est absent ; ERR-2 indique lequel.',
  SEGMENT_ORDER: "Un segment n'est pas à sa place dans la structure du message ; ERR-2 indique lequel.",
  SEGMENT_UNEXPECTED: "Un segment n'a pas de place dans ce message ; ERR-2 indique lequel.",
  CARDINALITY: 'Un segment ou un champ est présent plus ou moins souvent que permis ; ERR-2 indique lequel.',
  FIELD_FORBIDDEN: 'Un champ interdit par le guide (X, cardinalité 0 à 0) est renseigné ; ERR-2 indique lequel.',
  VALUE_UNLISTED: "Une valeur n'est dans aucune des listes admises par le guide ; ERR-2 indique laquelle.",
  CONTENT_DISAGREES: 'Deux parties du message se contredisent ; ERR-2 indique où.',
  EVENT_EXCLUDED: 'Le guide suivi par ce message en exclut cet événement ; le texte dit lequel employer.',
  VERSION_UNEXPECTED: 'Ce type de message a une autre version (MSH-12) dans les guides français.',
  // Documents inside (CDA) and orders
  CDA_DOCTYPE:
    "Un document en OBX-5 commence par un type de document (DOCTYPE), par lequel le XML peut lire des fichiers et épuiser un lecteur : l'émetteur l'écrit sans.",
  CDA_ENCODING:
    "Un document en OBX-5 n'est pas dans l'encodage qu'il déclare, ou dans un encodage qui n'est pas lu ici : l'émetteur écrit en UTF-8.",
  CDA_UNREADABLE:
    "Un document en OBX-5 ne se lit pas jusqu'au bout : base64 cassé, XML mal formé ou au-delà des limites, ou autre chose qu'un ClinicalDocument. Il est passé tel quel, sauf si l'émetteur est strict.",
  CDA_PATIENT_MISMATCH:
    "Le document joint est celui d'un autre patient que PID : l'émetteur recherche le document interverti avant tout classement.",
  CDA_PATIENT_UNPROVEN:
    "PID-3 et le recordTarget du document n'ont aucun identifiant commun : rien ne dit qu'il s'agit du même patient.",
  CDA_INS_MISMATCH:
    "Le document joint porte une autre INS que PID-3 : l'émetteur recherche le document interverti avant tout classement.",
  CDA_INS_ABSENT: "PID-3 a une INS et le document joint n'en a pas : le document est à refaire avec elle.",
  CDA_TRAITS_INCOMPLETE:
    "Le document joint porte une INS sans tout ce qui l'accompagne : nom de naissance, premier prénom, date de naissance, sexe M ou F.",
  CDA_TRAITS_DIFFER:
    "PID et le document joint ont un identifiant commun, mais pas le nom, la date de naissance ou le sexe : l'émetteur compare les deux identités.",
  CDA_ID_MISMATCH: 'TXA-12 ne désigne pas le document que porte le message.',
  CDA_CODE_MISMATCH: 'OBX-3, OBR-4 ou TXA-2 désigne un autre type que le document joint.',
  ORDER_UNKNOWN:
    "Le message annule une demande, ou y répond, que cette plateforme n'a pas transportée (ORC-2) : comparez son numéro et son autorité avec la demande.",
  ORDER_DUPLICATE:
    'Une demande avec ce numéro (ORC-2) a déjà été transportée, dans un autre message : chaque demande a son numéro.',
  ORDER_ANSWERED: "La demande a reçu sa réponse avant d'être annulée : voyez avec la plateforme de téléradiologie.",
  MESSAGE_UNKNOWN:
    "L'accusé désigne un message (OBX-4) que cette plateforme n'a transporté ni vers son émetteur ni depuis son destinataire : comparez avec MSH-10 du message du document.",
  ADDRESS_FOREIGN:
    "Une adresse du message n'est pas celle d'un hôte autorisé par la région (profiles/tables/viewer-hosts.csv) : rien n'a été appelé ; ajoutez l'hôte, ou corrigez l'émetteur.",
  // FHIR profiles
  ELEMENT_MISSING: "Un élément exigé par le profil manque : l'expression dit lequel.",
  ELEMENT_UNEXPECTED:
    "Un élément se trouve là où le type ou le profil n'en a pas, trop de fois, ou sous une autre forme JSON : l'expression dit lequel.",
  VALUE_MALFORMED:
    "Une valeur n'a pas la forme de son type, ou n'est pas celle que le profil fixe : l'expression dit laquelle.",
  CODE_NOT_ALLOWED: "Un code n'est pas dans le jeu de valeurs auquel le profil lie l'élément.",
  RULE_BROKEN: "Une règle (invariant) du type ou du profil n'est pas respectée : sa clé dit laquelle.",
  REFERENCE_UNRESOLVED:
    'Une référence ne mène à rien dans ce Bundle ou cette ressource : envoyer aussi ce à quoi elle renvoie.',
  REFERENCE_TARGET: "Une référence mène à une ressource d'un type ou d'un profil qui n'a pas sa place ici.",
  EXTENSION_UNKNOWN:
    "Une extension modificatrice n'est pas connue ici : ce qu'elle change ne peut être compris, la ressource non plus.",
  PROFILE_UNKNOWN: "La ressource se réclame d'un profil qui n'est pas chargé : elle a été jugée sans lui.",
  VALIDATION_CUT: "La ressource est trop grande, ou compte trop d'erreurs, pour être jugée jusqu'au bout.",
  // Bridges
  CHARSET_UNMAPPABLE:
    "Le message contient un caractère que le jeu de caractères de la destination n'a pas : le faire écrire autrement, ou y mettre `unmappable: replace`.",
  CHARSET_REPLACED:
    "Des caractères que le jeu de caractères de la destination n'a pas ont été remplacés par les plus proches.",
  CHARSET_CONVERTED: 'Le message a été écrit dans le jeu de caractères de la destination, et MSH-18 avec lui.',
  CONVERTED: 'Le message a été converti au format que sa route demande.',
  CONVERSION_LOSS: "Ce qui est à cet endroit n'a pas d'équivalent dans l'autre format et a été laissé de côté.",
  PRIOR_VERSION_GONE:
    "La version précédente du Patient n'est plus conservée : la mise à jour est partie en A31, et si un identifiant a changé, le destinataire l'ignore.",
  CONVERSION_NONE:
    "Il n'y a pas de conversion de cette sorte de message vers le format que sa route demande : docs/bridges.md donne la liste.",
  EDIT_FAILED: "Une retouche de la route ne s'applique pas à ce message : corrigez-la, ou sa table, et renvoyez.",
  CONVERSION_FAILED: 'Il manque au message ce que sa conversion demande ; le constat dit à quel endroit.',
  STORE_FULL: "Le disque est plein : rien de nouveau n'est accepté ; libérez de la place, la reprise est automatique.",
  STORE_FAILED: "Le disque n'a pas conservé une écriture. La plateforme s'arrête ; vérifiez le disque puis relancez.",
  STORE_UNREACHABLE:
    "La base de données ne répond pas : rien de nouveau n'est accepté d'ici là ; vérifiez-la, et le chemin.",
  STORE_UNSAFE:
    'La base perd ce qu’elle confirme (activez fsync, synchronous_commit) ou n’est pas en UTF8 ; ou le dossier du dépôt n’est sur aucun disque.',
  DISK_LOW: "L'espace disque libre est sous la réserve : les nouveaux messages sont refusés, les remises continuent.",
  DRAINING: "La plateforme s'arrête ; renvoyez à son retour.",
  STORE_HELD: 'Un autre processus tient ce dépôt ; le message dit lequel. Passez par son API HTTP ou arrêtez-le.',
  STORE_DAMAGED:
    'Un enregistrement ne correspond pas à sa somme de contrôle : gardez les fichiers, restaurez la dernière sauvegarde, lancez passerelle verify.',
  STORE_NEWER: "Le dépôt vient d'une version plus récente : utilisez-la, ou une sauvegarde d'avant la mise à jour.",
  NODES_OLDER:
    'Cette version modifie le dépôt et les précédentes ne pourront plus y travailler : arrêtez les nœuds que le message nomme, puis démarrez celle-ci.',
  BODY_DAMAGED:
    "Les octets d'un message manquent ou ne correspondent pas à leur somme de contrôle : lancez passerelle verify.",
  STORE_MOVED:
    "Le dépôt a été déplacé vers un autre, ou est en cours de déplacement : servez-vous de l'autre. Si rien ne le sert, passerelle move --undo rend celui-ci.",
  STORE_UNFINISHED: "Un déplacement vers ce dépôt n'est pas terminé : relancez la même commande passerelle move.",
  QUERY_TIMEOUT: 'La question a pris plus de 2 s et a été arrêtée : précisez-la.',
  START_TIMEOUT:
    "Au relais, la nouvelle plateforme n'a pas ouvert ses portes à temps et a été arrêtée ; l'ancienne continue. Voir les dernières lignes de la nouvelle.",
  AUDIT_BROKEN:
    "Des événements ont disparu du dépôt avant d'être scellés dans l'audit : il a été modifié de l'extérieur. Gardez-le en l'état, exportez l'audit et comparez à une sauvegarde.",
  LEASE_LOST: 'Ce nœud ne dessert plus la destination ; un autre prend la suite de lui-même.',
  CONNECT_FAILED: "Le destinataire n'accepte pas de connexion : il est arrêté, ou hôte et port sont faux.",
  CONNECTION_CUT: "La connexion s'est rompue après l'envoi : le destinataire a peut-être le message.",
  ANSWER_TIMEOUT: 'Pas de réponse à temps : le destinataire a peut-être le message.',
  ANSWER_WRONG_ID: "La réponse nommait un autre message (MSA-2) : connexion coupée, rien n'est tenu pour acquis.",
  ANSWER_GARBAGE: "Ce qui est revenu n'est pas une réponse de ce protocole : vérifiez ce qui écoute à cette adresse.",
  ACK_ERROR:
    'Le destinataire ne peut pas prendre le message maintenant (AE du standard de base, AR des volets français).',
  ACK_REJECT:
    'Le destinataire a refusé ce message : lisez sa réponse, corrigez le contenu ou la correspondance, puis réessayez.',
  DESTINATION_BUSY:
    "Le destinataire est surchargé ou en maintenance (HTTP 408, 429, 503) : il est sollicité à nouveau, pas avant l'heure qu'il indique (Retry-After, 1 h au plus).",
  DESTINATION_FAULT:
    "Le destinataire a échoué alors qu'il tenait le message (HTTP 500, 502, 504) : il l'a peut-être pris, peut-être pas.",
  DESTINATION_REFUSES_US:
    'Le destinataire ne nous laisse pas entrer (HTTP 401, 403, 404 ; SMTP 5xx d’emblée) : vérifiez url, clé et certificat.',
  UNFIT_FOR_DESTINATION:
    'Ce destinataire ne prend pas les messages de ce format : FHIR vers un type fhir, HL7 v2 vers mllp ou http.',
  MAP_MISSING:
    "Une valeur n'a pas de ligne dans la table d'une modification map ; elle est partie telle quelle : ajoutez-la.",
  DELIVERY_EXPIRED:
    "La remise a été tentée jusqu'à sa limite (expires) : clôturez-la ou réessayez quand le destinataire est revenu.",
  CRASHED: "La plateforme s'est arrêtée pendant cette remise : le destinataire a peut-être le message.",
  POISONED:
    "La plateforme a échoué plusieurs fois sur ce message et l'a mis de côté : voir ses tentatives et le journal.",
  DESTINATION_GONE: "La configuration n'a plus ce destinataire : remettez-le, ou clôturez la remise.",
  ORDER_OVERTAKEN: 'Cette remise urgente est passée devant une précédente du même patient qui ne pouvait partir.',
  WRONG_USE: "Un destinataire de l'autre sorte (qualification ou production) a été écarté.",
  ALERT_AFTER:
    "Une remise urgente n'est toujours pas arrivée après alertAfter : téléphonez et vérifiez le destinataire.",
  LATE_REFUSAL: "Le destinataire a d'abord pris le message, puis répondu AE ou AR : demandez-lui ce qu'il en est.",
  ANSWER_UNMATCHED: 'Une réponse ne désigne aucun de nos messages ; elle est conservée.',
  CLOCK_SKEW: "L'horloge de la machine a sauté, ou n'est pas celle de la base : vérifiez sa source de temps.",
  // Alerts
  SILENT:
    "Un établissement n'envoie plus rien depuis plus longtemps qu'il n'est habituel à cette heure de la semaine : demandez-lui si son interface fonctionne.",
  QUEUE_OLD:
    'Le plus ancien message attend son destinataire plus longtemps que prévu : voyez pourquoi les essais échouent.',
  UNREACHED:
    "Rien n'atteint le destinataire : il est arrêté, le réseau est coupé ou il ne nous laisse pas entrer. Testez la connexion, puis appelez son exploitant.",
  ERROR_RATE:
    'Beaucoup de remises échouent : lisez les dernières erreurs du destinataire et les anomalies de ses messages.',
  REFUSAL_RATE:
    "Une grande part de ce qu'un établissement envoie est refusée à l'entrée : lisez les motifs et prévenez l'éditeur de son logiciel.",
  WORK_PARKED: 'Des remises attendent une personne : réessayez, laissez passer les suivants ou clôturez chacune.',
  NOT_CONSERVED:
    'Reçus ≠ terminés + en cours + à traiter : un défaut de la plateforme. Gardez le dépôt en état, lancez passerelle verify et appelez le support.',
  DISK_NEARLY_LOW:
    "L'espace disque approche de la réserve sous laquelle plus rien n'est accepté : libérez de la place.",
  NOTICE_UNSENT: 'Les alertes ne partent plus par ce canal (notify) : vérifiez son adresse, sa clé et le réseau.',
  CONFORMITY_REGRESSED:
    "Une exigence d'un référentiel est moins bien remplie qu'avant : voyez la page Conformité de l'établissement.",
  VIEWER_LIMIT: 'Trop de pages suivies en direct sont ouvertes : fermez-en, ou actualisez à la main.',
  // Telemedicine: images
  DICOM_MALFORMED:
    "Les octets ne forment pas un fichier DICOM (partie 10), ou ses éléments sont dans le désordre : envoyez le fichier tel que la modalité ou le PACS l'a écrit.",
  DICOM_SYNTAX:
    "La syntaxe de transfert est compressée par « deflate » ou gros-boutiste, ce qui n'est pas transporté : faites envoyer du petit-boutiste explicite ou une image compressée.",
  DICOM_HEAD_TOO_LONG:
    "Les éléments qui précèdent le numéro d'image dépassent 4 Mio : rien de cette taille n'est lu en mémoire.",
  MULTIPART_MALFORMED: "Le corps n'est pas un multipart/related conforme à sa frontière, ou il s'est interrompu.",
  MULTIPART_TOO_LONG:
    "Le corps a trop de parties, ou des en-têtes de parties trop longs : envoyez l'examen en plusieurs requêtes.",
  IMAGE_REFUSED: "Le PACS du centre a refusé l'image : interrogez ses exploitants, puis renvoyez l'examen.",
  IMAGE_CHANGED: "L'image reçue n'est pas celle qui a été demandée : le PACS du site répond avec un autre UID.",
  IMAGES_ABSENT:
    "Le PACS n'a pas encore cet examen ou cette image : il est interrogé à nouveau jusqu'à la clôture du dossier.",
  IMAGES_INCOMPLETE:
    "Le PACS du centre n'affiche pas toutes les images qu'il a prises : celles qui manquent sont renvoyées.",
  IMAGES_NO_ARCHIVE:
    "L'établissement n'a pas d'archive DICOMweb déclarée pour cet usage : ajoutez-la au fichier de la région, ou annoncez l'examen par son numéro.",
  IMAGES_NO_ROOM:
    "Le dossier des images reçues est plein, ou trop d'examens arrivent à la fois : renvoyez plus tard, ou donnez-lui de la place.",
  IMAGES_OTHER_PATIENT:
    "Identité à vérifier : identifiant, émetteur, nom ou date de naissance des images ne sont pas ceux du dossier. L'examen est retenu jusqu'à la confirmation d'une personne, d'un côté ou de l'autre.",
  IMAGES_PATIENT_UNKNOWN:
    "Identité à vérifier : rien dans le dossier ni dans les images ne prouve qu'il s'agit du même patient. L'examen est retenu jusqu'à la confirmation d'une personne, d'un côté ou de l'autre.",
  IMAGES_COERCED:
    "L'émetteur de l'identifiant patient a été ajouté, ou l'identifiant préfixé, pour qu'il soit sans équivoque dans le PACS du centre.",
  ...CONFIGURATION_HELP_FR,
  BAD_REQUEST: "La requête n'a pas la forme demandée par l'API.",
  COMMAND_FAILED: "Une commande n'a pas pu faire ce qui était demandé : sa phrase (detail) dit pourquoi.",
  UNAUTHORIZED: 'Une connexion ou une clé valable est nécessaire : Authorization: Bearer CLÉ.',
  FORBIDDEN: "Votre rôle ne permet pas cela ; docs/roles.md dit ce que peut chaque rôle. Le refus figure dans l'audit.",
  NOT_FOUND: 'Rien de tel ici, ou cette clé ne permet pas de le voir.',
  CONDITION_FAILED:
    'La condition de la requête n’est pas remplie : relisez la ressource ou désignez-la plus précisément.',
  BUNDLE_TOO_LONG: 'Une transaction, un lot ou un message a plus de 500 entrées : envoyez-le en plusieurs fois.',
  METHOD_NOT_ALLOWED: "Cette adresse existe mais n'admet pas cette méthode ; Allow dit lesquelles.",
  NOT_ACCEPTABLE:
    'La réponse ne peut être écrite dans aucun format demandé par Accept ou _format : seul JSON est parlé ici.',
  MEDIA_TYPE: "Le Content-Type ou le Content-Encoding de la requête n'est pas admis à cette adresse.",
  SECOND_PERSON:
    "Un renvoi vers un destinataire que le message n'avait pas est demandé par une personne et approuvé par une autre : voir À traiter.",
  ERASE_BARRED:
    "Rien n'est effacé : une remise du patient est en cours ou à traiter, un dossier est ouvert, ou une conservation légale l'interdit. La simulation dit lesquels.",
  ERASE_CHANGED:
    "Ce qui est conservé du patient a changé depuis la simulation, ou elle n'a pas été faite ; rien n'est effacé, simulez à nouveau.",
  PATIENT_AMBIGUOUS:
    "Plus de messages portent cet identifiant qu'une seule personne ne peut en avoir ; donnez-en un autre, avec son autorité.",
  WRONG_STATE: "L'état actuel ne le permet pas, ou plus ; relisez-le.",
  RATE_LIMITED: "Trop d'appels en échec ou sans clé ; attendez une minute.",
  INTERNAL: 'Une erreur imprévue ; le journal technique la garde sous le même numéro de requête.',
  // Telemedicine: cases
  CASE_NOT_FOUND: "Ce dossier n'existe pas, ou vous n'y participez pas.",
  CASE_FORBIDDEN: "Cet acte revient à une autre partie du dossier ; l'aide de l'acte dit laquelle.",
  CASE_STATE: "Le dossier n'est pas dans un état qui le permet ; relisez-le.",
  CASE_CLOSED:
    "Le dossier est clos ; ce qui vient tard s'écrit dans un nouveau dossier, marqué comme saisi après coup.",
  CASE_TAKEN: 'Un autre centre a accepté le dossier.',
  CASE_VERSION: "Le dossier a changé depuis qu'il a été lu ; relisez-le, puis décidez.",
  CASE_ACT:
    "L'acte nomme ce que le service ou le dossier n'a pas : une échelle d'alerte, une décision, un examen, une demande.",
  CASE_IN_TRANSACTION:
    'Une transaction ne fait avancer aucun dossier et ne prend aucun rendez-vous : envoyez la Task ou l’Appointment à part, ou dans un lot (batch).',
  CASE_SERVICE: "La région n'offre pas ce service, ou pas à cet établissement.",
  CASE_PATIENT: "Numéro d'un dossier pour un autre patient, ou deux dossiers d'un patient : comparez-les.",
  CASE_UNWRITTEN:
    "Ce qu'un dossier dit aux autres systèmes n'a pas pu être écrit : ils ignorent le changement. Téléphonez-leur.",
  CASE_UNREAD: "Un message d'un dossier n'a pas pu être lu : consultez le message et appelez le demandeur.",
  // Telemedicine: duty and notices
  DUTY_OVERLAP:
    "Deux personnes sont de garde aux mêmes heures à la même place ; la réponse dit lesquelles. Raccourcissez l'une des deux, rien n'a été enregistré.",
  DUTY_INCOMPLETE:
    "Des heures n'ont personne de garde ; la réponse dit lesquelles. Complétez-les, rien n'a été enregistré.",
  DUTY_MALFORMED:
    "Une garde finit avant de commencer, sort des heures enregistrées, ou son nom, son RPPS, son numéro ou sa place ne convient pas. Corrigez-la, rien n'a été enregistré.",
  DUTY_EMPTY: "Des heures des sept prochains jours n'ont personne de garde : complétez le tableau de garde du centre.",
  DUTY_UNTAKEN: "La garde a commencé et personne ne l'a prise : appelez la personne prévue, ou changez le tableau.",
  DUTY_UNHEARD:
    "La garde est prise, mais le son, le SMS ou l'appel d'essai n'est pas arrivé : vérifiez le numéro et le poste, sinon une alerte peut passer inaperçue.",
  NOTICE_NO_NUMBER:
    "Personne n'est de garde à cette place, ou aucun numéro n'est connu : rien n'a été envoyé par ce moyen.",
  NOTICE_UNDELIVERED: "Le service d'envoi dit que le SMS ou l'appel n'est pas arrivé à son destinataire.",
  CARE_UNTOLD:
    "Une alerte de télémédecine n'est pas partie, faute de numéro ou parce que le service d'envoi la refuse : appelez vous-même la personne, puis corrigez le tableau de garde ou l'envoi.",
  // Sign-in and sessions
  SIGN_IN_EXPIRED:
    "La demande de connexion a expiré, a déjà servi, ou vient d'un autre onglet ou navigateur : recommencez la connexion.",
  PROVIDER_UNREACHABLE:
    "Le fournisseur d'identité ne répond pas : réessayez, ou choisissez une autre voie de connexion.",
  PROVIDER_REFUSED:
    "Le fournisseur d'identité a refusé la connexion, ou elle a été abandonnée : recommencez ; si cela dure, l'administrateur vérifie clientId, secret et adresse de retour.",
  PROVIDER_UNTRUSTED:
    "La réponse du fournisseur d'identité n'est pas digne de confiance (signature, émetteur, destinataire, nonce ou niveau) : personne n'est connecté ; l'administrateur lit la règle au journal technique.",
  PERSON_UNKNOWN:
    "Votre identité est reconnue mais aucun rôle ne vous est accordé ici : donnez l'identifiant ci-dessous à l'administrateur de la plateforme.",
  ADDRESS_UNKNOWN:
    "L'adresse appelée n'est pas connue comme la nôtre : l'administrateur renseigne publicUrl de cette entrée.",
  LAUNCH_REFUSED:
    "Le lancement depuis le dossier patient n'est pas valable (signature, durée de 60 s, déjà utilisé, destinataire ou utilisateur sans rôle dans cet établissement) : relancez depuis le dossier.",
  LAUNCH_IN_CLEAR:
    "Le jeton de lancement nomme un patient dans une adresse lisible : le dossier patient l'envoie par formulaire (POST).",
  EMERGENCY_REFUSED:
    'Compte, mot de passe ou code à usage unique faux, ou code déjà utilisé : attendez le code suivant, puis réessayez.',
  BREAK_GLASS:
    "Quelqu'un s'est connecté par l'accès d'urgence (bris de glace) : vérifiez qui et pourquoi, puis changez le mot de passe.",
  CROSS_SITE:
    "La demande vient d'une page d'un autre site, ou d'un programme qui montre un cookie : passez par la page elle-même, ou par une clé.",
  // Appointments, sessions and photos
  SLOT_TAKEN: "Ce créneau vient d'être pris, ou il est passé : choisissez-en un autre.",
  SLOT_OVERLAPS: "Le centre propose déjà une partie de ce temps ; rien n'a été ajouté.",
  SERVICE_UNKNOWN: 'La région ne propose pas ce service, ou il se fait sans rendez-vous ni séance.',
  CENTRE_NOT_OFFERED: 'Ce centre ne répond pas à cet établissement pour ce service.',
  CONSENT_MISSING:
    "Le consentement du patient manque ou a été retiré : enregistrez-le, avec qui l'a recueilli et quand, avant la séance.",
  TOO_EARLY: "Il est trop tôt : le rendez-vous n'a pas commencé.",
  SESSION_TOKEN:
    "Le lien de la séance n'est pas valable (modifié, expiré ou d'une autre séance) : ouvrez-le à nouveau depuis le dossier.",
  AGENDA_DIFFERS: "Un rendez-vous dit par un système n'a pas été suivi : les agendas diffèrent ; appelez le centre.",
  APPOINTMENT_UNREAD: "Créneau ou rendez-vous inutilisable (service, dossier ou heure inconnus) : rien n'a changé.",
  ATTACHMENT_TYPE: "Les photos sont en JPEG ou PNG, les documents en PDF ; ce fichier n'est pas ce qu'il annonce.",
  UPLOAD_TOO_LONG: 'Le fichier est plus grand que ce qui est admis : envoyez-en un plus petit.',
  UPLOAD_COUNT:
    'Le dossier a déjà autant de photos et de documents que possible, ou trop d’envois sont en cours : terminez-en ou retirez-en.',
  OFFSET_WRONG: 'Ces octets ne suivent pas ce qui a été reçu : demandez où en est l’envoi et reprenez de là.',
  UPLOAD_DAMAGED: "Le fichier est arrivé mais n'est pas celui annoncé : envoyez-le à nouveau.",
  PHOTO_UNREADABLE: 'La photo est abîmée ou ne peut être réécrite sans ce qui y est caché : reprenez-la.',
  PHOTO_TOO_LARGE: 'La photo a plus de pixels que ce qui est admis : reprenez-la en plus petite taille.',
  PHOTOS_UNAVAILABLE: "Les photos ne peuvent pas être préparées ici pour l'instant ; réessayez, ou envoyez un PDF.",
  ...MAIL_HELP_FR,
  ...DIRECTORY_HELP_FR,
  ...STRUCTURES_HELP_FR,
  // Documents by mail
  XDM_UNREADABLE:
    "L'archive de documents (IHE_XDM.ZIP) ne peut pas être ouverte : elle est endommagée, chiffrée, ou n'est pas un ZIP ordinaire. Rien n'en a été lu ; demandez-en une autre à l'émetteur.",
  XDM_LIMITS:
    "L'archive de documents (IHE_XDM.ZIP) a trop de fichiers ou serait trop grande une fois ouverte. Rien n'en a été lu.",
  XDM_NAME:
    "Un fichier de l'archive de documents (IHE_XDM.ZIP) a un nom qui mène hors de celle-ci, est un lien, ou y figure deux fois. Rien n'en a été lu.",
  XDM_METADATA:
    'Plusieurs archives IHE_XDM.ZIP, ou aucun METADATA.XML lisible : absent ou multiple, DOCTYPE, XML mal formé, lot de soumission absent ou multiple, aucun document.',
  XDM_PATIENTS:
    "L'archive de documents parle de plusieurs patients, alors qu'un message ne parle que d'un seul. Voyez avec l'émetteur ; aucun de ses documents n'est transmis.",
  XDM_FIELD_MISSING:
    "METADATA.XML de l'archive de documents ne dit pas quelque chose d'obligatoire. L'émetteur doit l'ajouter.",
  XDM_FILE_MISSING:
    "Il manque à l'archive de documents un fichier destiné aux personnes, README.TXT ou INDEX.HTM. L'émetteur doit l'ajouter.",
  XDM_FILE_UNLISTED:
    "L'archive de documents contient des fichiers que METADATA.XML ne cite pas : ils n'ont pas été lus.",
  XDM_DOCUMENT_MISSING: "METADATA.XML cite un document qui n'est pas dans l'archive. Demandez-le à l'émetteur.",
  XDM_HASH:
    "Un document de l'archive n'est pas celui que METADATA.XML décrit : son empreinte ou sa taille diffère. Voyez avec l'émetteur.",
  DOCUMENT_RECIPIENT_NONE:
    "Le document est destiné à des professionnels par courriel et n'en nomme aucun (PRT-4 RCT). L'émetteur doit les nommer.",
  DOCUMENT_MASKED:
    "Le document est masqué aux professionnels (MASQUE_PS) : il ne part vers aucun d'eux, hormis son auteur.",
  DOCUMENT_INVISIBLE:
    'Le document ne doit pas être vu du patient (INVISIBLE_PATIENT) : il ne part pas vers la boîte du patient.',
  DOCUMENT_INVISIBLE_GUARDIANS:
    "Le document ne doit pas être vu des représentants légaux (INVISIBLE_REP_LEGAUX), qui peuvent lire la boîte d'un mineur : il n'y part pas.",
  DOCUMENT_SECRET:
    "L'émetteur demande une connexion secrète (CONNEXION_SECRETE) : le document ne part pas vers la boîte du patient.",
  DOCUMENT_OTHER_PATIENT:
    "Le document ne parle pas du patient du message : il ne part pas par courriel. Vérifiez l'un et l'autre, puis renvoyez-le.",
  DOCUMENT_INS_UNQUALIFIED:
    "Le document contient un INS alors que l'identité du message n'est pas qualifiée : il ne part pas par courriel. Qualifiez l'identité puis renvoyez-le.",
  DOCUMENT_IDENTITY_UNQUALIFIED:
    "L'adresse de la boîte d'un patient est son INS, et l'identité du message n'est pas qualifiée : rien n'y part. Qualifiez l'identité puis renvoyez le document.",
  DOCUMENT_OTHER_BOX:
    "L'adresse de la boîte du patient n'est pas l'INS du message : rien n'y part. Vérifiez l'adresse (PRT-15) et l'identité (PID-3).",
  DOCUMENT_NOT_ADDRESSED:
    'Un destinataire est nommé que les consignes écartent (DESTMSSANTEPS, DESTMSSANTEPAT ou DESTDMP ne vaut pas Y) : rien ne lui est envoyé.',
  DOCUMENT_ADDRESS_UNKNOWN:
    "Un destinataire est nommé sans adresse de messagerie sécurisée (PRT-15.4), et aucune n'est connue : rien ne lui est envoyé.",
  DOCUMENT_NO_DMP:
    "Le document est destiné au DMP (DESTDMP=Y) et sa route n'a pas de connecteur DMP : il n'y est pas parti.",
  DOCUMENTS_MAILBOX: 'La boîte des documents (mail.operator.documents) manque, est suspendue ou sans type APP.',
  DOCUMENTS_FAILED: 'Un document par messagerie a échoué, sans reprise : voyez le journal, faites-le renvoyer.',
  MAIL_HEADER_DISAGREES:
    "Un en-tête du courriel (X-MSS-CODECDA, X-MSS-INS) ne dit pas ce que contiennent ses documents. L'émetteur doit le corriger.",
  ...HELP_CONFORMITY_FR,
}
