import type { Config } from '@wikistead/config'
import { verifyMail } from '../parts/mail-sender.ts'
import { broken, fine, inWords, type Check } from './check.ts'

export async function checkMail(config: Config): Promise<Check> {
  const { smtpServer } = config
  if (smtpServer === undefined) return fine('mail', 'none is sent; links are brought by people')
  try {
    await verifyMail(config)
    return fine('mail', `${smtpServer} takes mail`)
  } catch (error) {
    return broken(
      'mail',
      `${smtpServer} does not take mail of ours: ${inWords(error)}`,
      'Look at smtp-server, smtp-user and smtp-password; for a certificate of your own name its authority in smtp-tls-ca.',
    )
  }
}
