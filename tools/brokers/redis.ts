import type { Recipe } from './recipe.js';

export const REDIS: Recipe = {
  title: 'Redis',
  programs: ['redis-server'],
  debianPackage: 'redis-server',
  url: (port) => `redis://127.0.0.1:${port}`,
  parts: ({ program, folder, ports: [port] }) => [
    {
      program,
      arguments: ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', ''],
      port,
      greeting: { says: 'PING\r\n', answer: /^\+PONG/ },
    },
  ],
};
