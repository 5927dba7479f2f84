/** Every action of ours is a command. */
export const commandIds = {
  pause: 'runtiles:pause',
  extend: 'runtiles:extend',
  keep: 'runtiles:keep-until',
  release: 'runtiles:keep-no-longer',
  runtimes: 'runtiles:open-runtimes-page'
};
