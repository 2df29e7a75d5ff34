import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The one in the path first; a distribution's own has its packages where another hides it. */
const PYTHONS = ['python3', '/usr/bin/python3'] as const;

/** PyTorch in a process of its own, which does named works when told to and says how many milliseconds each took. */
export class TorchPeer {
  readonly version: string;
  private readonly child: ChildProcess;
  private readonly lines: Interface;

  private constructor(version: string, child: ChildProcess) {
    this.version = version;
    this.child = child;
    this.lines = createInterface({ input: child.stdout! });
  }

  /** Undefined where no Python of `PYTHONS` can import torch. */
  static start(threads: number): TorchPeer | undefined {
    for (const python of PYTHONS) {
      const found = spawnSync(python, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8' });
      if (found.status !== 0) continue;
      const script = fileURLToPath(new URL('../torch_peer.py', import.meta.url));
      const child = spawn(python, [script, String(threads)], { stdio: ['pipe', 'pipe', 'inherit'] });
      return new TorchPeer(found.stdout.trim(), child);
    }
    return undefined;
  }

  /** Milliseconds of one run of a work: `conv fwd 4 256 32`, `adam 37700000`, … */
  async run(work: string): Promise<number> {
    const answer = once(this.lines, 'line');
    this.child.stdin!.write(`${work}\n`);
    const [line] = (await answer) as [string];
    const ms = Number(line);
    if (!Number.isFinite(ms)) throw new Error(`the PyTorch peer failed at '${work}': ${line}`);
    return ms;
  }

  stop(): void {
    this.child.stdin!.end();
  }
}
