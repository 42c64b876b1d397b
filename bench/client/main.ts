import { answerQuestions } from '../rpc.ts';
import { type Crowd, Load, type Traffic } from './load.ts';
import { comeBack } from './returning.ts';

/** The load client's process: it holds a crowd for each server that is compared. */
const crowds = new Map<string, Load>();

answerQuestions({
  open: async ({ name, crowd }: { name: string; crowd: Crowd }) => {
    crowds.set(name, await Load.open(crowd));
  },
  run: ({ name, traffic }: { name: string; traffic: Traffic }) => {
    const load = crowds.get(name);
    if (load === undefined) throw new Error(`No crowd ${name}.`);
    return load.run(traffic);
  },
  close: (name: string) => {
    crowds.get(name)?.close();
    crowds.delete(name);
  },
  comeBack,
});
