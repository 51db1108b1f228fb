import { z } from 'zod'

/** A moment as the API tells it. */
export const time = z.iso.datetime()
