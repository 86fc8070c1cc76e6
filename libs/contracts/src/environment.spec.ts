import { z } from 'zod';

import { databaseUrl, environmentFaults, port } from './environment.js';

const schema = z.object({ HTTP_PORT: port(3000), DATABASE_URL: databaseUrl() });

describe('the environment of a service', () => {
  it('names every variable that does not fit', () => {
    expect(environmentFaults(schema, { HTTP_PORT: 'http', DATABASE_URL: 'mysql://x' })).toEqual([
      'HTTP_PORT must be a port number',
      'DATABASE_URL must be a postgres:// url',
    ]);
  });

  it('names what is missing, and has presets for ports', () => {
    expect(environmentFaults(schema, {})).toEqual(['DATABASE_URL is missing; give a postgres:// url']);
    expect(schema.parse({ DATABASE_URL: 'postgres://localhost/orders' }).HTTP_PORT).toBe(3000);
  });

  it.each(['0', '65536', '1.5', ''])('refuses the port %p', (given) => {
    expect(environmentFaults(schema, { HTTP_PORT: given, DATABASE_URL: 'postgres://localhost/orders' })).toHaveLength(1);
  });
});
