/** Every action of ours is a command. */
export const commandIds = {
  pause: 'runtiles:pause',
  runtimes: 'runtiles:open-runtimes-page'
};
