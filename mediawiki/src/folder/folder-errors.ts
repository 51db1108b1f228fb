/**
 * What the file system said, as a refusal or a fault: waiting frees a disk, but changes no right. Folders are named by
 * their setting; where they are is not for the wiki's founder.
 */
import { Refusal } from '@wikistead/contracts'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'
import { errorCode } from './error-code.ts'

/** The settings that name folders which Wikistead writes in. */
export type Place = 'WIKIFARM_DIR' | 'WIKIFARM_OAUTH_DIR'

/** @returns what to throw for an error met while writing there; an error that is not the system's stays as it is */
export function folderError(error: unknown, place: Place): unknown {
  const code = errorCode(error)
  return code === '' || error instanceof Refusal ? error : explain(code, place)
}

/** As `folderError`, while undoing: nothing is final as long as something of ours may be left. */
export function undoError(error: unknown, place: Place): unknown {
  const told = folderError(error, place)
  return told instanceof Refusal ? new ProvisioningFault(told.message, told.code) : told
}

/** @returns what to throw for what `cp`, `mv` or `rm` complained of */
export function commandError(complaint: string, place: Place): Error {
  const [, code] = complaints.find(([text]) => complaint.includes(text)) ?? ['', 'unknown']
  return explain(code, place)
}

const complaints = [
  ['No space left on device', 'ENOSPC'],
  ['Disk quota exceeded', 'EDQUOT'],
  ['Read-only file system', 'EROFS'],
  ['Permission denied', 'EACCES'],
  ['Operation not permitted', 'EPERM'],
  ['No such file or directory', 'ENOENT'],
] as const

function explain(code: string, place: Place): Error {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new ProvisioningFault(`The disk of ${place} is full.`, code)
    case 'EROFS':
      return new Refusal('folder_unwritable', `The disk of ${place} is mounted read-only.`, { reason: code })
    case 'EACCES':
    case 'EPERM':
      return new Refusal('folder_unwritable', `Wikistead has no right to write in ${place}.`, {
        reason: code,
      })
    case 'ENOENT':
    case 'ENOTDIR':
      return new ProvisioningFault(`Something is missing in ${place}; is its disk mounted?`, code)
    default:
      return new ProvisioningFault(`Files in ${place} could not be written (${code}).`, code)
  }
}
