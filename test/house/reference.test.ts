import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { generatedFiles } from '../../scripts/reference.ts';
import { root } from '../support/tool.ts';

for (const [file, text] of Object.entries(await generatedFiles())) {
  t.test(`${file} is what the code says (else: npm run docs)`, async (t) => {
    t.equal(readFileSync(join(root, file), 'utf8'), text);
  });
}

t.test('every link between documents leads somewhere', async (t) => {
  const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: root });
  const dead = documents.flatMap((document) =>
    [...readFileSync(join(root, document), 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
      .map((match) => match[1] ?? '')
      .filter((target) => !existsSync(join(root, dirname(document), target)))
      .map((target) => `${document}: ${target}`),
  );
  t.strictSame(dead, []);
  t.ok(documents.length > 5, 'the test saw the documents');
});
