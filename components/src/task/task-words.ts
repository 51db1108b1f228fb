/** What a task is, in the reader's words: not “Change”, but what is changed. */
import type { Task } from '@wikistead/contracts'
import { taskKindKey } from '../message-keys.ts'
import type { Messages } from '../messages.ts'

type Told = Pick<Task, 'kind'> & Partial<Pick<Task, 'change'>>

/** “renamed to Diary, made private”; '' for what is no change, or one that says nothing. */
export function changeText({ change }: Told, { message, language }: Messages): string {
  if (change === null || change === undefined) return ''
  const { name, visibility, serving, owner } = change
  const parts = [
    ...(name === undefined ? [] : [message('wikifarm-did-name', name)]),
    ...(visibility === undefined ? [] : [message(`wikifarm-did-visibility-${visibility}`)]),
    ...(serving === undefined ? [] : [message(`wikifarm-did-serving-${serving}`)]),
    ...(owner === undefined ? [] : [message('wikifarm-did-owner', owner)]),
  ]
  return new Intl.ListFormat(language(), { type: 'conjunction' }).format(parts)
}

/** “Changing Notes: renamed to Diary”. */
export function taskTitle(task: Told, subject: string, messages: Messages): string {
  const title = messages.message(taskKindKey(task.kind), subject)
  const change = changeText(task, messages)
  return change === '' ? title : messages.message('wikifarm-task-of', title, change)
}

/** Where everybody knows of which wiki: what was changed, or what kind of task it was. */
export function taskShort(task: Told, messages: Messages): string {
  const change = changeText(task, messages)
  const short = change === '' ? messages.message(`${taskKindKey(task.kind)}-short`) : change
  return short.charAt(0).toLocaleUpperCase(messages.language()) + short.slice(1)
}
