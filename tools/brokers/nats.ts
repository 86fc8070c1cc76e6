import type { Recipe } from './recipe.js';

export const NATS: Recipe = {
  title: 'NATS',
  // Where Debian puts it only root looks.
  programs: ['nats-server', '/usr/sbin/nats-server'],
  debianPackage: 'nats-server',
  url: (port) => `nats://127.0.0.1:${port}`,
  parts: ({ program, ports: [port] }) => [
    {
      program,
      arguments: ['--addr', '127.0.0.1', '--port', String(port)],
      port,
      greeting: { says: '', answer: /^INFO / },
    },
  ],
};
