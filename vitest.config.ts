import { defineConfig } from 'vitest/config';

const condition = ['@busbar/source'];

export default defineConfig({
  resolve: { conditions: condition },
  ssr: { resolve: { conditions: condition } },
  // Spec files are outside the projects' tsconfigs, which say the same for what ships.
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    include: [
      'libs/*/{src,test}/**/*.spec.ts',
      'apps/*/{src,test}/**/*.spec.ts',
      'test/*/src/**/*.spec.ts',
      'test/tools/*.spec.mjs',
    ],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
