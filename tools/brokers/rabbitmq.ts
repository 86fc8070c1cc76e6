import { join } from 'node:path';
import type { Recipe } from './recipe.js';

/** Its nodes are found by name through a daemon, epmd: a daemon of our own, which ends with the broker, keeps two brokers apart. */
export const RABBITMQ: Recipe = {
  title: 'RabbitMQ',
  // The script itself: what Debian puts on the PATH runs the machine's own broker as its own user.
  programs: ['/usr/lib/rabbitmq/bin/rabbitmq-server', 'rabbitmq-server'],
  debianPackage: 'rabbitmq-server',
  url: (port) => `amqp://guest:guest@127.0.0.1:${port}`,
  parts: ({ program, folder, ports: [port, nodePort, epmdPort] }) => [
    { program: 'epmd', arguments: ['-address', '127.0.0.1', '-port', String(epmdPort)], port: epmdPort },
    {
      program,
      arguments: [],
      environment: {
        ERL_EPMD_ADDRESS: '127.0.0.1',
        ERL_EPMD_PORT: String(epmdPort),
        // For the cookie.
        HOME: folder,
        RABBITMQ_CONF_ENV_FILE: join(folder, 'none.conf'),
        RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq'),
        RABBITMQ_DIST_PORT: String(nodePort),
        RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
        RABBITMQ_LOG_BASE: join(folder, 'log'),
        RABBITMQ_LOGS: '-',
        RABBITMQ_MNESIA_BASE: join(folder, 'data'),
        RABBITMQ_NODENAME: `sagas_${port}@localhost`,
        RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
        RABBITMQ_NODE_PORT: String(port),
        RABBITMQ_PID_FILE: join(folder, 'pid'),
        // Threads that wait for work by spinning would take the cores from the tests.
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+sbwt none',
        // The script becomes the broker, and leaves no shell between: who ends the process ends the broker.
        RUNNING_UNDER_SYSTEMD: 'true',
      },
      port,
      greeting: { says: Buffer.from('AMQP\0\0\x09\x01', 'latin1'), answer: /RabbitMQ/ },
    },
  ],
};
