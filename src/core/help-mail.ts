/** Sentences of help for the codes of secure mail. */
import type { ErrorCode } from './errors.ts'

/** In French. */
export const MAIL_HELP_FR = {
  // Secure mail: the white list
  WHITELIST_UNREAD:
    "La liste blanche n'a pas pu être récupérée ou lue (réseau, TLS, réponse, fichier) : la dernière bonne reste en service ; vérifiez l'éditeur de la liste et l'accès à celui-ci.",
  WHITELIST_TOO_LARGE: 'La liste blanche est plus grande que ce qui est admis ; la dernière bonne reste en service.',
  WHITELIST_DOCTYPE:
    "La liste blanche contient un DOCTYPE, qui n'est jamais lu ; la dernière bonne reste en service. Prévenez son éditeur.",
  WHITELIST_FORM:
    "Ce n'est pas une liste blanche dans sa forme publiée (XML mal formé, liste dans la liste, sans date, trop de lignes) ; la dernière bonne reste en service.",
  WHITELIST_UNSIGNED: "La liste blanche n'est pas signée : elle est refusée et la dernière bonne reste en service.",
  WHITELIST_SIGNATURE_FORM:
    "La signature de la liste blanche n'est pas valable ou n'a pas la seule forme admise ; la dernière bonne reste en service.",
  WHITELIST_TAMPERED:
    "La liste blanche n'est pas celle qui a été signée : elle a été modifiée. Elle est refusée et la dernière bonne reste en service. Cherchez par qui.",
  WHITELIST_SIGNER:
    "La liste blanche est signée par un autre que le signataire configuré, ou par un certificat qui n'était pas valable ; la dernière bonne reste en service.",
  WHITELIST_OLDER: 'Cette liste blanche est plus ancienne que celle en service : elle est refusée.',
  WHITELIST_FUTURE: 'Cette liste blanche se dit fabriquée dans le futur : elle est refusée. Vérifiez les horloges.',
  WHITELIST_SHRUNK:
    "La nouvelle liste blanche a beaucoup moins de lignes que celle en service. Elle attend qu'un administrateur la confirme avec un motif ; la dernière bonne reste en service.",
  WHITELIST_ROW:
    "Une ligne de la liste blanche n'est pas utilisable (domaine ou sujet de certificat illisible, ou répétition) ; les autres lignes comptent.",
  WHITELIST_CRL_STALE:
    "Une liste de révocation de la liste blanche a dépassé sa prochaine mise à jour : mettez-y la nouvelle. Selon `crlStale`, aucune liste blanche n'est prise d'ici là, ou ceci n'est qu'un avertissement.",
  WHITELIST_NONE:
    "Il n'y a pas de liste blanche : aucun courrier n'est pris ni envoyé tant qu'une liste n'a pas été récupérée et vérifiée.",
  WHITELIST_STALE:
    "La liste blanche n'a pas été confirmée depuis des heures ; la dernière bonne est encore en service. Vérifiez l'éditeur et l'accès à celui-ci.",
  WHITELIST_OLD:
    "La liste blanche n'a pas été confirmée depuis un jour ou plus : le courrier s'arrêtera bientôt. Vérifiez l'éditeur maintenant.",
  WHITELIST_CLOSED:
    "La liste blanche est trop ancienne pour s'y fier : le courrier attend, rien n'est rejeté. Il reprend avec une liste fraîche, ou si un administrateur prolonge l'ancienne avec un motif.",
  MAIL_NO_OPERATOR:
    "Cette région n'est pas opérateur de messagerie : renseignez mail.operator dans le fichier de région (docs/secure-mail.md).",
  MAIL_DOMAIN_HERE:
    'Les boîtes de ce domaine sont tenues ici : son courrier ne va à aucun autre opérateur. Voyez passerelle mailbox list.',
  MAIL_DOMAIN_UNLISTED: "Le domaine n'est pas dans la liste blanche : aucun courrier n'en est pris et aucun n'y part.",
  MAIL_PEER_UNLISTED: "Aucun certificat n'a été présenté, ou la liste blanche ne le donne à aucun domaine.",
  MAIL_PEER_OTHER: 'Le certificat est dans la liste blanche, mais pas pour ce domaine.',
  MAIL_PEER_UNSURE:
    "La liste blanche d'ici n'est plus confirmée depuis un jour et ne donne pas ce domaine à ce certificat : une plus récente le fait peut-être. Réessayez plus tard.",
  // Secure mail: doors and deliveries
  MAIL_TLS_FIRST: 'Le correspondant parle sans TLS : STARTTLS doit venir d’abord.',
  MAIL_NOT_SIGNED_IN: 'Personne n’est authentifié : un jeton ou un certificat doit venir d’abord.',
  MAIL_AUTH_FAILED:
    'Le jeton, le certificat ou le mot de passe ne désigne aucune boîte qui puisse émettre ; demandez un nouveau jeton ou faites vérifier la boîte.',
  MAIL_SENDER_NOT_YOURS: 'L’expéditeur n’est ni la boîte authentifiée, ni une boîte qui lui est déléguée.',
  MAIL_SENDER_ADDRESS: 'L’adresse de l’expéditeur est mal formée.',
  MAIL_ADDRESS: 'L’adresse d’un destinataire est mal formée : les routes et les signes pour cent ne sont pas admis.',
  MAIL_PARAMETER: 'Un paramètre de MAIL ou de RCPT est mal formé ou en contredit un autre.',
  MAIL_BOX_UNKNOWN: 'Cette boîte n’existe pas ici.',
  MAIL_BOX_SUSPENDED: 'La boîte est suspendue ou fermée et ne reçoit plus de courrier.',
  MAIL_BOX_FULL: 'La boîte est pleine : son titulaire doit faire de la place.',
  MAIL_RELAY_DENIED: 'Un opérateur ne peut écrire qu’à nos boîtes ; le courrier des autres va à leur propre opérateur.',
  MAIL_OUTSIDE: 'Cette adresse est hors de l’espace de confiance : aucun courrier n’y va.',
  MAIL_NULL_RECIPIENTS: 'Un avis (expéditeur vide) n’a qu’un destinataire.',
  MAIL_TOO_LARGE: 'Le message est plus long que ce qui est admis ; envoyez les documents en plusieurs messages.',
  MAIL_TOO_MANY_RECIPIENTS:
    'Le message a plus de destinataires qu’il n’en est admis à la fois ; envoyez le reste dans un autre.',
  MAIL_LOOP: 'Le message tourne en rond : il est passé trop souvent. Regardez ses lignes Received.',
  MAIL_LINES:
    'Le message contient un CR seul, un LF seul, un NUL ou une ligne trop longue ; l’expéditeur doit écrire CRLF.',
  MAIL_HEADER: 'L’en-tête est mal formé, trop long, ou n’a pas exactement un champ From.',
  MAIL_FROM_OTHER: 'From désigne un autre domaine ou une autre boîte que l’expéditeur de l’enveloppe.',
  MAIL_TOO_COMPLEX: 'Le message a plus de parties, ou des parties plus imbriquées, que ce qui est admis.',
  MAIL_ARCHIVE: 'Une archive zip du message contient trop, ou des noms qui en sortent.',
  MAIL_INFECTED: 'L’antivirus a trouvé quelque chose dans le message.',
  MAIL_UNSCANNED: 'L’antivirus ne répond pas : le courrier attend. Regardez clamd.',
  MAIL_RATE: 'Le correspondant envoie plus que ce qui est admis en une minute.',
  MAIL_DELAYED:
    'Un message n’est pas arrivé depuis des heures : son expéditeur a été prévenu et les essais continuent.',
  MAIL_NO_HOST:
    'Les serveurs de noms ne connaissent aucun hôte pour ce domaine ; indiquez-en un dans mail.operator.hosts, ou réessayez plus tard.',
  MAIL_NO_MAIL: 'Le domaine déclare ne recevoir aucun courrier (MX nul).',
  MAIL_NO_STARTTLS: 'L’autre opérateur n’offre pas STARTTLS : rien n’est envoyé en clair.',
  MAIL_NO_SMTPUTF8: 'Adresses ou en-tête dépassent l’ASCII, ce que l’autre côté ne prend pas (pas de SMTPUTF8).',
  MAIL_SERVER_OTHER: 'Le certificat de l’autre côté n’est pas de ceux que la liste blanche nomme pour ce domaine.',
  MAIL_DEFERRED: 'L’autre côté ne prend pas le message pour l’instant (4xx) ; un nouvel essai suivra.',
  MAIL_REFUSED: 'L’autre côté a refusé le message (5xx) ; l’expéditeur a été prévenu.',
  MAIL_REPORTED: 'La remise a échoué et un avis l’a dit à l’expéditeur, ce qui la termine.',
  MAIL_UNREPORTED:
    'La remise a échoué et il n’y avait personne à prévenir : un avis, ou un expéditeur qui n’en voulait pas.',
  // Secure mail: mailboxes
  MAILBOX_ADDRESS:
    "L'adresse n'est pas celle d'une BAL : avant le @, des minuscules, chiffres, points, traits d'union et soulignés, 64 au plus ; jamais le numéro d'un patient.",
  MAILBOX_DOMAIN:
    "Le domaine n'est pas hébergé ici, ou il est celui d'un autre établissement : les domaines figurent dans le fichier de région, sous mail.operator.",
  MAILBOX_TAKEN:
    "Cette adresse a déjà été attribuée. Elle ne l'est jamais de nouveau, même une fois la BAL close : choisissez-en une autre.",
  MAILBOX_NAME:
    "Le nom affiché manque, est trop long ou mal formé ; celui d'une personne s'écrit Titre_Prénom_NOM_Entité, le nom en capitales.",
  MAILBOX_OWNER:
    "Une BAL personnelle a un titulaire : numéro RPPS (11 chiffres), numéro ADELI ou identifiant national. Une BAL organisationnelle ou applicative n'en a pas.",
  MAILBOX_OWNER_KEY: 'La clé du numéro RPPS est fausse : vérifiez que ce numéro est bien celui de la personne.',
  MAILBOX_ENTITY:
    "L'entité géographique (FINESS) n'est pas une de celles de l'établissement dans le fichier de région.",
  MAILBOX_FIELD: "Une BAL de ce type n'a pas ce champ, ou il ne se modifie pas, ou il est mal formé.",
  MAILBOX_CERTIFICATE: "Le sujet du certificat n'est pas un nom de la forme CN=…,O=…,C=FR.",
  MAILBOX_CERTIFICATE_TAKEN:
    'Une autre BAL est déjà authentifiée par ce certificat : donnez à chaque application le sien.',
  MAILBOX_DELEGATE: "La personne n'est pas un identifiant national, ou elle est déjà titulaire de la BAL.",
  MAILBOX_CLOSED: "La BAL est close, définitivement : plus rien n'y change.",
  MAILBOX_FILE:
    "Le fichier n'est pas un CSV de BAL : une ligne d'en-tête avec le nom des colonnes, puis une ligne par BAL, 1 000 au plus.",
  WEBMAIL_RECIPIENT: 'Un courrier va à quelqu’un : donnez au moins une adresse complète.',
  WEBMAIL_SUBJECT: 'Un objet tient en une ligne d’au plus 500 caractères.',
} as const satisfies Readonly<Partial<Record<ErrorCode, string>>>

/** In English. */
export const MAIL_HELP_EN: Readonly<Record<keyof typeof MAIL_HELP_FR, string>> = {
  // Secure mail: the white list
  WHITELIST_UNREAD:
    'The white list could not be fetched or read (network, TLS, answer, file): the last good one stays in use; look at the publisher and at the path to it.',
  WHITELIST_TOO_LARGE: 'The white list is larger than is taken; the last good one stays in use.',
  WHITELIST_DOCTYPE:
    'The white list has a document type (DOCTYPE), which is never read; the last good one stays in use. Tell its publisher.',
  WHITELIST_FORM:
    'This is no white list in its published form (not well-formed, a list inside a list, no date, too many rows); the last good one stays in use.',
  WHITELIST_UNSIGNED: 'The white list is not signed: it is refused, and the last good one stays in use.',
  WHITELIST_SIGNATURE_FORM:
    'The signature of the white list does not hold or is not of the one form that is taken; the last good one stays in use.',
  WHITELIST_TAMPERED:
    'The white list is not what was signed: something in it was changed. It is refused, and the last good one stays in use. Find out by whom.',
  WHITELIST_SIGNER:
    'The white list is signed by somebody else than the configured signer, or by a certificate that was not valid; the last good one stays in use.',
  WHITELIST_OLDER: 'This white list is older than the one in use: it is refused.',
  WHITELIST_FUTURE: 'This white list says that it was made in the future: it is refused. Check the clocks.',
  WHITELIST_SHRUNK:
    'The new white list has far fewer rows than the one in use. It waits until an administrator confirms it with a reason; the last good one stays in use.',
  WHITELIST_ROW:
    'A row of the white list cannot be used (no domain or no certificate subject that can be read, or a repeat); the other rows count.',
  WHITELIST_CRL_STALE:
    'A revocation list of the white list is past its next update: put the new one in its place. By `crlStale`, no white list is taken until then, or this is only a warning.',
  WHITELIST_NONE: 'There is no white list: no mail is taken or sent until one was fetched and verified.',
  WHITELIST_STALE:
    'The white list was not confirmed for hours; the last good one is still in use. Look at the publisher and at the path to it.',
  WHITELIST_OLD:
    'The white list was not confirmed for a day or more: soon mail stops until it is. Look at the publisher now.',
  WHITELIST_CLOSED:
    'The white list is too old to be trusted: mail waits, nothing is bounced. It goes on with a fresh list, or when an administrator extends the old one with a reason.',
  MAIL_NO_OPERATOR: 'This region is no mail operator: set mail.operator in the region file (docs/secure-mail.md).',
  MAIL_DOMAIN_HERE:
    'The mailboxes of this domain are kept here: its mail goes to no other operator. Look with passerelle mailbox list.',
  MAIL_DOMAIN_UNLISTED: 'The domain is not in the white list: no mail from it is taken, and none goes there.',
  MAIL_PEER_UNLISTED: 'No certificate was shown, or the one that was is in the white list for no domain.',
  MAIL_PEER_OTHER: 'The certificate is in the white list, but not for this domain.',
  MAIL_PEER_UNSURE:
    'The white list here was not confirmed for a day and does not give this domain to this certificate: a newer one may. Try again later.',
  // Secure mail: doors and deliveries
  MAIL_TLS_FIRST: 'The peer speaks without TLS: STARTTLS comes first.',
  MAIL_NOT_SIGNED_IN: 'Nobody is signed in: a token or a certificate comes first.',
  MAIL_AUTH_FAILED:
    'The token, certificate or password names no mailbox that may send; ask for a new token, or have the mailbox checked.',
  MAIL_SENDER_NOT_YOURS: 'The sender is not the signed-in mailbox, nor one delegated to it.',
  MAIL_SENDER_ADDRESS: 'The sender’s address is malformed.',
  MAIL_ADDRESS: 'A recipient’s address is malformed: routes and percent signs are not taken.',
  MAIL_PARAMETER: 'A parameter of MAIL or RCPT is malformed or contradicts another.',
  MAIL_BOX_UNKNOWN: 'There is no such mailbox here.',
  MAIL_BOX_SUSPENDED: 'The mailbox is suspended or closed and takes no mail.',
  MAIL_BOX_FULL: 'The mailbox is full: its owner must make room.',
  MAIL_RELAY_DENIED: 'A mail operator may only write to mailboxes of ours; mail for others goes to their own operator.',
  MAIL_OUTSIDE: 'This address is outside of the trust space: no mail goes there.',
  MAIL_NULL_RECIPIENTS: 'A report (null sender) has one recipient.',
  MAIL_TOO_LARGE: 'The mail is longer than is taken; send the documents in several mails.',
  MAIL_TOO_MANY_RECIPIENTS: 'The mail has more recipients than are taken at once; send the rest in another.',
  MAIL_LOOP: 'The mail goes round in circles: it passed too often. Look at its Received lines.',
  MAIL_LINES: 'The mail has a bare CR, a bare LF, a NUL or a line that is too long; its sender must write CRLF.',
  MAIL_HEADER: 'The header is malformed, too long, or has not exactly one From.',
  MAIL_FROM_OTHER: 'From names another domain or mailbox than the sender of the envelope.',
  MAIL_TOO_COMPLEX: 'The mail has more parts, or parts deeper inside each other, than are taken.',
  MAIL_ARCHIVE: 'A zip archive in the mail holds too much, or names that lead out of it.',
  MAIL_INFECTED: 'The antivirus found something in the mail.',
  MAIL_UNSCANNED: 'The antivirus gives no answer: mail waits. Look at clamd.',
  MAIL_RATE: 'The peer sends more than is taken in a minute.',
  MAIL_DELAYED: 'Mail has not arrived for hours: its sender was told, and attempts go on.',
  MAIL_NO_HOST: 'The name servers know no host for this domain; set one in mail.operator.hosts, or try later.',
  MAIL_NO_MAIL: 'The domain says that it takes no mail (null MX).',
  MAIL_NO_STARTTLS: 'The other mail operator offers no STARTTLS: nothing is sent in the clear.',
  MAIL_NO_SMTPUTF8: 'Its addresses or header are not plain ASCII, and the other side takes no such mail (SMTPUTF8).',
  MAIL_SERVER_OTHER: 'The other side’s certificate is not one that the white list names for this domain.',
  MAIL_DEFERRED: 'The other side does not take the mail now (4xx); it is tried again.',
  MAIL_REFUSED: 'The other side refused the mail (5xx); the sender was told.',
  MAIL_REPORTED: 'The delivery failed and its sender was told by a report, which ends it.',
  MAIL_UNREPORTED: 'The delivery failed, and there was nobody to tell: a report, or a sender who asked for none.',
  // Secure mail: mailboxes
  MAILBOX_ADDRESS:
    'The address is none of a mailbox: before the @, lower-case letters, digits, dots, hyphens and underscores, at most 64; never the number of a patient.',
  MAILBOX_DOMAIN:
    'The domain is none of this mail operator, or of another establishment: domains stand in the region file under mail.operator.',
  MAILBOX_TAKEN:
    'This address was given before. It is never given again, even when its mailbox is closed: choose another.',
  MAILBOX_NAME:
    'The displayed name is missing, too long or malformed; that of a person is Title_Given_FAMILY_Entity, with the family name in capitals.',
  MAILBOX_OWNER:
    'A personal mailbox needs its owner: an RPPS number (11 digits), an ADELI number or a national identifier. Mailboxes of organisations and applications have none.',
  MAILBOX_OWNER_KEY: 'The RPPS number has a wrong key: check that it is the person’s.',
  MAILBOX_ENTITY: 'The geographic entity (FINESS) is none of the establishment’s in the region file.',
  MAILBOX_FIELD: 'This is nothing that a mailbox of this kind has or that may change, or it is malformed.',
  MAILBOX_CERTIFICATE: 'The subject of the certificate is no name such as CN=…,O=…,C=FR.',
  MAILBOX_CERTIFICATE_TAKEN: 'Another mailbox is signed in by this certificate: give each application one of its own.',
  MAILBOX_DELEGATE: 'The person is no national identifier, or owns the mailbox already.',
  MAILBOX_CLOSED: 'The mailbox is closed, for ever: nothing of it changes any more.',
  MAILBOX_FILE:
    'The file is no CSV of mailboxes: a header with the names of the columns, then a line for each mailbox, at most 1,000.',
  WEBMAIL_RECIPIENT: 'A mail goes to somebody: give at least one whole address.',
  WEBMAIL_SUBJECT: 'A subject is one line of at most 500 characters.',
}
