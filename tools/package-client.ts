// `npm run package-client [-- FOLDER]`: writes @tabscope/sdk as it is published, for `npm publish FOLDER`, and says how large it is.
import { join } from 'node:path'
import { clientSizes, writeClientPackage } from './client-package.ts'
import { repositoryRoot } from './source-files.ts'

const folder = process.argv[2] ?? join(repositoryRoot, 'packages/sdk/dist/package')
await writeClientPackage(folder)
const { plain, minified, gzip } = await clientSizes()
const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`
process.stdout.write(`${folder}\nindex.js ${kilobytes(plain)}; minified ${kilobytes(minified)}, compressed ${kilobytes(gzip)} (gzip)\n`)
