/** One real PHP that answers many questions: starting it for each would take longer than the answers. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface LongLivedPhp extends AsyncDisposable {
  /** What the PHP expression of `$in`, which is the question, comes to. */
  ask(question: unknown): Promise<unknown>
}

/** `expression` may use `$in`; both ways go over JSON. */
export function startPhp(expression: string): LongLivedPhp {
  const program = `
    error_reporting( E_ALL );
    ini_set( 'display_errors', 'stderr' );
    while ( ( $line = fgets( STDIN ) ) !== false ) {
      $in = json_decode( $line, true, 512, JSON_THROW_ON_ERROR );
      echo json_encode( ${expression}, JSON_THROW_ON_ERROR ), "\\n";
    }`
  // Variables that no value may ever turn into.
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/leaked', WIKI: 'leaked' }
  const php = spawn('php', ['-n', '-r', program], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = createInterface({ input: php.stdout })[Symbol.asyncIterator]()
  return {
    async ask(question) {
      php.stdin.write(`${JSON.stringify(question)}\n`)
      const { done, value } = await answers.next()
      if (done === true) throw new Error('PHP ended')
      return JSON.parse(value) as unknown
    },
    async [Symbol.asyncDispose]() {
      php.stdin.end()
      if (php.exitCode === null) await once(php, 'exit')
    },
  }
}
