import { onBeforeUnmount, onMounted, shallowRef, type Ref } from 'vue'

/** What the browser believes; it may be wrong about being online, and seldom about being offline. */
export function useOnline(): Readonly<Ref<boolean>> {
  const online = shallowRef(navigator.onLine)
  const look = (): void => {
    online.value = navigator.onLine
  }
  onMounted(() => {
    window.addEventListener('online', look)
    window.addEventListener('offline', look)
  })
  onBeforeUnmount(() => {
    window.removeEventListener('online', look)
    window.removeEventListener('offline', look)
  })
  return online
}
