import { defineConfig } from 'vitest/config';

const condition = ['@busbar/source'];

export default defineConfig({
  resolve: { conditions: condition },
  ssr: { resolve: { conditions: condition } },
  test: {
    include: ['libs/*/{src,test}/**/*.spec.ts', 'apps/*/{src,test}/**/*.spec.ts', 'test/*/src/**/*.spec.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
