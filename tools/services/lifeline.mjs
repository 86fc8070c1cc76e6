// Loaded before a service that a tool starts (node --import). Pipe 3 comes from the tool and closes when the tool dies, also by
// SIGKILL: no service outlives the run that it belongs to.
import { Socket } from 'node:net';

const toTheTool = new Socket({ fd: 3, readable: true, writable: false });
toTheTool.on('error', () => {});
toTheTool.on('close', () => process.kill(process.pid, 'SIGKILL'));
toTheTool.resume();
toTheTool.unref();
