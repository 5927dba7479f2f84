import jupyter from '@jupyter/eslint-plugin';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['build', 'lib', 'node_modules'] },
  ...tseslint.configs.recommended,
  { plugins: { jupyter } },
  jupyter.configs.recommended
);
