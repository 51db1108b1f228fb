import { join } from 'node:path'
import js from '@eslint/js'
import { defineConfig, globalIgnores } from 'eslint/config'
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript'
import { importX } from 'eslint-plugin-import-x'
import prettier from 'eslint-config-prettier/flat'
import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

/** Arrows go one way: what a workspace may import beyond itself; `types` by `import type` only. */
const layers = {
  contracts: { values: [] },
  config: { values: ['contracts'] },
  store: { values: ['contracts'] },
  processes: { values: [] },
  live: { values: ['contracts'] },
  metrics: { values: ['contracts'] },
  tasks: { values: ['contracts', 'store'], tests: ['worker'] },
  fedwiki: { values: ['contracts', 'store', 'tasks'], tests: ['fedwiki-farm', 'processes'] },
  'fedwiki-farm': { values: ['contracts', 'processes'] },
  mediawiki: {
    values: ['contracts', 'store', 'tasks'],
    tests: ['live', 'processes', 'mediawiki-template'],
  },
  'mediawiki-template': { values: ['contracts', 'processes'] },
  'wiki-security-wikistead': { values: [] },
  workflows: { values: ['contracts'], types: ['fedwiki', 'mediawiki', 'tasks'] },
  worker: { values: ['contracts', 'store', 'live', 'tasks', 'fedwiki', 'mediawiki', 'workflows'] },
  api: {
    values: ['contracts', 'store', 'live', 'metrics', 'tasks'],
    types: ['workflows'],
    tests: ['worker'],
  },
  // Of the contracts only what is without zod: MediaWiki's ResourceLoader ships what it imports.
  components: { values: ['contracts/operations', 'contracts/site-names'], types: ['contracts'] },
  console: { values: ['components', 'contracts'] },
  extension: { values: ['components', 'contracts'] },
  server: {
    values: [
      'api',
      'config',
      'console',
      'contracts',
      'extension',
      'fedwiki',
      'fedwiki-farm',
      'live',
      'mediawiki',
      'mediawiki-template',
      'metrics',
      'processes',
      'store',
      'tasks',
      'worker',
    ],
  },
  cli: { values: ['config', 'contracts', 'processes', 'server'] },
}

/** The rooms of a workspace, from the lowest: none imports one that comes after it. */
const rooms = {
  'mediawiki/src': [
    'faults',
    'names',
    'starter',
    'folder',
    'search',
    'redis',
    'ini',
    'runners',
    'database',
    'phases',
    'life',
  ],
  'store/src': ['database', 'migrations', 'people', 'wikis', 'tasks', 'farm'],
  'tasks/src': ['outcome', 'temporal', 'step', 'turns', 'closing', 'admission', 'housekeeping'],
  'api/src': ['access', 'answers', 'sign-in', 'accounts', 'openid', 'routes'],
  'server/src': ['parts', 'temporal', 'machine', 'rotation', 'front', 'processes', 'doctor'],
}

const forbidden = (names, allowTypeImports, but) =>
  names.length === 0
    ? []
    : [
        {
          regex: `^@wikistead/(?!(?:${but.join('|')})$)(?:${names.join('|')})(?:/|$)`,
          allowTypeImports,
          message: 'Imports go downwards only; see the layers in eslint.config.js.',
        },
      ]

function layerRules([name, { values, types = [], tests = [] }]) {
  const rule = (allowed, sandboxed = false) => {
    const others = Object.keys(layers).filter((other) => other !== name && !allowed.includes(other))
    return [
      'error',
      {
        patterns: [
          ...forbidden(
            others.filter((other) => !types.includes(other)),
            false,
            allowed,
          ),
          ...forbidden(
            others.filter((other) => types.includes(other)),
            true,
            allowed,
          ),
          ...(sandboxed
            ? [
                {
                  regex:
                    '^(?!@temporalio/(?:workflow|common)$|@wikistead/contracts/(?:states|refusals|sentences|fedwiki-workflows|mediawiki-workflows)$|\\.)',
                  allowTypeImports: true,
                  message:
                    'Workflows take values from @temporalio/workflow, /common, the zod-free contracts and here.',
                },
              ]
            : []),
        ],
      },
    ]
  }
  return [
    {
      files: [`${name}/**`],
      rules: { '@typescript-eslint/no-restricted-imports': rule(values, name === 'workflows') },
    },
    {
      files: [`${name}/**/*.test.ts`, `${name}/test/**`],
      rules: {
        '@typescript-eslint/no-restricted-imports': rule([...values, ...tests]),
        // Tests take vitest from the root.
        'import-x/no-extraneous-dependencies': [
          'error',
          {
            includeTypes: true,
            includeInternal: true,
            packageDir: [join(import.meta.dirname, name), import.meta.dirname],
          },
        ],
      },
    },
  ]
}

const roomZones = ([parent, names]) =>
  names.slice(0, -1).map((name, at) => ({
    target: `${parent}/${name}`,
    from: names.slice(at + 1).map((above) => `${parent}/${above}`),
    message: 'Rooms import downwards only; see the rooms in eslint.config.js.',
  }))

/** Who may read what is made is said where it is made, whatever umask it is made under. */
const saidModes = ['mkdir', 'writeFile', 'appendFile', 'createWriteStream'].map((name) => ({
  selector: `CallExpression[callee.name=/^${name}(?:Sync)?$/]:not(:has(Literal[raw=/^0o/], Property[key.name='mode']))`,
  message: 'Say its mode.',
}))

export default defineConfig(
  globalIgnores(['**/dist', 'scratch', 'node_modules']),
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  importX.flatConfigs.typescript,
  vue.configs['flat/recommended'],
  prettier,
  {
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.vue'],
      },
    },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [createTypeScriptImportResolver({ project: './tsconfig.json' })],
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // A `using` that nobody asks is there to be disposed of.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreUsingDeclarations: true }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-extraneous-dependencies': ['error', { includeTypes: true, includeInternal: true }],
      'import-x/no-relative-packages': 'error',
      'import-x/no-restricted-paths': [
        'error',
        { basePath: import.meta.dirname, zones: Object.entries(rooms).flatMap(roomZones) },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only a config.ts reads the environment.' },
      ],
    },
  },
  Object.entries(layers).flatMap(layerRules),
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: { 'no-undef': 'off' }, // vue-tsc knows better
  },
  {
    files: ['**/config.ts', '**/main.ts', '**/demo.ts', '*.config.ts', '**/test/**', '**/*.test.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['*/src/**', 'console/build/**', 'extension/build/**'],
    ignores: ['**/*.test.ts', '**/write-docs.ts', ...['bench', 'drill', 'e2e'].map((name) => `${name}/**`)],
    rules: { 'no-restricted-syntax': ['error', ...saidModes] },
  },
  {
    // PHP's user writes below these folders.
    files: ['mediawiki/src/**', 'mediawiki-template/src/**'],
    ignores: ['**/*.test.ts', '**/write-docs.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...saidModes,
        {
          selector: "CallExpression[callee.name=/^rm(Sync)?$/] Property[key.name='recursive']",
          message: 'Whoever may write in there can lead it elsewhere: take `removeTree`.',
        },
      ],
    },
  },
  {
    // A test ends what hangs, never what is slow.
    files: ['**/*.test.ts', '**/test/**'],
    ignores: ['test/eventually.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[object.name='vi'][property.name=/^wait(For|Until)$/]",
          message: 'A busy machine outlasts its second: take `eventually`.',
        },
        {
          selector:
            "CallExpression[callee.property.name='poll'] > ObjectExpression Property[key.name='timeout']",
          message: 'How long a poll waits is said once, in vitest.config.ts.',
        },
      ],
    },
  },
  {
    files: ['*.config.{js,ts}', 'test/**', 'e2e/**', 'drill/**', '**/vite.config.ts'],
    rules: { 'import-x/no-extraneous-dependencies': 'off' },
  },
  { files: ['**/*.js'], extends: [tseslint.configs.disableTypeChecked] },
)
