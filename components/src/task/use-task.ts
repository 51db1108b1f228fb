import type { Phase } from '@wikistead/contracts'
import { onBeforeUnmount, shallowRef, type ShallowRef } from 'vue'
import { useFarmApi } from '../farm-api.ts'
import { TaskFollower, type FollowedTask } from './task-follower.ts'

/** The task as it goes, for as long as the component is shown. */
export function useTask(
  taskId: string,
  plan: readonly Phase[],
): { readonly followed: Readonly<ShallowRef<FollowedTask>>; readonly follow: () => void } {
  const followed = shallowRef<FollowedTask>()
  const follower = new TaskFollower({
    ...{ api: useFarmApi(), taskId, plan },
    onChange: (change) => {
      followed.value = change
    },
  })
  follower.start()
  onBeforeUnmount(() => {
    follower.stop()
  })
  return {
    followed: followed as ShallowRef<FollowedTask>,
    follow: () => {
      follower.start()
    },
  }
}
