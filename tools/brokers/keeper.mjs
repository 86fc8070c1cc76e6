// Runs a program for as long as the process that asked for it lives: `node keeper.mjs PROGRAM ARGUMENTS…`. Standard input comes from
// that process and closes when it dies, also by SIGKILL: no broker outlives the run that it belongs to.
import { spawn } from 'node:child_process';

const [program, ...programArguments] = process.argv.slice(2);
const child = spawn(program, programArguments, { stdio: ['ignore', 'inherit', 'inherit'] });
child.once('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
child.once('exit', (code) => process.exit(code ?? 1));
// Nothing that a broker of tests and demos holds is worth a slow end.
process.stdin.on('close', () => child.kill('SIGKILL')).resume();
