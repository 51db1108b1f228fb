import { onBeforeUnmount, onMounted } from 'vue'

/** Asks again every so often, for as long as the page is shown, in sight and online. */
export function useAgain(ask: () => unknown, everyMs: number, wanted: () => boolean = () => true): void {
  let timer: ReturnType<typeof setInterval> | undefined
  onMounted(() => {
    timer = setInterval(() => {
      if (!document.hidden && navigator.onLine && wanted()) void ask()
    }, everyMs)
  })
  onBeforeUnmount(() => {
    clearInterval(timer)
  })
}
