/** The settings of a demo that runs, which stand in no file of settings: for the doctor, who looks at it from outside. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

type Settings = Readonly<Record<string, string>>

const fileIn = (dataFolder: string): string => join(dataFolder, 'demo-settings.json')

/** For the owner of the folder alone: secrets are among them. Disposal takes them away. */
export function keepSettings(dataFolder: string, settings: Settings): Disposable {
  const file = fileIn(dataFolder)
  rmSync(file, { force: true })
  writeFileSync(file, `${JSON.stringify(settings)}\n`, { mode: 0o600, flag: 'wx' })
  return {
    [Symbol.dispose]: () => {
      rmSync(file, { force: true })
    },
  }
}

/** {} where no demo keeps any. */
export function keptSettings(dataFolder: string): Settings {
  try {
    return JSON.parse(readFileSync(fileIn(dataFolder), 'utf8')) as Settings
  } catch {
    return {}
  }
}
