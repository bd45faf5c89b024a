import { HELP_EN } from '../../../core/help-en.ts'
import { HELP_FR } from '../../../core/help-fr.ts'
import type { MailArchive, MailFolder, OpenedMail, WebmailBox } from '../../../core/webmail.ts'
import { type Html, html } from '../html.ts'
import { hidden, tick } from '../inputs.ts'
import { facts, listing, moment } from '../listing.ts'
import { dateText } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { boxPath, foldersOf, frame, itemPath } from './frame.ts'
import { WEBMAIL_WORDS } from './words.ts'

/** A mail: who wrote it to whom, its text as text, its files to keep, its documents, and what may be done with it. */
export function mailPage(visit: KnownVisit, box: WebmailBox, mail: OpenedMail): PageBody {
  const { language, config } = visit
  const words = WEBMAIL_WORDS[language]
  const { item } = mail
  const at = (ms: number): Html => moment(ms, language, config.region.timeZone)
  const path = (...below: readonly (string | number)[]): string => itemPath(box.address, item.id, ...below)
  const body = html`${foldersOf(visit, box, null)}
<p><a href="${boxPath(box.address, item.folder)}">${words.backTo(words.folders[item.folder])}</a></p>
<h2 class="mail-subject">${item.subject || words.noSubject}</h2>
${facts([
  [words.from, item.from],
  [words.to, item.to],
  [words.cc, mail.cc],
  [words.replyTo, mail.replyTo],
  [words.date, at(mail.dateMs ?? item.atMs)],
])}
${receipt(visit, box, mail)}
${box.suspended ? null : html`<div class="mail-acts"><a href="${path('repondre')}">${words.reply}</a> <a href="${path('repondre')}?a=tous">${words.replyAll}</a> <a href="${path('transferer')}">${words.forward}</a></div>`}
${mail.textNote === null ? null : html`<p class="quiet">${words.textNotes[mail.textNote]}</p>`}
${mail.text === '' ? null : html`<div class="mail-text">${mail.text}</div>`}
${mail.archives.map((archive) => archiveOf(visit, box, item.id, archive))}
${files(visit, box, mail)}
<p><a href="${path('original')}" download>${words.original}</a></p>
${fate(visit, mail)}
${acts(visit, box, mail)}`
  return frame(visit, words.mails, body, path())
}

function receipt({ language, config }: KnownVisit, { address, suspended }: WebmailBox, mail: OpenedMail): Html | null {
  const words = WEBMAIL_WORDS[language]
  const { item, receiptTo, receiptSentAtMs } = mail
  if (receiptSentAtMs !== null) {
    const when = moment(receiptSentAtMs, language, config.region.timeZone)
    return html`<p class="quiet">${words.receiptSent('')} ${when}</p>`
  }
  if (receiptTo === null || suspended || item.folder === 'Sent') return null
  return html`<form class="box" method="post" action="${itemPath(address, item.id, 'accuse')}"><p>${words.receiptAsked(receiptTo.address)}</p>${receiptTo.stranger ? html`<p class="alarm">${words.receiptStranger}</p>` : null}<p><button>${words.receiptAct}</button></p></form>`
}

function files({ language }: KnownVisit, { address }: WebmailBox, { item, pieces, more }: OpenedMail): Html | null {
  const words = WEBMAIL_WORDS[language]
  if (pieces.length === 0) return more ? html`<p>${words.moreFiles}</p>` : null
  const columns = [{ name: words.files }, { name: words.fileType }, { name: words.size, numeric: true }]
  const rows = pieces.map(({ n, name, type, size }) => ({
    cells: [
      html`<a href="${itemPath(address, item.id, 'piece', n)}" download>${name}</a>`,
      html`${type}`,
      html`${words.bytes(size)}`,
    ],
  }))
  return html`${listing('files', words.files, columns, rows, '')}${more ? html`<p>${words.moreFiles}</p>` : null}`
}

function archiveOf({ language }: KnownVisit, { address }: WebmailBox, id: string, archive: MailArchive): Html {
  const words = WEBMAIL_WORDS[language]
  const help = language === 'fr' ? HELP_FR : HELP_EN
  const { piece, patient, documents, codes } = archive
  const columns = [{ name: words.document }, { name: words.fileType }, { name: words.size, numeric: true }]
  const rows = documents.map(({ n, title, name, type, size, pdf }) => {
    const shown = title || name
    const link = html`<a href="${itemPath(address, id, 'piece', piece, 'document', n)}" download>${shown}</a>`
    const inside = html` · <a href="${itemPath(address, id, 'piece', piece, 'document', n, 'pdf')}" download>${words.pdf}<span class="hidden"> ${shown}</span></a>`
    return {
      cells: [
        size === null ? html`${shown}` : html`${link}${pdf ? inside : null}`,
        html`${type}`,
        html`${size === null ? words.fileMissing : words.bytes(size)}`,
      ],
    }
  })
  return html`<section>${listing(`archive-${piece}`, words.archive, columns, rows, words.noDocument)}
${
  patient === null
    ? null
    : facts([
        [words.patient, patient.name],
        [words.born, patient.born === null ? null : dateText(patient.born, language)],
        [words.identifier, patient.identifier],
      ])
}
${codes.length === 0 ? null : html`<div class="alarm box"><p>${words.archiveWrong}</p><ul>${codes.map((code) => html`<li>${help[code]}</li>`)}</ul></div>`}</section>`
}

/** Kept, delivered, read: three words, never one tick. */
function fate({ language, config }: KnownVisit, { sent }: OpenedMail): Html | null {
  if (sent === null) return null
  const words = WEBMAIL_WORDS[language]
  const help = language === 'fr' ? HELP_FR : HELP_EN
  const at = (ms: number | null): Html | null =>
    ms === null ? null : html` ${moment(ms, language, config.region.timeZone)}`
  const columns = [{ name: words.recipient }, { name: words.state }, { name: words.readAt }]
  const rows = sent.recipients.map(({ address, state, code, endedAtMs, readAtMs }) => ({
    cells: [
      html`${address}`,
      html`${words.states[state]}${at(endedAtMs)}${state === 'delivered' || code === null ? null : html` · ${help[code]}`}`,
      readAtMs === null ? html`–` : html`${words.readAt}${at(readAtMs)}`,
    ],
  }))
  return listing('fate', words.fate, columns, rows, '')
}

function acts({ language }: KnownVisit, { address }: WebmailBox, { item }: OpenedMail): Html {
  const words = WEBMAIL_WORDS[language]
  const to = (folder: MailFolder, label: string): Html | null =>
    item.folder === folder
      ? null
      : html`<form method="post" action="${itemPath(address, item.id, 'deplacer')}">${hidden('vers', folder)}<button>${label}</button></form>`
  const purge = html`<form method="post" action="${itemPath(address, item.id, 'supprimer')}">${tick('sure', words.purgeSure, false)}<button>${words.purge}</button></form>`
  return html`<section aria-labelledby="acts"><h2 id="acts">${words.acts}</h2><div class="mail-acts">
<form method="post" action="${itemPath(address, item.id, 'marquer')}">${hidden('lu', 'non')}<button>${words.markUnread}</button></form>
${item.folder === 'INBOX' || item.folder === 'Sent' ? null : to('INBOX', words.toInbox)}${to('Archive', words.toArchive)}${to('Trash', words.toTrash)}
${item.folder === 'Trash' ? purge : null}</div></section>`
}
