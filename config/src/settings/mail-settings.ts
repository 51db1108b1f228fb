/** The server that takes mail of ours: invitations, and links for who has lost a password. */
import { about } from './about.ts'
import * as kinds from './kinds.ts'

export const mailSettings = {
  'smtp-server': kinds.smtpServer.optional().register(about, {
    type: 'url',
    default: 'none',
    meaning:
      'the server that takes mail, like `smtps://smtp.example.org` or `smtp://smtp.example.org:587`; with `smtp://` it must offer STARTTLS, but on this machine',
  }),
  'smtp-user': kinds.text.optional().register(about, {
    type: 'name',
    meaning: 'as whom mail is handed to it; nobody where it asks for none',
  }),
  'smtp-password': kinds.secret(1).optional().register(about, {
    type: 'secret',
    secret: true,
    meaning: 'that user’s password',
  }),
  'smtp-from': kinds.text.optional().register(about, {
    type: 'name',
    meaning: 'from whom mail comes, like `Wikis <wikis@example.org>`; needed with `smtp-server`',
  }),
  'smtp-tls-ca': kinds.path.optional().register(about, {
    type: 'path',
    default: 'what Node trusts',
    meaning: 'a file with the certificates by which the server’s own is believed',
  }),
}
