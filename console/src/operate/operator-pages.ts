/** The pages of those who run the farm. */
import type { RouteRecordRaw } from 'vue-router'

export const operatorPages: readonly RouteRecordRaw[] = []
