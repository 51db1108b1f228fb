/** Where this machine reaches what listens there: who listens everywhere is reached here. */
export function addressHere({ address, port }: { readonly address: string; readonly port: number }): string {
  const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[address] ?? address
  return `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`
}
