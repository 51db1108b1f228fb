/** docs/permissions.md: the table of permissions for people. */
import { markdownTable } from '@wikistead/contracts/markdown-table'
import { permissions } from './permissions.ts'
import { freshWhere, tokenNeeds, whoMay } from './permission-words.ts'

export function permissionPage(): string {
  const rows = Object.entries(permissions).map(([route, permission]) => [
    ...[`\`${route.replace(/:(\w+)/g, '{$1}')}\``, whoMay(permission), tokenNeeds(permission)],
    ...[freshWhere(permission), permission.limit ?? ''],
  ])
  return `${head}\n${markdownTable([['Route', 'Who', 'Scope of a token', 'Fresh sign-in', 'Limit'], ...rows])}\n`
}

const head = `# Who may do what

<!-- Written by \`npm run docs\` from api/src/access/permissions.ts. -->

Every route has a line here, or the API does not start; one place holds the table against each request. Users are
members, operators or admins, and each role includes those before it. What somebody may not see is not there for them
(\`404\`): a private wiki and its tasks are its owner's and the operators'. Lists hold what the one who asks may see;
without a sign-in these are the public wikis that stand. Who is blocked may do nothing (\`blocked\`).

A request is made by a browser that is signed in, by a token (\`Authorization: Bearer …\`), or by the MediaWiki extension
for one of its users. A token does what its scopes say and its user may: \`read\`, \`wikis\` (the user's own wikis and
tasks), \`operate\` (what operators do), \`admin\` (users, roles), and \`sensitive\` beside these for the gravest acts. Each
scope stands for itself. What a token makes
(tokens, sign-ins, offers) has no more scopes than it, ranks no higher, and ends with it; see
[sign-in.md](sign-in.md#what-a-credential-makes). In a change of a wiki, \`featured\` and \`owner_id\` are for operators,
and so is \`hub\` in a creation; in a change of a user, \`role\` is for admins and needs \`admin\` as well.

_Fresh sign-in_ names the gravest acts. In a browser they want a person who signed in within \`sign-in-fresh-for\`, and are
refused as \`fresh_sign_in_required\` until they do so again; a token needs \`sensitive\` as well. So does a deletion where nothing
can be restored because an undo window is 0. See [sign-in.md](sign-in.md#the-gravest-acts).

Beside the limit of all requests (\`rate-limit-user\`, \`rate-limit-address\`), the routes of one group share another
(\`rate-limit-costly\`; \`begin_sign_in\` as many as all requests); who asks too often is answered \`429\` with \`Retry-After\`. Of
sign-ins only those that fail are counted, so that nobody is kept out by the tries of others.
Whoever follows the events of more tasks at once than one user may (\`streams-user\`), or than one process serves
(\`streams-process\`), is told so, too. Whoever follows them is
looked at every two seconds as if they asked anew: a stream ends when its user is blocked or signed out, their token ends, or
the task is no longer theirs to see, whichever process changed that. Whatever changes something is in the
audit log, and so is every refusal of it and every sign-in.
`
