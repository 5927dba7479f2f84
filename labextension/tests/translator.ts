import type { TranslationBundle } from '@jupyterlab/translation';

/** English as it is written; JupyterLab's own bundle of that kind loads in a browser only. */
export const english = {
  __: (text: string, ...values: unknown[]) => fill(text, values),
  _n: (one: string, many: string, count: number, ...values: unknown[]) =>
    fill(count === 1 ? one : many, [count, ...values])
} as unknown as TranslationBundle;

function fill(text: string, values: unknown[]): string {
  return text.replace(/%(\d)/g, (_, index) => String(values[Number(index) - 1]));
}
