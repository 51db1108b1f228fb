/** Of what is served; as clients see it. */
export const version = '1.0.0'
