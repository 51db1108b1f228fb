import { settings } from '../settings/settings.ts'
import { settingsTable } from './settings-table.ts'

/** What `docs/configuration.md` holds. */
export function configurationPage(): string {
  const kept = settings.flatMap(({ env }) => (env.startsWith('WIKISTEAD_') ? [] : [`\`${env}\``])).join(', ')
  return `# Configuration

<!-- Written by \`npm run docs\` from config/src/settings/schema.ts; change it there. -->

Every setting has one name. It is a key of the YAML file (\`wikistead start --config FILE\`), a flag, and an
environment variable: \`WIKISTEAD_\` and the name in capitals with \`_\` for \`-\`. Only those of
Redis, Temporal and MediaWiki farms keep the names that they have everywhere: ${kept}.

\`\`\`yaml
fedwiki-parent-domain: wiki.example.org
fedwiki-farm-url: http://127.0.0.1:8420
fedwiki-admin-token-file: /run/secrets/farm-token
fedwiki-sync-enabled: true
fedwiki-sync-interval: 30m
fedwiki-sync-default-user-id: 1
\`\`\`

- A flag goes before the environment, the environment before systemd's credentials, and these before the file. Empty
  variables, and keys without a value, count as not set.
- Whatever is wrong is listed at once, keys and flags that mean nothing too, and nothing starts.
- A variable of the environment that looks like a setting and is none stops nothing, as it may be another program's; it is
  told when a server starts (in its log), by \`template\` and by \`doctor\`, with the likeliest one meant. So is a setting
  that has no effect, e.g. \`wikifarm-oauth-dir\` without \`wikifarm-dir\`.
- A command demands what it uses: a host of MediaWiki wikis needs no secret of FedWiki, and may share the file with an API
  all the same.
- A value of the file is what is written there: \`248289761001\`, \`0123\`, \`yes\` and \`null\` need no quotes where a text is
  wanted.
- A **duration** is a number with its unit, \`ms\`, \`s\`, \`m\`, \`h\` or \`d\`, or several: \`30m\`, \`1h30m\`, \`7d\`.
- A **list** is a YAML list, or one text with commas between.
- A **boolean** is \`true\` or \`false\`; the bare flag means \`true\`.
- A **path** may start with \`~/\`. A relative one starts from the file's folder if it stands in the file, else
  from the current folder.
- A **secret** is never printed, and never taken from a command line, which everybody on the machine can read; see below.
- Temporal's profiles (\`temporal.toml\`, \`TEMPORAL_PROFILE\`, TLS, API keys) are read as Temporal's own tools read
  them.

## Secrets

Each secret, e.g. \`redis-password\`, can be given in four ways, of which the first that is there counts:

1. in the environment, as \`REDIS_PASSWORD\`, or as the path of a file that holds it, \`REDIS_PASSWORD_FILE\`. Other
   programs of the same user, and crash reports, may tell an environment: prefer the file;
2. as a credential of systemd with the setting's name. Nothing else is to be set, and nobody but the service can read it:

   \`\`\`ini
   [Service]
   LoadCredential=redis-password:/etc/wikistead/redis-password
   LoadCredentialEncrypted=fedwiki-admin-token:/etc/wikistead/fedwiki-admin-token.cred
   \`\`\`

   A credential that is named as a path, such as \`temporal-tls-key\`, is that file;

3. in the configuration file as the path of a file that holds it, \`redis-password-file: /etc/wikistead/redis-password\`
   (as a flag: \`--redis-password-file PATH\`);
4. in the configuration file itself, \`redis-password: …\`.

Such a file is one line; line breaks at its end do not count. One that is missing, unreadable or empty, or that everybody
can write to, is a problem. One that everybody can read is told at the start and by \`doctor\`, as is a configuration file
that holds a secret: \`chmod 600\` mends it. Secrets that are changed without a restart are told in
[rotating-secrets.md](rotating-secrets.md).

## All of them

${settingsTable()}
`
}
