import { PageConfig, URLExt } from '@jupyterlab/coreutils';

/** Where the pages of Runtiles are, and what this server is called there. From the page's configuration. */
export interface ISite {
  /** Empty without a Hub. */
  runtimesPage: string;
}

export function site(option: (name: string) => string = PageConfig.getOption): ISite {
  const hubPrefix = option('hubPrefix');
  if (!hubPrefix) {
    return { runtimesPage: '' };
  }
  const base = hubPrefix.replace(/hub\/?$/, '');
  return { runtimesPage: option('hubHost') + URLExt.join(base, 'services/runtiles/') };
}
