/** Sends mail by the SMTP server that the configuration names. */
import { readFileSync } from 'node:fs'
import type { MailSender } from '@wikistead/api'
import type { Config } from '@wikistead/config'
import { createTransport } from 'nodemailer'

/** Undefined where the configuration names no server. */
export function mailSender(config: Config): MailSender | undefined {
  const transport = transportOf(config)
  const { smtpFrom: from } = config
  if (transport === undefined || from === undefined) return undefined
  return {
    async send(mail) {
      await transport.sendMail({ from, ...mail })
    },
  }
}

/** Whether the server lets us in; sends nothing. @throws when it does not */
export async function verifyMail(config: Config): Promise<void> {
  await transportOf(config)?.verify()
}

function transportOf({ smtpServer, smtpUser, smtpPassword, smtpTlsCa }: Config) {
  if (smtpServer === undefined) return undefined
  const { protocol, hostname, port } = new URL(smtpServer)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const secure = protocol === 'smtps:'
  const isHere = host === 'localhost' || host === '::1' || host.startsWith('127.')
  return createTransport({
    ...{ host, secure, port: Number(port || (secure ? 465 : 587)) },
    // Only this machine is told a password, or a link, without encryption.
    ...{ requireTLS: !secure && !isHere, ignoreTLS: !secure && isHere },
    ...(smtpUser !== undefined && { auth: { user: smtpUser, pass: smtpPassword?.reveal() ?? '' } }),
    ...(smtpTlsCa !== undefined && { tls: { ca: readFileSync(smtpTlsCa) } }),
    ...{ connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  })
}
